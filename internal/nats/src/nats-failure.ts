/** What went wrong, in the words of whoever has to answer a guest. */
export type NatsFailureKind =
  /** No connection, or it broke: the operation may or may not have happened. */
  | 'unavailable'
  /** Connected, and no answer in time. */
  | 'timeout'
  /** The account may not do this. */
  | 'permission-denied'
  /** Nobody serves the subject: a stream or bucket is gone, or JetStream is off. */
  | 'no-responders'
  /** A stream, bucket, consumer or message does not exist. */
  | 'not-found'
  /** Someone else has written in between, or the thing exists in another form. */
  | 'conflict'
  /** More bytes in one message than the server or the stream takes. */
  | 'too-large'
  /** The stream, the account or the disk is full. */
  | 'full'
  /** The client library refused the arguments. */
  | 'invalid'
  | 'unknown';

/** An error of a NATS client or server, told apart once. Its message is for operators; guests get what their plugin makes of `kind`. */
export class NatsFailure extends Error {
  override readonly name: string = 'NatsFailure';
  readonly kind: NatsFailureKind;

  constructor(kind: NatsFailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }

  /** By structure: each plugin has its own copy of this class, and they share connections. */
  static override [Symbol.hasInstance](value: unknown): value is NatsFailure {
    return value instanceof Error && value.name === 'NatsFailure' && 'kind' in value;
  }

  /** `error` itself when it is a failure already, else what the tables below make of it and its causes. */
  static from(error: unknown): NatsFailure {
    if (error instanceof NatsFailure) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new NatsFailure(kindOf(error), message, error);
  }
}

/** Error names of the client library. By name, because a connection that is passed in may come from another copy of it. */
export const kindsByName: ReadonlyMap<string, NatsFailureKind> = new Map<string, NatsFailureKind>([
  ['ClosedConnectionError', 'unavailable'],
  ['DrainingConnectionError', 'unavailable'],
  ['ConnectionError', 'unavailable'],
  ['TimeoutError', 'timeout'],
  ['AuthorizationError', 'permission-denied'],
  ['UserAuthenticationExpiredError', 'permission-denied'],
  ['PermissionViolationError', 'permission-denied'],
  ['NoResponders', 'no-responders'],
  ['JetStreamNotEnabled', 'no-responders'],
  ['StreamNotFoundError', 'not-found'],
  ['ConsumerNotFoundError', 'not-found'],
  ['InvalidSubjectError', 'invalid'],
  ['InvalidArgumentError', 'invalid'],
  ['InvalidOperationError', 'invalid'],
  ['InvalidNameError', 'invalid'],
]);

/** Error numbers of the JetStream API and codes of Node.js. */
export const kindsByCode: ReadonlyMap<number | string, NatsFailureKind> = new Map<number | string, NatsFailureKind>([
  [10014, 'not-found'],
  [10037, 'not-found'],
  [10059, 'not-found'],
  [10013, 'conflict'],
  [10058, 'conflict'],
  [10071, 'conflict'],
  [10164, 'conflict'],
  [10054, 'too-large'],
  [10023, 'full'],
  [10026, 'full'],
  [10028, 'full'],
  [10047, 'full'],
  [10077, 'full'],
  [10002, 'full'],
  [10008, 'unavailable'],
  [10009, 'unavailable'],
  [10039, 'permission-denied'],
  [10076, 'permission-denied'],
  ['ECONNREFUSED', 'unavailable'],
  ['ECONNRESET', 'unavailable'],
  ['EPIPE', 'unavailable'],
  ['ETIMEDOUT', 'unavailable'],
  ['EHOSTUNREACH', 'unavailable'],
  ['ENETUNREACH', 'unavailable'],
  ['ENOTFOUND', 'unavailable'],
  ['EAI_AGAIN', 'unavailable'],
]);

/** Where only the text tells. */
export const kindsByMessage: readonly (readonly [RegExp, NatsFailureKind])[] = [
  [/max_payload size exceeded/, 'too-large'],
  [/message size exceeds/, 'too-large'],
  [/maximum (bytes|messages) exceeded/, 'full'],
  [/permissions violation/i, 'permission-denied'],
  [/connection (closed|refused)/i, 'unavailable'],
];

function kindOf(error: unknown): NatsFailureKind {
  let current = error;
  // Wrappers are few; the bound is for causes in a circle.
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const known = kindOfOne(current);
    if (known !== undefined) return known;
    current = current.cause;
  }
  return 'unknown';
}

function kindOfOne(error: Error): NatsFailureKind | undefined {
  const { message } = error;
  const byMessage = kindsByMessage.find(([pattern]) => pattern.test(message))?.[1];
  if (byMessage !== undefined) return byMessage;
  const code = 'code' in error ? error.code : undefined;
  const byCode = typeof code === 'number' || typeof code === 'string' ? kindsByCode.get(code) : undefined;
  return byCode ?? kindsByName.get(error.name);
}
