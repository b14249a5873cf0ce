import {readFile} from 'node:fs/promises';
import {isAbsolute, relative} from 'node:path';
import {isOwnStackWritten, isUntouched} from '../docker/own-stack-files.ts';
import type {Engine} from '../engine.ts';
import {Failure} from '../../failure.ts';
import {diff} from '../../stack/lint/diff.ts';
import {fix, lint, type LintChange} from '../../stack/lint/lint.ts';
import type {LintFinding, LintInput} from '../../stack/lint/rule.ts';
import {nodeAt, parseSource, type Path, type Source} from '../../stack/lint/source.ts';
import {mask} from '../../stack/mask.ts';
import type {EnvironmentFacts} from '../../stack/environment/facts.ts';
import type {Stack} from '../../stack/model.ts';

/** A compose file, and what is wrong in it. */
export interface CheckedFile {
	/** Absolute. */
	readonly path: string;
	readonly input: LintInput;
	readonly findings: readonly LintFinding[];
	/** mlstack wrote it, nobody edited it, and a newer mlstack replaces it. */
	readonly isOurs: boolean;
}

/** A compose file as it would be after its mends. */
export interface Correction {
	readonly file: CheckedFile;
	readonly text: string;
	readonly changes: readonly LintChange[];
	/** In the unified format, without passwords. */
	readonly diff: string;
}

export interface CheckOptions {
	/** Files below it are named relative to it. */
	readonly directory: string;
	/** The engine's version, if one answers. */
	readonly engineVersion: string | undefined;
	/** Milliseconds since 1970. */
	readonly now: number;
}

/** How the files of a stack are checked that runs on what was seen. */
export function checkOptionsFor(facts: EnvironmentFacts, directory: string): CheckOptions {
	const engineVersion = facts.kind === 'docker' ? facts.engine?.version : undefined;
	return {directory, engineVersion, now: Date.now()};
}

/** Why a stack has no file to check, in a sentence; undefined when it has one. */
export function whyNoFile({project, origin, files, directory}: Stack): string | undefined {
	if (origin === 'project') {
		return `The compose file of ${project} is not known here; name it: mlstack -f FILE doctor`;
	}

	if (files.length === 0) {
		return `${project} runs as plain processes, without a compose file.`;
	}

	return origin === 'own' && !isOwnStackWritten(directory)
		? 'mlstack’s own stack is not written yet: `mlstack up` writes it.'
		: undefined;
}

/** Checks each compose file of a stack. Throws a Failure for one that cannot be read or that compose refuses. */
export async function checkFiles(
	engine: Engine,
	stack: Stack,
	{directory, engineVersion, now}: CheckOptions,
	signal?: AbortSignal,
): Promise<readonly CheckedFile[]> {
	if (whyNoFile(stack) !== undefined) {
		return [];
	}

	const sources = await Promise.all(stack.files.map(readSource));
	const trees = sources.map((source) => parseSource(source));
	const config = await engine.composeConfig(stack, signal);
	return stack.files.map((path, index) => {
		const source = sources[index] ?? '';
		const input: LintInput = {
			file: shownPath(path, directory),
			source,
			config,
			...(engineVersion !== undefined && {engineVersion}),
			now,
		};
		const findings = lint(input).filter((finding) => answersFor(trees, index, finding));
		return {path, input, findings, isOurs: stack.origin === 'own' && isUntouched(source)};
	});
}

/**
 * Whether a finding belongs to this one of several files: it does where it stands. What stands in none, such as a
 * missing healthcheck, belongs to the first file that names the service.
 */
function answersFor(files: readonly Source[], index: number, {path}: LintFinding): boolean {
	const holding = (part: Path): readonly number[] =>
		files.flatMap((file, at) => (part.length === 0 || nodeAt(file, part) !== undefined ? [at] : []));
	const isService = path.length === 2;
	const places = isService ? [] : holding(path);
	return places.length > 0 ? places.includes(index) : (holding(path.slice(0, 2))[0] ?? 0) === index;
}

/**
 * What `fix` makes of these files, of the findings that are wanted; files that stay as they are, and mlstack's own, are
 * left out.
 */
export function correctionsOf(
	files: readonly CheckedFile[],
	isWanted: (finding: LintFinding) => boolean = () => true,
): readonly Correction[] {
	return files.flatMap((file) => {
		const {input, findings, isOurs} = file;
		const {source: text, changes} = fix(input, findings.filter(isWanted));
		return isOurs || text === input.source
			? []
			: [{file, text, changes, diff: maskLines(diff(input.source, text, input.file))}];
	});
}

/** Line by line, since a value that masking took for a secret could otherwise begin on the next line. */
function maskLines(text: string): string {
	return text
		.split('\n')
		.map((line) => mask(line))
		.join('\n');
}

async function readSource(path: string): Promise<string> {
	const bytes = await readFile(path).catch((error: unknown) => {
		throw new Failure(`${path} cannot be read`, {
			code: 'compose-file-unreadable',
			why: error instanceof Error ? error.message : '',
			next: [`ls -l ${path}`],
			cause: error,
		});
	});
	const text = bytes.toString('utf8');
	if (!Buffer.from(text).equals(bytes)) {
		throw new Failure(`${path} is not written in UTF-8`, {
			code: 'compose-file-encoding',
			why: 'YAML files are; writing it back would damage what cannot be read.',
			next: [`iconv -f latin1 -t utf-8 ${path} (if it is Latin-1)`],
		});
	}

	return text;
}

function shownPath(path: string, directory: string): string {
	const below = relative(directory, path);
	return below.startsWith('..') || isAbsolute(below) ? path : below;
}
