import {docker, type Project} from '../support/project.ts';

/**
 * A container of the project that waits for a word before it writes, so that the program that is measured has its log
 * open by then. `FLOOD READY` is its first line, `LAST LINE` its last.
 */
export class FloodContainer {
	readonly name: string;

	private constructor(name: string) {
		this.name = name;
	}

	/** `script`: what writes, for busybox's shell. */
	static async start(project: Pick<Project, 'name'>, script: string): Promise<FloodContainer> {
		const name = `${project.name}-flood`;
		const labels = {project: project.name, service: 'flood', 'container-number': '1', oneoff: 'False'};
		await docker(
			'run',
			'--detach',
			`--name=${name}`,
			...Object.entries(labels).map(([key, value]) => `--label=com.docker.compose.${key}=${value}`),
			'busybox',
			'sh',
			'-c',
			`mkfifo /tmp/go; echo FLOOD READY; read word < /tmp/go; ${script}; echo LAST LINE; sleep 600`,
		);
		return new FloodContainer(name);
	}

	async go(): Promise<void> {
		await docker('exec', this.name, 'sh', '-c', 'echo go > /tmp/go');
	}

	async remove(): Promise<void> {
		await docker('rm', '--force', this.name);
	}
}

/** Numbered lines of `length` characters at full speed. */
export function atFullSpeed(lines: number, length = 120): string {
	return `awk 'BEGIN{p=sprintf("%${length - 9}s",""); gsub(/ /,"x",p); for(i=1;i<=${lines};i++) printf "%08d %s\\n", i, p}'`;
}

/** Lines of 120 characters, `rate` a second: a tenth of them every tenth of a second by the machine's clock. */
export function atRate(rate: number, seconds: number): string {
	return [
		`${atFullSpeed(rate / 10)} > /tmp/part`,
		'now() { read up _ < /proc/uptime; now=${up%.*}${up#*.}; }',
		'now; next=$now; i=0',
		`while [ $i -lt ${seconds * 10} ]; do cat /tmp/part; i=$((i+1)); next=$((next+10)); now; while [ $now -lt $next ]; do usleep 4000; now; done; done`,
	].join('; ');
}
