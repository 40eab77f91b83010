/** A failure that the person at the keyboard can do something about: shown without a stack. */
export class Failure extends Error {
  /**
   * @param {string} message what failed
   * @param {{ hint?: string, output?: string, exitCode?: number }} [details] what to do, and what the failed program printed
   */
  constructor(message, { hint, output, exitCode = 1 } = {}) {
    super(message);
    this.hint = hint;
    this.output = output;
    this.exitCode = exitCode;
  }
}

/**
 * Tells what happens now. Standard output belongs to the program that the user asked for, so this goes to standard error.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`lodge: ${line}\n`);
}

/** @param {unknown} error */
export function sayFailure(error) {
  if (!(error instanceof Failure)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return;
  }
  if (error.output) process.stderr.write(`${error.output.trimEnd()}\n\n`);
  say(`failed: ${error.message}`);
  if (error.hint) say(`what to do: ${error.hint}`);
}
