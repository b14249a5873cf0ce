import type {RequestOptions} from '../../src/engine/docker/connection.ts';
import type {Requests} from '../../src/engine/docker/requests.ts';
import {asFailure, Failure} from '../../src/failure.ts';

/** Answers to `METHOD /path`; a function is called each time, an Error is thrown. What is absent is not found. */
export type Answers = Record<string, unknown>;

/** Stands in for a connection: answers from a table, and remembers what was asked. */
export function fakeRequests(answers: Answers, apiVersion = '1.51'): Requests & {readonly asked: string[]} {
	const asked: string[] = [];
	return {
		apiVersion,
		asked,
		explain: async (error) => asFailure(error),
		json: async (method, path, {query, signal}: RequestOptions = {}) => {
			signal?.throwIfAborted();
			const key = `${method} ${path}`;
			asked.push(query === undefined ? key : `${key} ${JSON.stringify(query)}`);
			const typed = `${key} ${JSON.stringify(query)}`;
			const answer = Object.hasOwn(answers, typed) ? answers[typed] : answers[key];
			const value: unknown = typeof answer === 'function' ? await answer() : answer;
			if (value instanceof Error) {
				throw value;
			}

			if (value === undefined && !Object.hasOwn(answers, typed) && !Object.hasOwn(answers, key)) {
				throw new Failure(`No such object: ${path}`, {code: 'not-found'});
			}

			return value;
		},
	};
}

export function conflict(message: string): Failure {
	return new Failure(message, {code: 'conflict'});
}
