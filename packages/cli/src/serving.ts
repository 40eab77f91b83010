import type { Reporter } from './reporter.js';

/** Tells that components are served: where, if it is HTTP. */
export function reportServing(reporter: Reporter, url: string | undefined): void {
  if (url === undefined) reporter.event('running', 'running');
  else reporter.event('listening', `listening on ${url}`, { url });
}
