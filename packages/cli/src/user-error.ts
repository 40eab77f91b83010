/** Something that the user can mend, and that no host is part of: one line, no stack, exit code 1. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** Plain facts for tools. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.details = details;
  }
}
