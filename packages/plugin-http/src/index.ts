export { type AllowedHost, parseAllowedHost } from './egress/allowed-hosts.js';
export { defaultHttpLimits, type HttpLimits } from './limits.js';
export type { ListenAddress, ListenOptions } from './node/server.js';
export type { EgressOptions, HttpPlugin, HttpPluginOptions } from './plugin.js';
export { httpPlugin } from './plugin.js';
export { devRouter } from './routers/dev.js';
export { dynamicRouter } from './routers/dynamic.js';
export type { HttpRouter, RouteFailure, RouteRequest } from './routers/router.js';
export type { HttpWorkload } from './wasi-http.js';
