import type {Failure} from '../../failure.ts';
import type {OperationKind, Stack, TrackingHealth} from '../model.ts';
import type {Diagnosis} from './state.ts';
import type {StackInput} from '../startup/input.ts';
import type {ServiceView} from '../state.ts';

/** What timeline and diagnosis learn from a stack that was resolved. */
export function servicesInput(stack: Stack, ranBefore?: number): StackInput {
	return {
		type: 'services',
		services: stack.services,
		compose: composeWords(stack),
		...(ranBefore !== undefined && {ranBefore}),
	};
}

/** Files that compose finds by itself, in the project's folder. */
const foundByItself = /\/(?:docker-)?compose\.ya?ml$/;

/**
 * What to type for a stack: `docker compose`, with the files and the name that it would not find by itself; mlstack for
 * its own stack where that runs without compose, and so without a file.
 */
function composeWords({origin, files, project}: Stack): string {
	const [first = ''] = files;
	if (origin === 'own' && files.length === 0) {
		return 'mlstack';
	}

	const isFound = origin === 'files' && files.length === 1 && foundByItself.test(first);
	const words = isFound ? [] : files.map((file) => `-f ${/\s/.test(file) ? `'${file}'` : file}`);
	return ['docker compose', ...words, ...(project === nameOfFolder(first) ? [] : [`-p ${project}`])].join(
		' ',
	);
}

/** The name that compose gives to a project by itself: its folder's, in small letters, without other signs. */
function nameOfFolder(file: string): string {
	const folder = file.split('/').at(-2) ?? '';
	return folder
		.toLowerCase()
		.replace(/[^\w-]/g, '')
		.replace(/^[_-]+/, '');
}

/** What they learn from the end of mlstack's own operation; `failure` when it failed or was cancelled. */
export function endInput(
	operation: OperationKind,
	at: number,
	failure: Failure | 'cancelled' | undefined,
): StackInput {
	if (failure === undefined || failure === 'cancelled') {
		return {type: 'end', at, operation, ...(failure && {failure})};
	}

	const {message, why, cause} = failure;
	const said = cause instanceof Error ? cause.message : '';
	return {type: 'end', at, operation, failure: [message, why].join('\n'), said};
}

/** What they learn from MLflow's answer; nothing where no service is a tracking server. */
export function probeInputs(
	services: ReadonlyArray<Pick<ServiceView, 'name' | 'role'>>,
	health: TrackingHealth | undefined,
): readonly StackInput[] {
	const service = services.find(({role}) => role === 'tracking');
	return service && health ? [{type: 'probe', service: service.name, health}] : [];
}

/** The ports that the services of the stack publish. */
export function publishedPorts({services}: Pick<Diagnosis, 'services'>): ReadonlySet<number> {
	return new Set(services.flatMap(({ports}) => ports.map(({published}) => published)));
}

/** The ports that an operation was refused, as far as nobody has said yet who has them. */
export function portsWithoutOwner({findings, owners}: Diagnosis): readonly number[] {
	return findings
		.filter(({rule, found}) => rule === 'port-taken' && owners[found] === undefined)
		.map(({found}) => Number(found));
}
