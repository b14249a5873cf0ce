/** Whether an API version, `1.41`, comes before another one. */
export function olderApi(version: string, than: string): boolean {
	const [major = 0, minor = 0] = version.split('.').map(Number);
	const [otherMajor = 0, otherMinor = 0] = than.split('.').map(Number);
	return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
