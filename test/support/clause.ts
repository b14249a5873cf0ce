/**
 * How the message of a failure is written: it follows `mlstack: `, stands in the middle of a line, or before its reason. So
 * it begins with a small letter, a name, or something quoted, and has no full stop.
 */
export const clause = /^(?:(?:MLflow|PostgreSQL|Docker|Compose|MLSTACK_\w+)\b|[^A-Z\s]).*[^.\s]$/s;
