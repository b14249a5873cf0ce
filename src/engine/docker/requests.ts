import type {Failure} from '../../failure.ts';
import type {Method, RequestOptions} from './connection.ts';

/** As much of a connection as reads and removes objects: what tests stand in for. */
export interface Requests {
	json(method: Method, path: string, options?: RequestOptions): Promise<unknown>;
	explain(error: unknown): Promise<Failure>;
	readonly apiVersion: string;
}
