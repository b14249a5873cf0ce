import {isNativeError} from 'node:util/types';
import {createContext, Script, type Context} from 'node:vm';

let context: Context | undefined;
let script: Script | undefined;

/**
 * Runs `work`, and stops it in the middle when it takes longer than `milliseconds`: the one way to get out of a regular
 * expression that backtracks for ever (node:vm, option `timeout`; a call costs some 0.2 ms). Work that was stopped may
 * have done a part of what it does: it must only write to what is thrown away then. Gives whether it came to its end.
 */
export function withinTime(milliseconds: number, work: () => void): boolean {
	context ??= createContext({});
	script ??= new Script('work()');
	context['work'] = work;
	try {
		script.runInContext(context, {timeout: milliseconds});
		return true;
	} catch (error) {
		// It is an Error of the other context's, no `instanceof` of this one's.
		if (isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
			return false;
		}

		throw error;
	} finally {
		context['work'] = undefined;
	}
}
