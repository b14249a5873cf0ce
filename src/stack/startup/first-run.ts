/**
 * What to do next once MLflow answers: two lines of Python that log a first run, to copy as they are.
 * `url`: where the tracking server answers, as seen from the user's machine.
 */
export function firstRun(url: string): readonly [string, string] {
	return [
		`import mlflow; mlflow.set_tracking_uri(${JSON.stringify(url)})`,
		'with mlflow.start_run(): mlflow.log_metric("accuracy", 0.93)',
	];
}
