/**
 * Every code a {@link HostError} can carry. The set is closed: `docs/errors.md` has a row for each, and a test
 * holds the two against each other.
 */
export const hostErrorCodes = [
  'ERR_COMPONENT_INVALID',
  'ERR_COMPONENT_UNSUPPORTED',
  'ERR_COMPONENT_NOT_FOUND',
  'ERR_EXPORT_NOT_FOUND',
  'ERR_IMPORT_UNMET',
  'ERR_IMPORT_INVALID',
  'ERR_SIGNATURE_MISMATCH',
  'ERR_LINK_AMBIGUOUS',
  'ERR_LINK_CYCLIC',
  'ERR_ENGINE_UNSUPPORTED',
  'ERR_GUEST_TRAPPED',
  'ERR_LIMIT_EXCEEDED',
  'ERR_INSTANCE_BUSY',
  'ERR_INSTANCE_POISONED',
  'ERR_INSTANCE_CLOSED',
  'ERR_CALL_ABORTED',
  'ERR_CALL_TIMEOUT',
  'ERR_HOST_CALL_FAILED',
  'ERR_SERVICE_FAILED',
  'ERR_HOST_STATE',
  'ERR_HOST_UNREACHABLE',
  'ERR_HOST_TIMEOUT',
  'ERR_MESSAGE_INVALID',
  'ERR_PLUGIN_DUPLICATE',
  'ERR_PLUGIN_FAILED',
  'ERR_PLUGIN_UNSUPPORTED',
  'ERR_SPEC_INVALID',
  'ERR_CONFIG_INVALID',
  'ERR_WORKLOAD_EXISTS',
  'ERR_WORKLOAD_NOT_FOUND',
  'ERR_WORKLOAD_STOPPED',
  'ERR_ADDRESS_IN_USE',
  'ERR_ADDRESS_DENIED',
  'ERR_FILE_UNREADABLE',
  'ERR_RUNTIME_UNSUPPORTED',
] as const;

/** One of {@link hostErrorCodes}. */
export type HostErrorCode = (typeof hostErrorCodes)[number];

/** Codes whose cause is what the user wrote: the command line prints them without a stack. */
const userErrorCodes: ReadonlySet<HostErrorCode> = new Set<HostErrorCode>([
  'ERR_COMPONENT_INVALID',
  'ERR_COMPONENT_UNSUPPORTED',
  'ERR_COMPONENT_NOT_FOUND',
  'ERR_EXPORT_NOT_FOUND',
  'ERR_IMPORT_UNMET',
  'ERR_SIGNATURE_MISMATCH',
  'ERR_LINK_AMBIGUOUS',
  'ERR_LINK_CYCLIC',
  'ERR_ENGINE_UNSUPPORTED',
  'ERR_HOST_UNREACHABLE',
  'ERR_MESSAGE_INVALID',
  'ERR_PLUGIN_DUPLICATE',
  'ERR_SPEC_INVALID',
  'ERR_CONFIG_INVALID',
  'ERR_WORKLOAD_EXISTS',
  'ERR_WORKLOAD_NOT_FOUND',
  'ERR_ADDRESS_IN_USE',
  'ERR_ADDRESS_DENIED',
  'ERR_FILE_UNREADABLE',
  'ERR_RUNTIME_UNSUPPORTED',
]);

/** What a {@link HostError} carries beside its code and message. */
export interface HostErrorOptions {
  /** The error that led to this one. Never shown to a guest. */
  readonly cause?: unknown;
  /** Plain, structured-cloneable facts for tools: a component's name, the path of an offending key. No secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * An error for operators and embedders. Its message is one sentence that says what is wrong and what to do;
 * its {@link HostError.code} is stable across releases.
 */
export class HostError extends Error {
  override readonly name: string = 'HostError';
  readonly code: HostErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: HostErrorCode, message: string, options: HostErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
  }

  /** Whether the cause lies in what the user wrote or configured, so that a stack would not help. */
  get isUserError(): boolean {
    return userErrorCodes.has(this.code);
  }

  /** Whether `value` is a {@link HostError}, of this or of another copy of the package. */
  static is(value: unknown, code?: HostErrorCode): value is HostError {
    if (!(value instanceof Error) || value.name !== 'HostError' || !('code' in value)) return false;
    return code === undefined ? (hostErrorCodes as readonly unknown[]).includes(value.code) : value.code === code;
  }

  /** `value` itself when it is a {@link HostError}, else a new one with `value` as its cause. */
  static from(value: unknown, code: HostErrorCode, message: string): HostError {
    return HostError.is(value) ? value : new HostError(code, message, { cause: value });
  }
}

/**
 * An error for the guest: thrown by a host function whose WIT result is `result<_, E>`, it reaches the guest as
 * `err(payload)`. Thrown by a guest's export in the same way. Recognised by structure, so two copies of the
 * package agree. Any other error that leaves a host function traps the instance.
 */
export class WitError<E = unknown> extends Error {
  override readonly name: string = 'WitError';
  readonly payload: E;

  constructor(payload: E, message?: string) {
    super(message ?? `WIT error ${describePayload(payload)}`);
    this.payload = payload;
  }

  /** Whether `value` is a {@link WitError}, of this or of another copy of the package. */
  static is(value: unknown): value is WitError {
    return value instanceof Error && value.name === 'WitError' && Object.hasOwn(value, 'payload');
  }
}

/**
 * Thrown by a host function that the guest called in a way its interface forbids: polling nothing, writing more than it was
 * permitted. The guest traps, and the call that was running rejects with `ERR_GUEST_TRAPPED` and this message.
 */
export class GuestFault extends Error {
  override readonly name: string = 'GuestFault';

  /** Whether `value` is a {@link GuestFault}, of this or of another copy of the package. */
  static is(value: unknown): value is GuestFault {
    return value instanceof Error && value.name === 'GuestFault';
  }
}

/**
 * Thrown by a host function to end the guest on purpose (`wasi:cli/exit`). The guest cannot catch it, nothing is
 * logged as an error, and the call that was running rejects with it.
 */
export class GuestExit extends Error {
  override readonly name: string = 'GuestExit';
  /** The exit code, 0 to 255. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`the guest ended itself with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }

  /** Whether `value` is a {@link GuestExit}, of this or of another copy of the package. */
  static is(value: unknown): value is GuestExit {
    return value instanceof Error && value.name === 'GuestExit' && 'exitCode' in value;
  }
}

function describePayload(payload: unknown): string {
  if (typeof payload === 'string') return JSON.stringify(payload.slice(0, 200));
  if (typeof payload === 'object' && payload !== null && 'tag' in payload) return JSON.stringify(payload.tag);
  return typeof payload;
}
