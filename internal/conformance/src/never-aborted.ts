/** A signal of an operation that nobody gives up. */
export function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
