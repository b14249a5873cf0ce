import {countsText, type MlflowCounts} from '../backup-manifest.ts';
import {formatCount} from '../format.ts';

/** What a look into a volume found. */
export type VolumeContents =
	| {readonly kind: 'empty'}
	| {
			readonly kind: 'postgresql';
			/** The major version that wrote it: `18`, or `9.6`. */
			readonly version: string;
			/** Its databases, as far as they could be asked. */
			readonly databases: readonly DatabaseContents[];
	  }
	/** MLflow's layout, EXPERIMENT/RUN/artifacts. */
	| {readonly kind: 'artifacts'; readonly runs: number}
	| {readonly kind: 'files'; readonly files: number};

export interface DatabaseContents {
	readonly name: string;
	/** Absent for one that is no backend store of MLflow. */
	readonly counts?: MlflowCounts;
}

/** Counting stops here: a million files take a while, and it makes no difference. */
export const filesCounted = 100_000;

/** What would be lost with a volume: `PostgreSQL 18 data, database mlflow: 12 experiments, 340 runs`. */
export function contentsText(contents: VolumeContents): string {
	switch (contents.kind) {
		case 'empty': {
			return 'empty';
		}

		case 'postgresql': {
			const databases = contents.databases.map(({name, counts}) =>
				counts === undefined ? `database ${name}` : `database ${name}: ${countsText(counts)}`,
			);
			return [`PostgreSQL ${contents.version} data`, ...databases].join(', ');
		}

		case 'artifacts': {
			return `artifacts of ${formatCount(contents.runs, 'run')}`;
		}

		case 'files': {
			const more = contents.files >= filesCounted ? ' or more' : '';
			return `${formatCount(contents.files, 'file')}${more}`;
		}
	}
}
