import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {docker} from './project.ts';

/** An MLflow that mlstack's own stack does not offer, and what it runs on. */
export interface OlderMlflow {
	readonly version: string;
	readonly base: string;
	/** Packages besides, as a requirement each. */
	readonly packages: readonly string[];
}

/** The last of 2.x, on gunicorn. SQLAlchemy 2.1 came after it, and breaks it. */
export const mlflow2: OlderMlflow = {
	version: '2.22.5',
	base: 'python:3.13-slim-trixie',
	packages: ['psycopg2-binary', 'sqlalchemy<2.1'],
};

/** The last of 1.x. Its gunicorn imports pkg_resources, which setuptools dropped. */
export const mlflow1: OlderMlflow = {
	version: '1.30.1',
	base: 'python:3.9',
	packages: ['psycopg2-binary', 'setuptools<81'],
};

/** Builds its image where the engine has none yet, which keeps it. Gives its name. */
export async function olderMlflowImage({version, base, packages}: OlderMlflow): Promise<string> {
	const image = `mlstack-test/mlflow:${version}`;
	if ((await docker('images', '--quiet', image)) !== '') {
		return image;
	}

	const wanted = [`mlflow==${version}`, ...packages].map((name) => `"${name}"`).join(' ');
	const folder = await mkdtemp(join(tmpdir(), 'mlstack-image-'));
	try {
		// uv takes a third of pip's time.
		await writeFile(
			join(folder, 'Dockerfile'),
			`FROM ${base}
ENV PATH=/opt/mlflow/bin:$PATH PYTHONUNBUFFERED=1 GIT_PYTHON_REFRESH=quiet
RUN pip install --quiet --no-cache-dir --disable-pip-version-check --target /tmp/uv uv==0.13.9 \\
 && export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1 \\
 && /tmp/uv/bin/uv venv --quiet /opt/mlflow \\
 && /tmp/uv/bin/uv pip install --quiet --python /opt/mlflow ${wanted} \\
 && rm -r /tmp/uv
`,
		);
		await docker('build', '--quiet', '--tag', image, folder);
	} finally {
		await rm(folder, {recursive: true, force: true});
	}

	return image;
}
