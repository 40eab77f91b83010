import type { CommandContext, OptionValues } from './command.js';
import { type CommandLine, checkWords, parseCommandLine } from './command-line.js';
import { commands } from './commands.js';
import { exitCode } from './exit-code.js';
import { commandHelp, groupHelp, overview } from './help.js';
import { createReporter, type OutputFormat, type Reporter } from './reporter.js';
import { listenForSignals } from './shutdown.js';
import { UsageError } from './usage-error.js';
import { readVersion } from './version.js';

/** Runs one command line and ends the process with its exit code. */
export async function runCli(argv: readonly string[]): Promise<void> {
  endQuietlyOnClosedPipe();
  let reporter = reporterFor({ format: guessFormat(argv), isVerbose: false });
  let code: number;
  try {
    const { name, group, invocation } = parseCommandLine(argv, commands);
    reporter = reporterFor({ format: readFormat(invocation.options), isVerbose: isVerbose(invocation.options) });
    code = await dispatch({ name, group, invocation }, reporter);
  } catch (error) {
    reporter.error(error);
    code = error instanceof UsageError ? exitCode.usage : exitCode.failure;
  }
  // A timer or a socket that somebody left open must not keep a finished command alive; what was written must get out.
  process.exitCode = code;
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(code);
}

async function dispatch({ name, group, invocation }: CommandLine, reporter: Reporter): Promise<number> {
  if (invocation.options.has('version')) {
    const version = await readVersion();
    reporter.result(version, { version });
    return exitCode.success;
  }
  const command = name === undefined ? undefined : commands[name];
  if (name === undefined || command === undefined) {
    if (!invocation.options.has('help')) throw new UsageError('name a command; lodge --help lists them.');
    process.stdout.write(group === undefined ? overview(commands) : groupHelp(group, commands));
    return exitCode.success;
  }
  if (invocation.options.has('help')) {
    process.stdout.write(commandHelp(name, command));
    return exitCode.success;
  }
  checkWords(name, command, invocation);
  const shutdown = listenForSignals();
  const context: CommandContext = { reporter, shutdown, workingFolder: process.cwd() };
  const { run } = await command.load();
  try {
    return await run(invocation, context);
  } catch (error) {
    // What was given up because of a signal has no story of its own.
    if (shutdown.signalExitCode !== undefined && isAbort(error)) return shutdown.signalExitCode;
    throw error;
  }
}

function isAbort(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? error.code : undefined;
  return error.name === 'AbortError' || code === 'ERR_CALL_ABORTED' || code === 'ERR_TRANSFER_ABORTED';
}

function reporterFor(options: { format: OutputFormat; isVerbose: boolean }): Reporter {
  return createReporter(options, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
  });
}

function readFormat(options: OptionValues): OutputFormat {
  const format = options.get('output') ?? 'text';
  if (format !== 'text' && format !== 'json') throw new UsageError(`--output is text or json, not "${format}".`);
  return format;
}

/** A command line that cannot be parsed still says how it wants its error. */
function guessFormat(argv: readonly string[]): OutputFormat {
  const isJson = argv.some((word, index) => {
    return /^(-o=?|--output=)json$/.test(word) || (word === 'json' && /^(-o|--output)$/.test(argv[index - 1] ?? ''));
  });
  return isJson ? 'json' : 'text';
}

function isVerbose(options: OptionValues): boolean {
  return options.has('verbose') || !['', '0', undefined].includes(process.env['LODGE_DEBUG']);
}

/** `lodge … | head` is no error of Lodge's. */
function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(exitCode.failure);
    });
  }
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write('', () => resolve());
  });
}
