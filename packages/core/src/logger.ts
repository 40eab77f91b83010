import { HostError } from './errors.js';

/** Structured facts beside a log message. Values are plain data; no secrets. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Levels in ascending order of urgency. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** Where the host and its plugins write. Any structured logger fits with a few lines of glue. */
export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
}

/** Options of {@link consoleLogger}. */
export interface ConsoleLoggerOptions {
  /** Less urgent messages are dropped. @default 'info' */
  readonly level?: LogLevel;
}

/** Discards everything. */
export const silentLogger: Logger = Object.freeze({ log() {} });

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];

/** Writes one line per message to the console's error stream, so that standard output stays the guests'. */
export function consoleLogger(options: ConsoleLoggerOptions = {}): Logger {
  const threshold = levels.indexOf(options.level ?? 'info');
  return {
    log(level, message, fields) {
      if (levels.indexOf(level) < threshold) return;
      console.error(`${new Date().toISOString()} ${level.padEnd(5)} ${escapeControls(message)}${formatFields(fields)}`);
    },
  };
}

/** A logger that adds `fields` to each message; the message's own fields win. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  return {
    log: (level, message, more) => logger.log(level, message, more === undefined ? fields : { ...fields, ...more }),
  };
}

function formatFields(fields: LogFields | undefined): string {
  if (fields === undefined) return '';
  return Object.entries(fields)
    .map(([key, value]) => ` ${key}=${formatValue(value)}${formatStack(value)}`)
    .join('');
}

/** Where in the guest it was, if the error of a guest tells. */
function formatStack(error: unknown): string {
  const stack = HostError.is(error) ? error.details['stack'] : undefined;
  return Array.isArray(stack) && stack.length > 0 ? ` stack=${formatValue(stack)}` : '';
}

function formatValue(value: unknown): string {
  if (value instanceof Error) return escapeControls(JSON.stringify(value.message));
  try {
    return escapeControls(JSON.stringify(value) ?? String(value));
  } catch {
    return escapeControls(JSON.stringify(String(value)));
  }
}

/** Messages may quote what a guest or a peer sent; a line must stay a line, and a terminal must not obey it. */
function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this replaces.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}
