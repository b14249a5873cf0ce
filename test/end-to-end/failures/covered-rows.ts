import type {CoveredRow} from './row.ts';

const recorded = 'stack/diagnosis/recorded-logs.test.ts';
const examples = 'stack/diagnosis/line-rules.test.ts';
const states = 'stack/diagnosis/state-rules.test.ts';

/** Rules whose failure is not reproduced with an engine here, why, and what tests them instead. */
export const coveredRows: readonly CoveredRow[] = [
	{
		rule: 'sqlalchemy-too-new',
		why: 'Needs MLflow 3.5.1 or older with SQLAlchemy 2.1: an image of 900 MB more.',
		by: recorded,
	},
	{
		rule: 'package-missing',
		why: 'Reproduced in a build; at the start of a container it is the same line.',
		by: recorded,
	},
	{
		rule: 'collation-version',
		why: 'Needs two images of one PostgreSQL on different Debian releases.',
		by: examples,
	},
	{
		rule: 'worker-killed',
		why: 'gunicorn’s: needs MLflow 2, and an upload of more than 30 s.',
		by: examples,
	},
	{
		rule: 'artifacts-at-client',
		why: 'Shows in the log of a client. One outside the stack has none here, and of the stack’s own only the logs of PostgreSQL and MLflow are read for cards; `mlstack doctor` finds the cause in the compose file.',
		by: examples,
	},
	{
		rule: 'backend-store',
		why: 'The line that MLflow writes before every failure of its store: told only where none of the others is known.',
		by: examples,
	},
	{rule: 'start-interval', why: 'Needs an engine before 25.', by: examples},
	{
		rule: 'compose-v1',
		why: 'mlstack never calls docker-compose 1, whose packages cannot be installed any more on a current Python; where it is the only one, mlstack says so before it starts anything.',
		by: 'engine/docker/compose.test.ts',
	},
	{
		rule: 'nothing-pruned',
		why: 'The line is `docker volume prune`’s, which mlstack does not call.',
		by: examples,
	},
	{rule: 'works-not', why: 'A server error of MLflow for which no rule has a better word.', by: states},
	{rule: 'airplay', why: 'Needs macOS.', by: states},
	{rule: 'no-answer', why: 'Told after a minute or more, which is too long for a test.', by: states},
];
