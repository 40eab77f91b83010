import type { ReceivedBody } from './wit/incoming-body.js';

/** The body of a message that has none. */
export const emptyBody: ReceivedBody = Object.freeze({
  open: () => ({ read: () => undefined, ready: () => undefined, close() {} }),
  trailers: async () => [],
  release() {},
});
