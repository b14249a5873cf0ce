import {mask} from './mask.ts';
import type {EngineInfo} from './model.ts';

/** The engine in one line: `docker 28.5.2, API 1.51, linux/amd64 (default, unix:///var/run/docker.sock)`. */
export function engineLine({kind, version, apiVersion, context, endpoint, os, arch}: EngineInfo): string {
	const name = [kind, version].filter((part) => part !== '').join(' ');
	const api = apiVersion === '' ? '' : `, API ${apiVersion}`;
	const place = [context, mask(endpoint)].filter((part) => part !== '').join(', ');
	return `${name}${api}, ${os}/${arch} (${place})`;
}
