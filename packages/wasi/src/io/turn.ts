/** Resolves in the next turn of the event loop, after timers and I/O had their chance. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // The timer is for runtimes without setImmediate; it costs a millisecond.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/** Resolves when `promise` has settled, in whichever way: what it settled with shows at the next operation. */
export async function settled(promise: PromiseLike<unknown> | undefined): Promise<void> {
  try {
    await promise;
  } catch {}
}
