/**
 * Opens a URL in the user's browser; `false` where there is none: over ssh, and on Linux without a display.
 * A browser that cannot be started counts as none.
 */
export async function browse(
	url: string,
	environment: Readonly<Record<string, string | undefined>>,
	platform: NodeJS.Platform = process.platform,
): Promise<boolean> {
	if (!hasDisplay(environment, platform)) {
		return false;
	}

	const {default: open} = await import('open');
	try {
		await open(url);
		return true;
	} catch {
		return false;
	}
}

/** Whether the user sees what this machine opens. WSL opens the browser of its Windows. */
export function hasDisplay(
	environment: Readonly<Record<string, string | undefined>>,
	platform: NodeJS.Platform,
): boolean {
	if (environment['SSH_CONNECTION'] || environment['SSH_TTY']) {
		return false;
	}

	return (
		platform === 'darwin' ||
		platform === 'win32' ||
		['DISPLAY', 'WAYLAND_DISPLAY', 'WSL_DISTRO_NAME'].some((name) => Boolean(environment[name]))
	);
}
