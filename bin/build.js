// Bundles the program into dist/: its entry, and chunks for what is loaded later (the screen, the engine).
import {readFile, rm} from 'node:fs/promises';
import {builtinModules} from 'node:module';
import {fileURLToPath} from 'node:url';
import {build} from 'esbuild';
import {narrowText} from '../src/narrow-text.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Replaces `from` in a module's source, and fails when a new version of it no longer holds it. `imports`: what the new
 * source uses of ours, as [name, path].
 */
function patch(name, filter, replacements, imports = []) {
	return {
		name,
		setup({onLoad}) {
			onLoad({filter}, async ({path}) => {
				let contents = await readFile(path, 'utf8');
				for (const [imported, from] of imports) {
					contents = `import {${imported}} from ${JSON.stringify(root + from)};\n${contents}`;
				}

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

/**
 * Node's own modules by require instead of import: an import reads every export of a module, which loads undici for
 * http (20 ms of a start), sets up crypto, and so on: 40 ms in all. And https, 10 ms, only when it is used.
 */
const requiredBuiltins = {
	name: 'required-builtins',
	setup({onResolve, onLoad}) {
		const names = new Set(builtinModules);
		onResolve({filter: /^(node:)?[a-z_/0-9]+$/}, ({path, namespace}) => {
			const name = path.replace(/^node:/, '');
			if (!names.has(name)) {
				return undefined;
			}

			return namespace === 'required'
				? {path: `node:${name}`, external: true}
				: {path: name, namespace: 'required'};
		});
		onLoad({filter: /.*/, namespace: 'required'}, ({path}) => ({
			contents:
				path === 'https'
					? `
						const load = () => require('node:https');
						module.exports = {
							request: (...options) => load().request(...options),
							get Agent() { return load().Agent; },
						};`
					: `module.exports = require('node:${path}')`,
			loader: 'js',
		}));
	},
};

await rm(new URL('../dist', import.meta.url), {recursive: true, force: true});
await build({
	absWorkingDir: root,
	// The supervisor of the native engine is a program of its own: it outlives mlstack.
	entryPoints: {main: 'src/main.ts', supervisor: 'src/engine/native/supervisor/main.ts'},
	outdir: 'dist',
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node22.13',
	// Regular expressions stay literals, which are compiled when they are first used.
	supported: {'regexp-set-notation': true, 'regexp-unicode-property-escapes': true},
	minifySyntax: true,
	minifyWhitespace: true,
	legalComments: 'none',
	// Dependencies in CommonJS call require for Node's own modules.
	banner: {
		js: "import {createRequire as __createRequire} from 'node:module';const require=__createRequire(import.meta.url);",
	},
	inject: ['src/fast-segmenter.ts'],
	define: {
		'Intl.Segmenter': 'FastSegmenter',
		'process.env.NODE_ENV': '"production"',
		'process.env.DEV': '"false"',
	},
	plugins: [
		// The developer tools are off; ssh goes through the docker CLI, builds through compose: no ssh2, no gRPC.
		leaveOut(['react-devtools-core', 'ws', 'ssh2', '@grpc/grpc-js', '@grpc/proto-loader', 'protobufjs']),
		// Decoding the wasm with fetch loads undici: 15 to 30 ms of every start.
		requiredBuiltins,
		// The width of text without emoji and combining marks is its length, styles aside: no regular expression of all emoji
		// (24 ms at its first use), no segmenter (most of a frame). test/text.test.ts proves it for each character here.
		patch(
			'string-width-fast-path',
			/string-width\/index\.js$/,
			[
				[
					'	let string = input;\n',
					`	if (!countAnsiEscapeCodes && styledNarrowText.test(input)) {
		return styledWidth(input);
	}

	let string = input;
`,
					1,
				],
				// Expressions over Unicode's properties are made when a text needs them, not at every start.
				[
					String.raw`const visibleCharacterRegex = /[^\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}]/v;`,
					String.raw`const visible = () => /[^\p{Default_Ignorable_Code_Point}\p{Control}\p{Format}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Surrogate}]/v;
const visibleCharacterRegex = {test: text => visible().test(text), [Symbol.search]: text => text.search(visible())};`,
					1,
				],
				[
					String.raw`const spacingMarkRegex = /\p{Spacing_Mark}/v;`,
					String.raw`const spacingMarkRegex = {test: text => /\p{Spacing_Mark}/v.test(text)};`,
					1,
				],
				[
					String.raw`const rgiEmojiRegex = /^\p{RGI_Emoji}$/v;`,
					String.raw`const rgiEmojiRegex = {test: text => /^\p{RGI_Emoji}$/v.test(text)};`,
					1,
				],
			],
			[
				['styledNarrowText', 'src/narrow-text.ts'],
				['styledWidth', 'src/narrow-text.ts'],
			],
		),
		// A row that is finished is written as it is, and read once: no object for every cell of every frame.
		patch(
			'ink-finished-rows',
			/ink\/build\/output\.js$/,
			[
				[
					'export default class Output {',
					`const byInk = remembered(text => styledCharsToString(new OutputCaches().getStyledChars(text)).trimEnd());
const written = text => writtenRow(text, byInk);
export default class Output {`,
					1,
				],
				[
					'    get() {\n',
					`    get() {
		const finished = finishedRows(this.operations, this.height, written);
		if (finished) {
			return {output: finished.join('\\n'), height: this.height};
		}
`,
					1,
				],
			],
			[
				['finishedRows', 'components/ink/finished-rows.ts'],
				['writtenRow', 'components/ink/finished-rows.ts'],
				['remembered', 'components/ink/remembered.ts'],
			],
		),
		patch(
			'ink-remembered-texts',
			/ink\/build\/sanitize-ansi\.js$/,
			[
				['const sanitizeAnsi = (text) => {', 'const sanitized = remembered((text) => {', 1],
				[
					'    return output + pendingStyles;\n};',
					`    return output + pendingStyles;
});
// Nothing in such a row is to be left out (test/components/finished-rows.test.ts).
const sanitizeAnsi = text => text.split('\\n').map(row => styledNarrowText.test(row) ? row : sanitized(row)).join('\\n');`,
					1,
				],
			],
			[
				['remembered', 'components/ink/remembered.ts'],
				['styledNarrowText', 'src/narrow-text.ts'],
			],
		),
		// Of 4,096 to 8,192 texts, each a whole pane, Ink kept the measures: 200 MB after a quarter of an hour of a log in a
		// large window. A frame has a few, and what was measured for its layout is not measured again when it is written.
		patch('ink-few-measures', /ink\/build\/measure-text\.js$/, [['maxSize: 4096', 'maxSize: 32', 1]]),
		patch('ink-measured-once', /ink\/build\/render-node-to-output\.js$/, [
			["import widestLine from 'widest-line';", "import measureText from './measure-text.js';", 1],
			['widestLine(text)', 'measureText(text).width', 1],
		]),
		// A row of narrow text is compared with the last one as it stands, not character by character, and written whole where
		// less than half of it stays: what that would spare is not worth the reading. Any other is written whole: where a
		// terminal shows a character wider than Unicode says, what changed does not stand where it should.
		patch('ink-line-update', /ink\/build\/line-update\.js$/, [
			['/^[ -~]*$/u', narrowText.toString(), 1],
			['commonLength === 0', '2 * commonLength < next.length', 1],
			['        const previousSegments', '        return full;\n        const previousSegments', 1],
		]),
		// A frame is one write: each write wakes the terminal, which takes the processor from whoever writes the next. What
		// restores the terminal must be written even after a frame that failed.
		patch('ink-one-write', /ink\/build\/ink\.js$/, [
			[
				`                if (shouldSync && shouldWrite) {
                    this.options.stdout.write(bsu);
                }
                this.log(output);`,
				`                this.options.stdout.cork();
                try {
                if (shouldSync && shouldWrite) {
                    this.options.stdout.write(bsu);
                }
                this.log(output);`,
				1,
			],
			[
				`                if (shouldSync && shouldWrite) {
                    this.options.stdout.write(esu);
                }
            }, undefined`,
				`                if (shouldSync && shouldWrite) {
                    this.options.stdout.write(esu);
                }
                } finally {
                    this.options.stdout.uncork();
                }
            }, undefined`,
				1,
			],
		]),
		// What moved on the screen is moved there, not written again. No row goes on in the next where a terminal shows a
		// character wider than Unicode says, as many do with joined emoji (DECAWM, which is off while a frame is written).
		patch(
			'ink-scroll-rows',
			/ink\/build\/log-update\.js$/,
			[
				[
					'        for (let i = 0; i < visibleCount; i++) {\n',
					`        const scroll = scrollRows(previousLines, nextLines);
		if (scroll) {
			buffer.push(scroll.sequence);
			previousLines = scroll.rows;
		}

        for (let i = 0; i < visibleCount; i++) {
`,
					1,
				],
				[
					`            stream.write(returnPrefix +
                ansiEscapes.eraseLines(previousLines.length) +
                text +
                cursorSuffix);`,
					`            stream.write(returnPrefix +
                ansiEscapes.eraseLines(previousLines.length) +
                '\\u001B[?7l' + text + '\\u001B[?7h' +
                cursorSuffix);`,
					1,
				],
				[
					"        stream.write(buffer.join(''));",
					"        stream.write('\\u001B[?7l' + buffer.join('') + '\\u001B[?7h');",
					1,
				],
			],
			[['scrollRows', 'components/ink/scroll-rows.ts']],
		),
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
