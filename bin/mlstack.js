#!/usr/bin/env node
// Plain JavaScript that the oldest Node reads: it says what is missing before anything newer is parsed.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
	process.stderr.write(
		'mlstack needs Node 22.13 or newer; this is ' + process.version + ' (' + process.execPath + ').\n',
	);
	process.exit(2);
}

// React's development build costs 1.7 times the CPU a frame.
process.env.NODE_ENV = 'production';
// docker-modem parses tcp endpoints with url.parse, which Node 24 reports on stderr when bundled.
process.noDeprecation = true;

const {enableCompileCache, flushCompileCache} = await import('node:module');
enableCompileCache();
// Written at a clean exit only, unless asked for: a program that is killed would start slowly for ever.
setTimeout(() => flushCompileCache?.(), 2000).unref();
const {main} = await import('../dist/main.js');
await main(process.argv.slice(2));
