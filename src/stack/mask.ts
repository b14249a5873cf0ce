/** What stands where a secret stood. */
export const maskedValue = '***';

/**
 * Text with every secret in it replaced by `***`: the passwords of URIs, `PGPASSWORD=...`, `--password ...`, values of
 * JSON and YAML whose name says that they are secret, headers, SQL. Masking twice changes nothing.
 */
export function mask(text: string): string {
	return mayHoldSecret.test(text) ? maskRules.reduce((masked, {apply}) => apply(masked), text) : text;
}

/** Environment variables as they may be shown: secret by their name, or masked like any text. */
export function maskEnvironment(environment: Readonly<Record<string, string>>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(environment).map(([name, value]) => [
			name,
			isSecretName(name) && !isHarmlessValue(value) ? maskedValue : mask(value),
		]),
	);
}

/** The words of a command as they may be shown: also a word is masked that an option before it declares secret. */
export function maskCommand(words: readonly string[]): string[] {
	return words.map((word, index) => {
		const before = words[index - 1] ?? '';
		const isValue = before.startsWith('-') && !word.startsWith('-') && !before.includes('=');
		return isValue && isSecretName(before) && !isHarmlessValue(word) ? maskedValue : mask(word);
	});
}

/**
 * Whether a name says that its value is secret: `POSTGRES_PASSWORD`, `secretKey`, `--admin-token`; but not
 * `POSTGRES_PASSWORD_FILE`, `PWD` or `max_tokens`.
 */
export function isSecretName(name: string): boolean {
	const words = name
		.replace(/([a-z\d])([A-Z])/g, '$1_$2')
		.toLowerCase()
		.split(/[^a-z\d]+/)
		.filter(Boolean);
	const last = words.at(-1);
	if (last === undefined || describingWords.has(last) || words.includes('no') || words.includes('public')) {
		return false;
	}

	return words.some(
		(word, index) =>
			/(?:password|passwd|passphrase|secret|apikey|secretkey|credentials?)$/.test(word) ||
			word === 'token' ||
			word === 'pass' ||
			(word === 'pwd' && words.length > 1) ||
			(word === 'key' && keyKinds.has(words[index - 1] ?? '')),
	);
}

/** A name that ends in one of these tells about a secret, and holds none: `PASSWORD_FILE`, `token_count`. */
const describingWords = wordSet(
	'count dir directory enabled encryption expiration expiry file id length limit max min name path policy prompt',
	'required service timeout ttl type url',
);

/** A key of one of these kinds is secret; others (`sort_key`, `primary-key`) are not. */
const keyKinds = wordSet(
	'access account api auth encryption fernet license master private secret shared signing storage',
);

function wordSet(...lines: readonly string[]): ReadonlySet<string> {
	return new Set(lines.join(' ').split(' '));
}

/** Words of everyday prose: `unexpected token: {` is no secret, `TOKEN={` and `"token": "{"` are. */
const isEverydayWord = (name: string): boolean => /^(?:token|pass|secret|credentials?)$/i.test(name);

/** No secret: nothing, what is masked already, a reference to a variable, a literal. */
const isHarmlessValue = (value: string): boolean =>
	/^(?:|\*+|\$+\w+|\$+\{\w+(?::?\?[^}]*)?\}|true|false|yes|no|null|none)$/i.test(value);

/** A quick no for most text, so that a flood of log lines costs little. */
const mayHoldSecret = /:\/\/|pass|pwd|secret|token|key|credential|authorization|curl/i;

/** How secrets are written: a form, how it is masked, and texts with what becomes of them. */
export interface MaskRule {
	readonly form: string;
	readonly apply: (text: string) => string;
	readonly examples: ReadonlyArray<readonly [text: string, masked: string]>;
}

/** A rule that keeps what the groups `before` and `after` hold; the rest of the match is the secret. */
const replacing =
	(pattern: RegExp) =>
	(text: string): string =>
		text.replace(pattern, `$<before>${maskedValue}$<after>`);

/**
 * A row for each form of secret, applied from the top; each is tested with its examples. Every repetition has a bound,
 * so that no line takes long.
 */
export const maskRules: readonly MaskRule[] = [
	{
		form: 'a private key',
		apply: replacing(
			/(?<before>-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----)[^-]{1,20000}(?<after>-----END [A-Z ]{0,20}PRIVATE KEY-----)/g,
		),
		examples: [
			[
				'-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----',
				'-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----',
			],
		],
	},
	{
		// To the last @, as an unescaped one is a common mistake in a password; but `host:5000/a@b` holds a port.
		form: 'a password in a URI',
		apply: replacing(
			/(?<before>[a-z][a-z\d+.-]{0,40}:\/\/[^\s:/@"']{0,200}:)(?!\d{1,5}[/"'])(?:(?![,;|&][a-z][a-z\d+.-]{0,40}:\/\/)[^\s"']){1,2000}(?<after>@)/gi,
		),
		examples: [
			[
				'--backend-store-uri postgresql+psycopg2://root:p@ss/w:rd@db:5432/kws --port 5000',
				'--backend-store-uri postgresql+psycopg2://root:***@db:5432/kws --port 5000',
			],
			['redis://:hunter2@cache,redis://:hunter3@other', 'redis://:***@cache,redis://:***@other'],
		],
	},
	{
		form: 'a token in place of a URI’s user',
		apply: replacing(/(?<before>https?:\/\/)[\w-]{20,2000}(?<after>@)/gi),
		examples: [
			['git+https://ghp_0123456789abcdefghij@github.com/kws/kws', 'git+https://***@github.com/kws/kws'],
		],
	},
	{
		form: 'a header',
		apply: replacing(
			/(?<before>authorization["']?\s{0,4}[:=]\s{0,4}["']?(?:basic|bearer|token)\s{1,4})(?<after>)[^\s"']{1,4000}/gi,
		),
		examples: [[`-H 'Authorization: Bearer eyJhbGciOi' http://x`, `-H 'Authorization: Bearer ***' http://x`]],
	},
	{
		form: 'a user and password given to curl',
		apply: replacing(
			/(?<before>\bcurl\b[^\n]{0,500}?\s(?:-u|--user)[\s=]{1,2}["']?[^\s:"']{1,64}:)(?<after>)[^\s"']{1,2000}/gi,
		),
		examples: [['curl -s -u admin:hunter2 localhost:5000', 'curl -s -u admin:*** localhost:5000']],
	},
	{
		form: 'SQL',
		apply: replacing(/(?<before>\bpassword\s{1,4}E?')[^']{1,2000}(?<after>')/gi),
		examples: [[`ALTER ROLE mlflow PASSWORD 'hunter2';`, `ALTER ROLE mlflow PASSWORD '***';`]],
	},
	{
		form: 'a value or an option that a name declares secret',
		apply: maskNamedValues,
		examples: [
			['PGPASSWORD=hunter2 psql', 'PGPASSWORD=*** psql'],
			["POSTGRES_PASSWORD: '00 00'", "POSTGRES_PASSWORD: '***'"],
			['POSTGRES_PASSWORD: 0000', 'POSTGRES_PASSWORD: ***'],
			['?user=root&password=hunter2&sslmode=off', '?user=root&password=***&sslmode=off'],
			['AccountName=kws;AccountKey=aGk=;Suffix=net', 'AccountName=kws;AccountKey=***;Suffix=net'],
			['{"user":"root","password":"a \\" b","port":1}', '{"user":"root","password":"***","port":1}'],
			['{"password": 0, "port": 1}', '{"password": "***", "port": 1}'],
			[String.raw`"{\"secretKey\":\"hunter2\"}"`, String.raw`"{\"secretKey\":\"***\"}"`],
			['tool --password hunter2 --verbose', 'tool --password *** --verbose'],
			['tool --admin-token=hunter2', 'tool --admin-token=***'],
			['["tool", "--password", "hunter2"]', '["tool", "--password", "***"]'],
		],
	},
];

/** A name, and what stands between it and its value: `=`, `: `, `": `; for an option also a space, or `", `. */
const naming =
	/(?<![\w-])(?<name>-{0,2}[a-z_][\w.-]{0,64})(?<separator>(?<closed>\\{0,4}["'])?\s{0,4}[=:]\s{0,4}|\\{0,4}["'],\s{0,4}(?=\\{0,4}["'])|\s{1,4})/gi;

/** A value in quotes, which may be escaped themselves, as in JSON within JSON. */
const quotedValue = /(?<quote>\\{0,4}["'])(?<value>(?:(?!\k<quote>)(?:\\.|[^\\])){0,2000})\k<quote>/sy;

/**
 * A value without quotes runs to white space, a quote, closing brackets at its end, or a separator that another `name=`
 * follows. A variable that must be set, `${NAME:?message}`, is one value with its message.
 */
const bareValue =
	/\$\{\w{1,64}:?\?[^}\n]{0,200}\}|(?:(?![&;,]\s{0,4}[\w.-]{1,64}=)(?![)\]}]{1,4}(?:[\s,;.]|$))(?!\\[nrt"'])[^\s"'`]){1,2000}/y;

/** The same after a name in quotes: a number of JSON. */
const jsonLiteral = /[^\s"'`,\]}]{1,200}/y;

function maskNamedValues(text: string): string {
	let masked = '';
	/** Up to where the text was taken over, and up to where it was looked at. */
	let taken = 0;
	let seen = 0;
	for (const match of text.matchAll(naming)) {
		const {name = '', separator = '', closed} = match.groups ?? {};
		const start = match.index + match[0].length;
		if (match.index < seen || !declaresSecret(name, separator, closed)) {
			continue;
		}

		const value = valueAt(text, start, closed);
		seen = value?.end ?? seen;
		if (value !== undefined && !isHarmlessValue(value.secret)) {
			masked += `${text.slice(taken, start)}${value.quote}${maskedValue}${value.quote}`;
			taken = value.end;
		}
	}

	return masked + text.slice(taken);
}

function declaresSecret(name: string, separator: string, closed: string | undefined): boolean {
	const isOption = name.startsWith('-');
	const assigns = /[=:]/.test(separator);
	if (!isSecretName(name) || (!assigns && !isOption)) {
		return false;
	}

	return closed !== undefined || isOption || separator.includes('=') || !isEverydayWord(name);
}

function valueAt(
	text: string,
	start: number,
	closed: string | undefined,
): {secret: string; quote: string; end: number} | undefined {
	quotedValue.lastIndex = start;
	const quoted = quotedValue.exec(text);
	if (quoted) {
		const {value = '', quote = ''} = quoted.groups ?? {};
		return {secret: value, quote, end: quotedValue.lastIndex};
	}

	const bare = closed === undefined ? bareValue : jsonLiteral;
	bare.lastIndex = start;
	const [secret] = bare.exec(text) ?? [];
	// An option's value is never another option.
	if (secret === undefined || (secret.startsWith('--') && closed === undefined)) {
		return undefined;
	}

	return {secret, quote: closed ?? '', end: bare.lastIndex};
}
