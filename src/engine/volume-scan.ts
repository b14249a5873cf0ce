import {filesCounted, type DatabaseContents, type VolumeContents} from '../stack/prune/contents.ts';

/** The largest data directory that is copied to be counted, in kilobytes; a new one has some 40 MB. */
export const largestCopy = 256 * 1024;

/** A volume's contents, and for PostgreSQL's data where and whose it is, so that it can be asked. */
export type ScannedVolume = VolumeContents & {readonly data?: DataFolder};

/** A data directory of PostgreSQL. */
export interface DataFolder {
	readonly path: string;
	/** Owner, as a number: the same user in every image of the family. */
	readonly uid: string;
	readonly kilobytes: number;
}

/**
 * Prints a line for each of its arguments, folders: what PostgreSQL, MLflow or somebody else left in it. For any
 * POSIX shell, busybox's included; it reads only.
 */
export const scanScript = `
for v in "$@"; do
	found=
	for f in "$v"/PG_VERSION "$v"/*/PG_VERSION "$v"/*/*/PG_VERSION; do
		# A database's own folder has such a file too, but no shared catalogs.
		if [ -f "$f" ] && [ -d "\${f%/PG_VERSION}/global" ]; then found=$f; fi
	done
	if [ -n "$found" ]; then
		folder=\${found%/PG_VERSION}
		set -- $(stat -c %u "$found") $(du -sk "$folder")
		echo "$v postgresql $(cat "$found") $1 $2 $folder"
		continue
	fi
	runs=0
	for d in "$v"/*/????????????????????????????????/artifacts "$v"/*/*/????????????????????????????????/artifacts; do
		if [ -d "$d" ]; then runs=$((runs + 1)); fi
	done
	echo "$v files $runs $(find "$v" -type f | head -n ${filesCounted} | wc -l)"
done
`.trim();

const scanLine = /^(\S+) (?:postgresql (\S+) (\d+) (\d+) (.+)|files (\d+) +(\d+))$/;

/** Reads what `scanScript` printed, by folder. */
export function parseScan(text: string): ReadonlyMap<string, ScannedVolume> {
	const volumes = new Map<string, ScannedVolume>();
	for (const line of text.split('\n')) {
		const match = scanLine.exec(line);
		if (match === null) {
			continue;
		}

		const [, folder = '', version, uid = '', kilobytes, path = '', runs, files] = match;
		if (version === undefined) {
			volumes.set(folder, plainContents(Number(runs), Number(files)));
		} else {
			const data = {path, uid, kilobytes: Number(kilobytes)};
			volumes.set(folder, {kind: 'postgresql', version, databases: [], data});
		}
	}

	return volumes;
}

function plainContents(runs: number, files: number): VolumeContents {
	if (runs > 0) {
		return {kind: 'artifacts', runs};
	}

	return files > 0 ? {kind: 'files', files} : {kind: 'empty'};
}

/**
 * Counts experiments and runs in a data directory that no server uses. PostgreSQL's single-user mode needs no password
 * and listens nowhere, but it writes (it recovers after a crash), so it gets a copy.
 * https://www.postgresql.org/docs/current/app-postgres.html
 */
export const countScript = `
set -e
copy=$(mktemp -d /tmp/mlstack.XXXXXX)
trap 'rm -rf "$copy"' EXIT
cp -R "$1"/. "$copy"
chmod 700 "$copy"
rm -f "$copy/postmaster.pid" "$copy/standby.signal" "$copy/recovery.signal" "$copy/recovery.conf"
ask() {
	printf '%s\\n' "$2" | postgres --single -D "$copy" -c archive_mode=off -c fsync=off -c logging_collector=off \\
		-c shared_preload_libraries= "$1" 2>/dev/null
}
ask template1 'select datname from pg_database where datallowconn and not datistemplate' > "$copy/names"
sed -n 's/^.*datname = "\\(.*\\)".(typeid.*$/\\1/p' "$copy/names" | while IFS= read -r name; do
	# The prompt of the one before ends without a line break.
	printf '\\ndatabase %s\\n' "$name"
	ask "$name" "select (select count(*) from experiments where lifecycle_stage = 'active') as experiments, (select count(*) from runs where lifecycle_stage = 'active') as runs"
done
`.trim();

/** Reads what `countScript` printed: single-user mode shows a row as `1: experiments = "12"	(typeid = 20, ...)`. */
export function parseCounts(text: string): readonly DatabaseContents[] {
	return text.split(/^database /m).flatMap((part, index): readonly DatabaseContents[] => {
		const name = part.split('\n', 1)[0] ?? '';
		const experiments = /: experiments = "(\d+)"/.exec(part)?.[1];
		const runs = /: runs = "(\d+)"/.exec(part)?.[1];
		if (index === 0 || name === '') {
			return [];
		}

		if (experiments === undefined || runs === undefined) {
			// Every server has a database of this name, and nearly always nothing in it.
			return name === 'postgres' ? [] : [{name}];
		}

		return [{name, counts: {experiments: Number(experiments), runs: Number(runs)}}];
	});
}
