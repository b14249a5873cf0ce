const hub = /^(?:index\.)?docker\.io\/(?:library\/)?/;

/**
 * An image reference as the engine lists it: without Docker Hub's implied prefix and with the implied tag.
 * `docker.io/library/postgres` is `postgres:latest`; a digest wins over a tag, as in a pull.
 * https://pkg.go.dev/github.com/distribution/reference#FamiliarString
 */
export function familiarReference(reference: string): string {
	const short = reference.trim().replace(hub, '');
	const at = short.indexOf('@');
	const name = at === -1 ? short : short.slice(0, at);
	const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
	if (at !== -1) {
		return (colon === -1 ? name : name.slice(0, colon)) + short.slice(at);
	}

	return colon === -1 ? `${name}:latest` : name;
}
