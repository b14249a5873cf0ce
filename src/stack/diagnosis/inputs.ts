import type {Failure} from '../../failure.ts';
import type {OperationKind, Stack, TrackingHealth} from '../model.ts';
import type {Diagnosis} from './state.ts';
import type {StackInput} from '../startup/input.ts';
import type {ServiceView} from '../state.ts';

/** What timeline and diagnosis learn from a stack that was resolved. */
export function servicesInput(stack: Stack): StackInput {
	return {type: 'services', services: stack.services, compose: composeWords(stack)};
}

/** Files that compose finds by itself, in the project's folder. */
const foundByItself = /\/(?:docker-)?compose\.ya?ml$/;

/** What to type for a stack: `docker compose`, with the files that it would not find by itself. */
function composeWords({origin, files}: Stack): string {
	const [first] = files;
	const isFound = origin === 'files' && files.length === 1 && foundByItself.test(first ?? '');
	const words = isFound ? [] : files.map((file) => `-f ${/\s/.test(file) ? `'${file}'` : file}`);
	return ['docker compose', ...words].join(' ');
}

/** What they learn from the end of mlstack's own operation; `failure` when it failed or was cancelled. */
export function endInput(
	operation: OperationKind,
	at: number,
	failure: Failure | 'cancelled' | undefined,
): StackInput {
	const text =
		failure === undefined || failure === 'cancelled' ? failure : [failure.message, failure.why].join('\n');
	return {type: 'end', at, operation, ...(text !== undefined && {failure: text})};
}

/** What they learn from MLflow's answer; nothing where no service is a tracking server. */
export function probeInputs(
	services: ReadonlyArray<Pick<ServiceView, 'name' | 'role'>>,
	health: TrackingHealth | undefined,
): readonly StackInput[] {
	const service = services.find(({role}) => role === 'tracking');
	return service && health ? [{type: 'probe', service: service.name, health}] : [];
}

/** The ports that an operation was refused, as far as nobody has said yet who has them. */
export function portsWithoutOwner({findings, owners}: Diagnosis): readonly number[] {
	return findings
		.filter(({rule, found}) => rule === 'port-taken' && owners[found] === undefined)
		.map(({found}) => Number(found));
}
