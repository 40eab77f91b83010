/** Tells the rest of a command that it is time to end. */
export interface Shutdown {
  /** Aborts at the first signal. */
  readonly signal: AbortSignal;
  /** What the shell expects of a program that a signal ended: 128 plus its number. Unset before the first signal. */
  readonly signalExitCode: number | undefined;
  /** Settles at the first signal. */
  requested(): Promise<void>;
}

const signalNumbers = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Listens for SIGINT and SIGTERM for the rest of the process. The first one asks for an orderly end; the second one ends
 * the process at once.
 */
export function listenForSignals(): Shutdown {
  const controller = new AbortController();
  let signalExitCode: number | undefined;
  for (const [name, number] of Object.entries(signalNumbers)) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number);
      signalExitCode = 128 + number;
      controller.abort();
    });
  }
  return {
    signal: controller.signal,
    get signalExitCode() {
      return signalExitCode;
    },
    requested: () =>
      controller.signal.aborted
        ? Promise.resolve()
        : new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true })),
  };
}
