import type { HostError } from '@lodge/core';
import type { OciError } from '@lodge/oci';
import { UsageError } from './usage-error.js';
import { UserError } from './user-error.js';

/** The two ways to write results. */
export type OutputFormat = 'text' | 'json';

/**
 * Where a command tells what it did. Results go to standard output, progress and logs to standard error. With `json`, each
 * result, error and event is one line of JSON on standard output.
 */
export interface Reporter {
  readonly isVerbose: boolean;
  readonly format: OutputFormat;
  /** The result of a command. `data` is what tools read, `text` what people read. */
  result(text: string, data: Readonly<Record<string, unknown>>): void;
  /** Something that happened while a command goes on. */
  event(name: string, text: string, data?: Readonly<Record<string, unknown>>): void;
  /** Something on the way that only people care for. */
  progress(text: string): void;
  /** What is going on right now, in a line that the next one replaces. Only a terminal shows it. */
  status(text: string): void;
  error(error: unknown): void;
}

/** Where text goes. */
export interface ReporterStreams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether `err` is a terminal, where a line can be written over. */
  readonly isTerminal: boolean;
}

/** Makes a {@link Reporter}. */
export function createReporter(
  { format, isVerbose }: { readonly format: OutputFormat; readonly isVerbose: boolean },
  { out, err, isTerminal }: ReporterStreams,
): Reporter {
  let hasStatus = false;
  const clear = (): void => {
    if (hasStatus) err('\r\u001b[K');
    hasStatus = false;
  };
  const line = (value: unknown): void => out(`${JSON.stringify(value)}\n`);
  return {
    format,
    isVerbose,
    result(text, data) {
      clear();
      if (format === 'json') line({ success: true, message: firstLine(text), data });
      else out(`${text}\n`);
    },
    event(name, text, data = {}) {
      clear();
      if (format === 'json') line({ event: name, ...data });
      else err(`${text}\n`);
    },
    progress(text) {
      clear();
      err(`${text}\n`);
    },
    status(text) {
      if (!isTerminal || format === 'json') return;
      err(`\r\u001b[K${text}`);
      hasStatus = true;
    },
    error(error) {
      clear();
      if (format === 'json') line(describeError(error, isVerbose));
      else err(`lodge: ${formatError(error, isVerbose)}\n`);
    },
  };
}

/** By structure, as `HostError.is` does: `lodge --help` need not load the host for it. */
function isHostError(error: unknown): error is HostError {
  return error instanceof Error && error.name === 'HostError' && 'code' in error;
}

/** By structure, too: what goes wrong between here and a registry. */
function isRegistryError(error: unknown): error is OciError {
  return error instanceof Error && error.name === 'OciError' && 'code' in error;
}

/** Whether the cause of an error is what the user wrote: shown in one line. */
function isUserError(error: unknown): boolean {
  if (error instanceof UsageError || error instanceof UserError) return true;
  return (isHostError(error) || isRegistryError(error)) && error.isUserError;
}

function formatError(error: unknown, isVerbose: boolean): string {
  const { message, code, details } = readError(error);
  const head = [code === undefined ? message : `${message} [${code}]`, ...guestStack(details)].join('\n  at ');
  if (isVerbose && error instanceof Error) return `${head}\n${stackOf(error)}`;
  if (isUserError(error)) return head;
  return `${head}\n  run it again with --verbose to see where it happened`;
}

function describeError(error: unknown, isVerbose: boolean): Record<string, unknown> {
  const { message, code, details } = readError(error);
  const stack = isVerbose && error instanceof Error ? { stack: stackOf(error) } : {};
  return { success: false, message, error: { code: code ?? null, details, ...stack } };
}

/** What several things failed with, as when a host stops, is one story. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return [error.message, ...error.errors.map(messageOf)].join('\n  ');
  return error instanceof Error ? error.message : String(error);
}

function readError(error: unknown): { message: string; code: string | undefined; details: unknown } {
  if (isHostError(error) || isRegistryError(error)) {
    return { message: error.message, code: error.code, details: error.details };
  }
  return { message: messageOf(error), code: undefined, details: error instanceof UserError ? error.details : {} };
}

/** Where in the guest it was, innermost first, if the error of a guest tells. */
function guestStack(details: unknown): readonly string[] {
  const stack = typeof details === 'object' && details !== null && 'stack' in details ? details.stack : undefined;
  return Array.isArray(stack) ? stack.map(String) : [];
}

/** The stack with those of all causes. */
function stackOf(error: Error): string {
  const stack = error.stack ?? String(error);
  return error.cause instanceof Error ? `${stack}\ncaused by: ${stackOf(error.cause)}` : stack;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
