import assert from 'node:assert/strict';

/** `work`, which has to settle within `ms` milliseconds. @throws AssertionError with `message` when it does not */
export async function promptly<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new assert.AssertionError({ message })), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // Whoever is late may still fail, and then nobody listens any more.
    work.catch(() => undefined);
  }
}

/** Waits for `work`, and not for long: taking down what is broken must not hang, since its rule has its verdict already. */
export async function atMost(work: Promise<unknown>): Promise<void> {
  await promptly(Promise.allSettled([work]), 1_000, 'it goes on').catch(() => undefined);
}

/** Options of {@link eventually}. */
export interface EventuallyOptions<T> {
  /** Whether the answer is right. */
  isRight(value: T): boolean;
  /** Milliseconds. */
  readonly patienceMs: number;
  /** What is wrong otherwise; the last answer is added. */
  readonly message: string;
}

/** Asks until the answer is right. @throws AssertionError with the last answer */
export async function eventually<T>(
  read: () => T | Promise<T>,
  { isRight, patienceMs, message }: EventuallyOptions<T>,
): Promise<T> {
  const end = performance.now() + patienceMs;
  let value = await read();
  while (!isRight(value) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    value = await read();
  }
  assert.ok(isRight(value), `${message}: ${String(value)}`);
  return value;
}
