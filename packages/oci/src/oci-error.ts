/** Every code an {@link OciError} can carry. The set is closed: the README has a row for each, and a test holds the two against each other. */
export const ociErrorCodes = [
  'ERR_REFERENCE_INVALID',
  'ERR_ARTIFACT_NOT_FOUND',
  'ERR_ARTIFACT_NOT_CACHED',
  'ERR_ARTIFACT_INVALID',
  'ERR_ARTIFACT_UNSUPPORTED',
  'ERR_ARTIFACT_TOO_LARGE',
  'ERR_DIGEST_MISMATCH',
  'ERR_CREDENTIALS_MISSING',
  'ERR_CREDENTIALS_REFUSED',
  'ERR_CREDENTIALS_UNREADABLE',
  'ERR_ACCESS_DENIED',
  'ERR_REALM_UNTRUSTED',
  'ERR_REDIRECT_DENIED',
  'ERR_REGISTRY_UNREACHABLE',
  'ERR_REGISTRY_BUSY',
  'ERR_REGISTRY_FAILED',
  'ERR_REGISTRY_INVALID',
  'ERR_TRANSFER_TIMEOUT',
  'ERR_TRANSFER_ABORTED',
  'ERR_CLIENT_CLOSED',
] as const;

/** One of {@link ociErrorCodes}. */
export type OciErrorCode = (typeof ociErrorCodes)[number];

/** Codes whose cause is what the user wrote or configured: the command line prints them without a stack. */
const userErrorCodes: ReadonlySet<OciErrorCode> = new Set<OciErrorCode>([
  'ERR_REFERENCE_INVALID',
  'ERR_ARTIFACT_NOT_FOUND',
  'ERR_ARTIFACT_NOT_CACHED',
  'ERR_ARTIFACT_INVALID',
  'ERR_ARTIFACT_UNSUPPORTED',
  'ERR_ARTIFACT_TOO_LARGE',
  'ERR_CREDENTIALS_MISSING',
  'ERR_CREDENTIALS_REFUSED',
  'ERR_CREDENTIALS_UNREADABLE',
  'ERR_ACCESS_DENIED',
  'ERR_REALM_UNTRUSTED',
  'ERR_REGISTRY_UNREACHABLE',
]);

/** Codes of what may be different in a moment. */
const retryableCodes: ReadonlySet<OciErrorCode> = new Set<OciErrorCode>([
  'ERR_REGISTRY_UNREACHABLE',
  'ERR_REGISTRY_BUSY',
  'ERR_REGISTRY_FAILED',
]);

/** What an {@link OciError} carries beside its code and message. */
export interface OciErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** Plain, structured-cloneable facts for tools: the status of a response, what the registry said. No secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** @default what the code says */
  readonly isRetryable?: boolean;
}

/**
 * What goes wrong between here and a registry. The message is one sentence that says what is wrong and what to do, and never holds a
 * credential, a token or the query of a URL; the code is stable across releases.
 */
export class OciError extends Error {
  override readonly name: string = 'OciError';
  readonly code: OciErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  /** Whether the same call may work in a moment. The client itself has then tried several times already. */
  readonly isRetryable: boolean;

  constructor(code: OciErrorCode, message: string, options: OciErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.details = options.details ?? {};
    this.isRetryable = options.isRetryable ?? retryableCodes.has(code);
  }

  /** Whether the cause lies in what the user wrote or configured, so that a stack would not help. */
  get isUserError(): boolean {
    return userErrorCodes.has(this.code);
  }

  /** Whether `value` is an {@link OciError}, of this or of another copy of the package. */
  static is(value: unknown, code?: OciErrorCode): value is OciError {
    if (!(value instanceof Error) || value.name !== 'OciError' || !('code' in value)) return false;
    return code === undefined ? (ociErrorCodes as readonly unknown[]).includes(value.code) : value.code === code;
  }
}
