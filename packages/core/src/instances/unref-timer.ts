/** What only looks after others is no work: where the runtime knows the difference, such a timer does not keep the process alive. */
export function unrefTimer(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null || !('unref' in timer) || typeof timer.unref !== 'function') return;
  timer.unref();
}
