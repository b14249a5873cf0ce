/** Hands on what work tells, one after the other, and gives what it ends with. */
export async function drain<Told, Result>(
	work: AsyncGenerator<Told, Result>,
	tell: (told: Told) => void | Promise<void>,
): Promise<Result> {
	for (;;) {
		const next = await work.next();
		if (next.done) {
			return next.value;
		}

		await tell(next.value);
	}
}
