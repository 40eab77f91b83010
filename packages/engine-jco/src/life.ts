import { GuestExit, GuestFault, HostError } from '@lodge/core';

/** Exports one function `f` that traps. */
const trappingModule: Uint8Array<ArrayBuffer> = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x07,
  0x05, 0x01, 0x01, 0x66, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b,
]);

/** The state of one instance: whether it runs, and how it ended. */
export class Life {
  readonly componentName: string;
  isPoisoned = false;
  isClosed = false;
  isRunning = false;
  /** Why the guest is being unwound: what the running call rejects with. */
  failure: Error | undefined;
  #rejectSuspension: ((error: Error) => void) | undefined;
  #rejectCall: ((error: Error) => void) | undefined;

  constructor(componentName: string) {
    this.componentName = componentName;
  }

  /** @throws HostError `ERR_INSTANCE_CLOSED` | `ERR_INSTANCE_POISONED` | `ERR_INSTANCE_BUSY` */
  enter(): void {
    const name = JSON.stringify(this.componentName);
    if (this.isClosed)
      throw new HostError('ERR_INSTANCE_CLOSED', `The instance of ${name} is disposed. Make a new one.`);
    if (this.isPoisoned)
      throw new HostError('ERR_INSTANCE_POISONED', `An earlier call ended the instance of ${name}. Make a new one.`);
    if (this.isRunning)
      throw new HostError(
        'ERR_INSTANCE_BUSY',
        `The instance of ${name} is in a call. Wait for it, or use another instance.`,
      );
    this.isRunning = true;
  }

  leave(): void {
    this.isRunning = false;
    this.#rejectCall = undefined;
  }

  /** Poisons the instance, and returns the error that unwinds the guest, which no guest can catch. */
  fail(failure: Error): Error {
    this.failure ??= failure;
    this.isPoisoned = true;
    const unwinding = captureTrap();
    this.#rejectSuspension?.(unwinding);
    this.#rejectSuspension = undefined;
    this.#rejectCall?.(unwinding);
    return unwinding;
  }

  /** Like {@link fail}, for an error that a host function threw. */
  failHostCall(error: unknown, functionName: string): Error {
    if (GuestExit.is(error) || HostError.is(error)) return this.fail(error);
    if (GuestFault.is(error)) {
      const details = { component: this.componentName, function: functionName, stack: [] };
      const reason = `Trap of component ${JSON.stringify(this.componentName)} in ${functionName}: ${error.message}.`;
      return this.fail(new HostError('ERR_GUEST_TRAPPED', reason, { cause: error, details }));
    }
    const message = `The host function ${functionName} failed in a call of ${JSON.stringify(this.componentName)}. See its cause.`;
    return this.fail(
      new HostError('ERR_HOST_CALL_FAILED', message, { cause: error, details: { function: functionName } }),
    );
  }

  /** Keeps the guest suspended until `work` settles or {@link fail} is called. */
  suspendUntil<T>(work: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#rejectSuspension = reject;
      work.then(resolve, reject);
    });
  }

  /** Settles as `call` does, or rejects on {@link fail}: jco lets some calls hang whose host function failed. */
  settle<T>(call: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#rejectCall = reject;
      call.then(resolve, reject);
    });
  }
}

/** An error object of a real trap. Thrown into a guest it stays uncatchable. */
function captureTrap(): Error {
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(trappingModule)).exports as { f: () => void };
  try {
    f();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  return new WebAssembly.RuntimeError('unreachable');
}
