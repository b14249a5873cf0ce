/** How serious a line is, least first. */
export const levels = ['debug', 'info', 'warning', 'error', 'fatal'] as const;

export type Level = (typeof levels)[number];

/** A line whose level is not recognised counts as `info`. */
export function isAtLeast(level: Level | undefined, minimum: Level): boolean {
	return levels.indexOf(level ?? 'info') >= levels.indexOf(minimum);
}

/** How one kind of log writes its level. */
export interface LevelRule {
	readonly name: string;
	/** Its first group is the level's word, unless `level` says it. */
	readonly pattern: RegExp;
	/** What every such line holds; where it is missing the pattern, which would search the whole line, is not tried. */
	readonly holds?: string;
	readonly level?: Level;
	/** A line as it is in real logs, and its level. */
	readonly example: readonly [line: string, level: Level];
}

/** The words of syslog, PostgreSQL, Python, Go and JavaScript loggers. */
const words: Readonly<Record<string, Level>> = {
	trace: 'debug',
	debug: 'debug',
	info: 'info',
	notice: 'info',
	log: 'info',
	warn: 'warning',
	warning: 'warning',
	err: 'error',
	error: 'error',
	critical: 'fatal',
	fatal: 'fatal',
	panic: 'fatal',
	// The numbers of pino and bunyan.
	10: 'debug',
	20: 'debug',
	30: 'info',
	40: 'warning',
	50: 'error',
	60: 'fatal',
	// klog's letters.
	i: 'info',
	w: 'warning',
	e: 'error',
	f: 'fatal',
};

const word = '(DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)';
const date = String.raw`\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(?:Z| [+-]\d{4}| [A-Z]{3,4})?`;

/** The first rule that fits a line gives its level. */
export const levelRules: readonly LevelRule[] = [
	{
		name: 'access log, server error',
		pattern: /"[A-Z]+ [^\s"]+ HTTP\/[\d.]+" 5\d\d\b/,
		holds: '" 5',
		level: 'error',
		example: [
			'INFO:     127.0.0.1:42906 - "GET /api/2.0/mlflow/runs/get HTTP/1.1" 503 Service Unavailable',
			'error',
		],
	},
	{
		name: 'JSON',
		pattern: /^\{.*?"(?:level|levelname|lvl|severity|log\.level)" ?: ?"?(\w+)/,
		example: ['{"time":"2026-11-24T05:34:25Z","level":"warn","msg":"slow"}', 'warning'],
	},
	{
		name: 'MLflow, Python logging with a date',
		pattern: new RegExp(`^${date} ${word}\\b`),
		example: ['2026/11/23 19:48:22 ERROR mlflow.cli: Error initializing backend store', 'error'],
	},
	{
		name: 'uvicorn',
		pattern: new RegExp(`^(?:${date} )?${word}: +\\S`),
		example: ['INFO:     Application startup complete.', 'info'],
	},
	{
		name: 'PostgreSQL, behind its default prefix or another with the process id',
		pattern: /^(?:[^[\]]{0,80}\[\d+\].{0,80}?|)(DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC)\d?: {2}/,
		holds: ':  ',
		example: ['2026-11-24 05:34:25.086 UTC [33] FATAL:  role "mlflow" does not exist', 'fatal'],
	},
	{
		name: 'Python logging with dashes',
		pattern: new RegExp(`^${date} - \\S+ - ${word} - `),
		example: ['2026-11-24 05:34:25,086 - optuna - WARNING - Trial 3 failed', 'warning'],
	},
	{
		name: 'gunicorn',
		pattern: new RegExp(`^\\[${date}\\] \\[\\d+\\] \\[${word}\\]`),
		example: ['[2026-11-23 19:27:14 +0000] [8679] [CRITICAL] WORKER TIMEOUT (pid:8681)', 'fatal'],
	},
	{
		name: 'Flask',
		pattern: new RegExp(`^\\[${date}\\] ${word} in `),
		example: ['[2026-11-24 05:34:25,086] ERROR in app: Exception on /runs [GET]', 'error'],
	},
	{
		name: 'loguru',
		pattern: new RegExp(`^${date} \\| ${word} *\\|`),
		example: ['2026-11-24 05:34:25.086 | DEBUG    | app:main:12 - loaded', 'debug'],
	},
	{
		name: 'Python logging, basicConfig',
		pattern: new RegExp(`^${word}:[\\w.]+:`),
		example: ['WARNING:root:low on disk', 'warning'],
	},
	{
		name: 'alembic',
		pattern: new RegExp(`^${word} +\\[[\\w.]+\\] `),
		example: ['INFO  [alembic.runtime.migration] Running upgrade  -> 451aebb31d03, add metric step', 'info'],
	},
	{
		name: 'level in capitals, then the text',
		pattern: new RegExp(`^(?:${date} )?${word} +\\S`),
		example: ['ERROR could not read the training data', 'error'],
	},
	{
		name: 'level in brackets',
		pattern: new RegExp(`^(?:${date} )?\\[${word}\\]`, 'i'),
		example: ['[error] cannot open the file', 'error'],
	},
	{
		name: 'logfmt',
		pattern: /(?:^|\s)level="?([A-Za-z]+)\b/,
		holds: 'level=',
		example: ['time=2026-11-24T05:34:25Z level=error msg="no route"', 'error'],
	},
	{
		name: 'klog',
		pattern: /^([IWEF])\d{4} \d\d:\d\d:\d\d\./,
		example: ['W1124 05:34:25.086000       1 reflector.go:324] failed to list', 'warning'],
	},
	{
		name: 'Python traceback',
		pattern: /^(?: *\+ Exception Group )?Traceback \(most recent call last\):/,
		level: 'error',
		example: ['Traceback (most recent call last):', 'error'],
	},
	{
		name: 'Python exception',
		pattern: /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception)(?:: |$)/,
		level: 'error',
		example: ["ModuleNotFoundError: No module named 'psycopg'", 'error'],
	},
	{
		name: 'Python warning',
		pattern: /^\S+\.py:\d+: \w*Warning: /,
		level: 'warning',
		example: ['/app/train.py:23: FutureWarning: use set_params', 'warning'],
	},
	{
		name: 'a program that says so itself',
		pattern: /^(?:[\w./-]+: )?(error|fatal|panic|warning): /i,
		example: ['initdb: error: directory "/var/lib/postgresql/data" exists but is not empty', 'error'],
	},
];

const firstRules = levelRules.filter(({holds}) => holds === undefined);
const laterRules = levelRules.filter(({holds}) => holds !== undefined);

/** The rules that look at a line's start, as one: one look instead of fifteen for what names no level. */
const firstRule = firstRules
	.map(({pattern}) => (pattern.ignoreCase ? `(?i:${pattern.source})` : pattern.source))
	.join('|');
const namesLevelFirst = new RegExp(firstRule);

const namesLevelUndated = new RegExp(firstRule.replaceAll(date, '(?!)'));

/** Characters of a line that are looked at: nobody names a level further on, and a hostile line must not cost more. */
const searched = 2000;

/** The level that a line names, without its colours; undefined when it names none. `holds`: `holdsAny` of the line. */
export function levelOf(line: string, holds = holdsAny(line)): Level | undefined {
	const text = line.length > searched ? line.slice(0, searched) : line;
	if ((mayHaveDate(text) ? namesLevelFirst : namesLevelUndated).test(text)) {
		return levelBy(levelRules, text);
	}

	return holds ? levelBy(laterRules, text) : undefined;
}

/** Whether a line can begin with the date of a rule, by the mark after its year: without it six rules need not look. */
function mayHaveDate(text: string): boolean {
	const mark = text[text.startsWith('[') ? 5 : 4];
	return mark === '-' || mark === '/';
}

/** The level that the first rule that fits gives. */
export function levelBy(rules: readonly LevelRule[], text: string): Level | undefined {
	for (const {pattern, holds, level} of rules) {
		if (holds !== undefined && !text.includes(holds)) {
			continue;
		}

		const match = pattern.exec(text);
		if (match) {
			return level ?? words[(match[1] ?? '').toLowerCase()];
		}
	}

	return undefined;
}

/** Lines that say nothing new, however often they come. */
export interface NoiseRule {
	readonly name: string;
	readonly pattern: RegExp;
	/** What every such line holds: it is looked for first, as that costs less. */
	readonly holds: string;
	readonly example: string;
}

/** One line each; a static prefix of MLflow's may stand before the path. */
export const noiseRules: readonly NoiseRule[] = [
	{
		name: 'health check that was answered',
		pattern:
			/"(?:GET|HEAD) \/(?:[^\s"?]*\/)?(?:health|healthz|livez|readyz|ping|version|metrics)[?\s][^"]*" [23]\d\d\b/,
		holds: 'HTTP/',
		example: '2026/11/24 05:58:19 INFO:     127.0.0.1:42864 - "GET /health HTTP/1.1" 200 OK',
	},
	{
		name: "mlstack's own question whether MLflow works",
		pattern: /"GET \/(?:[^\s"?]*\/)?api\/2\.0\/mlflow\/experiments\/search\?max_results=1 [^"]*" 200\b/,
		holds: 'max_results=1 ',
		example:
			'INFO:     127.0.0.1:42884 - "GET /api/2.0/mlflow/experiments/search?max_results=1 HTTP/1.1" 200 OK',
	},
	{
		name: "MLflow's use of what Starlette will remove",
		pattern: /\.py:\d+: StarletteDeprecationWarning: /,
		holds: 'StarletteDeprecationWarning',
		example:
			'/usr/lib/python3.13/mlflow/server/fastapi_app.py:23: StarletteDeprecationWarning: starlette.middleware.wsgi is deprecated',
	},
];

/** What rules look for within a line. */
const heldByAny = new RegExp(
	[...laterRules, ...noiseRules]
		.map(({holds = ''}) => holds.replaceAll(/[^\w\s]/g, String.raw`\$&`))
		.join('|'),
);

/** Whether a line holds what some rule looks for within it. Nearly none does, and this one look tells. */
export function holdsAny(line: string): boolean {
	return heldByAny.test(line);
}

/** Whether a line, without its colours, is noise. `holds`: `holdsAny` of the line. */
export function isNoise(text: string, holds = holdsAny(text)): boolean {
	if (!holds) {
		return false;
	}

	for (const {pattern, holds: part} of noiseRules) {
		if (text.includes(part) && pattern.test(text)) {
			return true;
		}
	}

	return false;
}
