import {execFileSync} from 'node:child_process';

/**
 * Why tests of a real engine are skipped here, as node:test's `skip` option wants it: `false` where an engine answers.
 * With MLSTACK_TEST_ENGINE=required (CI) nothing is skipped, so that a missing engine fails.
 */
export const skipWithoutEngine: string | false = (() => {
	if (process.env['MLSTACK_TEST_ENGINE'] === 'required') {
		return false;
	}

	try {
		execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], {stdio: 'pipe', timeout: 5000});
		return false;
	} catch {
		return 'no Docker Engine answers on this machine';
	}
})();
