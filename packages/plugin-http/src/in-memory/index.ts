export type { EgressCall, EgressClient, EgressRequest, EgressTimeouts, HttpEgress } from '../egress/egress.js';
export type { ResponseWithTrailers } from './exchange.js';
export { fetchEgress } from './fetch-egress.js';
export { type InMemoryFetchInit, type InMemoryHttp, type InMemoryHttpOptions, inMemoryHttp } from './plugin.js';
