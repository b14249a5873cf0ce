import {Failure, type ExitReason} from '../failure.ts';
import {jsonVersion} from '../stack/status-json.ts';
import type {CommandContext} from './context.ts';
import {currentStatus} from './observe.ts';
import {openStack} from './stack.ts';

/** `mlstack open`: prints MLflow's address, and opens it once something answers there. */
export async function run(context: CommandContext): Promise<ExitReason> {
	const {values, stdout, stderr, signal, browse} = context;
	const opened = await openStack(context);
	const {url, services} = await currentStatus(opened, signal);
	if (url === undefined) {
		throw noAddress(
			opened.stack.project,
			services.some(({role}) => role === 'tracking'),
		);
	}

	const tracking = services.find((service) => service.url === url)?.tracking;
	const isOpened = tracking?.answers === true && !values.print && (await browse(url));
	await stdout.write(
		values.json
			? `${JSON.stringify({version: jsonVersion, url, opened: isOpened, answers: tracking?.answers ?? false, works: tracking?.works ?? false})}\n`
			: `${url}\n`,
	);
	if (!tracking?.answers) {
		if (!values.json) {
			await stderr.write(
				`mlstack: nothing answers there yet${tracking ? `: ${tracking.why}` : '; `mlstack up --wait` starts it'}\n`,
			);
		}

		return 'notHealthy';
	}

	if (!values.json && tracking.why !== '') {
		await stderr.write(`mlstack: ${tracking.why}\n`);
	} else if (!values.json && !values.print && !isOpened) {
		await stderr.write('mlstack: there is no browser here; open the address on a machine that reaches it\n');
	}

	return 'fine';
}

function noAddress(project: string, hasServer: boolean): Failure {
	return new Failure(`${project} has no address at which MLflow can be opened`, {
		code: 'no-address',
		reason: 'notHealthy',
		why: hasServer
			? 'its MLflow server publishes no port that is reached from here'
			: 'none of its services is an MLflow server',
		next: hasServer
			? ["add a port to its compose file: `ports: ['127.0.0.1:5000:5000']`"]
			: ['say which one is with a label: `mlstack.role: tracking`'],
	});
}
