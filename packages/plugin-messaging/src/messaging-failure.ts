/** What went wrong in a backend. Guests get one text for each. */
export const messagingFailureKinds = [
  /** There is no broker at the moment, or the session is closed. */
  'unavailable',
  /** No reply in time. */
  'timeout',
  /** The broker does not let the host do this. */
  'access-denied',
  /** A request to a subject that nobody listens to. */
  'no-responders',
  /** More bytes than the broker takes in one message. */
  'too-large',
  /** The broker has no room for the message, or nothing that would keep it. */
  'not-stored',
  'unknown',
] as const;

/** One of {@link messagingFailureKinds}. */
export type MessagingFailureKind = (typeof messagingFailureKinds)[number];

/** What a backend throws. Its message is for operators; a guest gets a fixed text for its `kind`. */
export class MessagingFailure extends Error {
  override readonly name: string = 'MessagingFailure';
  readonly kind: MessagingFailureKind;

  constructor(kind: MessagingFailureKind, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.kind = kind;
  }

  /** Whether `value` is a failure, of this or of another copy of the package. */
  static is(value: unknown): value is MessagingFailure {
    if (!(value instanceof Error) || value.name !== 'MessagingFailure' || !('kind' in value)) return false;
    return (messagingFailureKinds as readonly unknown[]).includes(value.kind);
  }
}
