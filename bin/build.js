// Bundles src/main.ts into dist/: one entry, and chunks for what is loaded later (the screen, the engine).
import {readFile, rm} from 'node:fs/promises';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Replaces `from` in a module's source, and fails when a new version of it no longer holds it. */
function patch(name, filter, replacements) {
	return {
		name,
		setup({onLoad}) {
			onLoad({filter}, async ({path}) => {
				let contents = await readFile(path, 'utf8');
				for (const [from, to, times] of replacements) {
					const parts = contents.split(from);
					if (parts.length - 1 !== times) {
						throw new Error(`${name}: ${path} holds this ${parts.length - 1} times, not ${times}: ${from}`);
					}

					contents = parts.join(to);
				}

				return {contents, loader: 'js'};
			});
		},
	};
}

/** Modules that a bundle never needs, as empty ones. */
function leaveOut(names) {
	return {
		name: 'leave-out',
		setup({onResolve, onLoad}) {
			onResolve({filter: new RegExp(`^(${names.join('|')})$`)}, ({path}) => ({path, namespace: 'left-out'}));
			onLoad({filter: /.*/, namespace: 'left-out'}, () => ({contents: 'export default {}', loader: 'js'}));
		},
	};
}

await rm(new URL('../dist', import.meta.url), {recursive: true, force: true});
await build({
	absWorkingDir: root,
	entryPoints: ['src/main.ts'],
	outdir: 'dist',
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node22.13',
	minifySyntax: true,
	minifyWhitespace: true,
	legalComments: 'none',
	// Dependencies in CommonJS call require for Node's own modules.
	banner: {
		js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
	},
	define: {'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"'},
	plugins: [
		// The developer tools are off; ssh goes through the docker CLI, builds through compose: no ssh2, no gRPC.
		leaveOut(['react-devtools-core', 'ws', 'ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs']),
		// Decoding the wasm with fetch loads undici: 15 to 30 ms of every start.
		patch('yoga-without-fetch', /yoga-wasm-base64-esm\.js$/, [
			['"function"!=typeof fetch', '!0', 2],
			[
				'var b=xa(a.slice(37)),c=new Uint8Array(b.length);for(a=0;a<b.length;++a)c[a]=b.charCodeAt(a);var d=c}',
				'var d=new Uint8Array(Buffer.from(a.slice(37),"base64"))}',
				1,
			],
		]),
	],
});
