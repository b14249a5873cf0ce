/**
 * Node's HTTP client. An `import` of `node:http` reads each of its exports, `WebSocket` too, which loads undici: 25 ms
 * of every start (Node 22 to 24). Types may be imported as usual.
 */
export const http = process.getBuiltinModule('node:http');
export const https = process.getBuiltinModule('node:https');
