import { parseArgs } from 'node:util';
import type { CommandSpec, Invocation, OptionSpec, OptionValues } from './command.js';
import { suggestion } from './suggest.js';
import { UsageError } from './usage-error.js';

/** Options that every command has. */
export const globalOptions: Readonly<Record<string, OptionSpec>> = {
  output: { short: 'o', value: '<text|json>', about: 'how results and errors are written' },
  verbose: { about: 'log more, and show the stack of errors (also: LODGE_DEBUG=1)' },
  help: { short: 'h', about: 'show this help' },
  version: { short: 'V', about: 'show the version' },
};

/** A command line taken apart. */
export interface CommandLine {
  /** The command's name; unset where only global options were given, or a group with `--help`. */
  readonly name: string | undefined;
  /** The first word of commands of two words, where the second is missing. */
  readonly group: string | undefined;
  readonly invocation: Invocation;
}

/** Takes apart `argv`, without the program's own name. The table says what is allowed. */
export function parseCommandLine(
  argv: readonly string[],
  commands: Readonly<Record<string, CommandSpec>>,
): CommandLine {
  const { name, group } = findName(argv, commands);
  const command = name !== undefined && Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (name !== undefined && command === undefined && !hasSwitch(argv, ['--version', '-V'])) {
    throw new UsageError(`there is no command "${name}"${suggestion(name, Object.keys(commands))}.`);
  }
  if (group !== undefined && !hasSwitch(argv, ['--help', '-h'])) {
    throw new UsageError(`lodge ${group} needs to know what to do; right after it comes ${listOf(group, commands)}.`);
  }
  const specs = { ...command?.options, ...globalOptions };
  const { positionals, rest, values } = readTokens(argv, specs);
  const words = name?.split(' ').length ?? 1;
  const invocation = { positionals: positionals.slice(words), rest, options: optionValues(values) };
  return { name: command && name, group, invocation };
}

/** Checks the number of words, which `--help` does not need. */
export function checkWords(name: string, command: CommandSpec, { positionals, rest }: Invocation): void {
  const usage = `usage: lodge ${name} ${command.usage}`;
  if (positionals.length < command.positionals.min)
    throw new UsageError(`lodge ${name} needs to know what to work on; ${usage}`);
  const extra = positionals[command.positionals.max];
  if (extra !== undefined) {
    const hint = command.takesRest ? ' (arguments of the component come after --)' : '';
    throw new UsageError(`"${extra}" is one word too many${hint}; ${usage}`);
  }
  if (rest.length > 0 && !command.takesRest) throw new UsageError(`lodge ${name} takes nothing after --; ${usage}`);
}

/**
 * The command that is meant. Its name begins with the first word that is neither an option nor the value of a global one. A second word follows at once: what
 * comes later may be the value of an option, and a secret.
 */
function findName(
  argv: readonly string[],
  commands: Readonly<Record<string, CommandSpec>>,
): { name: string | undefined; group: string | undefined } {
  const at = argv.findIndex(
    (word, index) => !word.startsWith('-') && !['-o', '--output'].includes(argv[index - 1] ?? ''),
  );
  const first = argv[at];
  const isGroup = Object.keys(commands).some((name) => name.startsWith(`${first} `));
  if (first === undefined || !isGroup) return { name: first, group: undefined };
  const name = `${first} ${argv[at + 1]}`;
  return Object.hasOwn(commands, name) ? { name, group: undefined } : { name: undefined, group: first };
}

function listOf(group: string, commands: Readonly<Record<string, CommandSpec>>): string {
  const members = Object.keys(commands).filter((name) => name.startsWith(`${group} `));
  return new Intl.ListFormat('en', { type: 'disjunction' }).format(members.map((name) => name.slice(group.length + 1)));
}

function hasSwitch(argv: readonly string[], names: readonly string[]): boolean {
  const words = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  return words.some((word) => names.includes(word));
}

function readTokens(argv: readonly string[], specs: Readonly<Record<string, OptionSpec>>) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => [
      name,
      { type: spec.value === undefined ? 'boolean' : 'string', ...(spec.short && { short: spec.short }) } as const,
    ]),
  );
  // Not strict: its messages cannot suggest anything. The tokens say all there is to check.
  const { tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  const positionals: string[] = [];
  const values = new Map<string, string[]>();
  let rest: readonly string[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') {
      rest = argv.slice(token.index + 1);
      break;
    }
    if (token.kind === 'positional') {
      positionals.push(token.value);
      continue;
    }
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) {
      throw new UsageError(
        `there is no option ${token.rawName}${suggestion(
          token.rawName,
          Object.keys(specs).map((name) => `--${name}`),
        )}.`,
      );
    }
    const value = checkValue(token, spec);
    const given = values.get(token.name) ?? [];
    if (given.length > 0 && spec.value !== undefined && !spec.isMultiple) {
      throw new UsageError(`${token.rawName} can be given once only.`);
    }
    values.set(token.name, [...given, value]);
  }
  return { positionals, rest, values };
}

interface OptionToken {
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function checkValue({ rawName, value, inlineValue }: OptionToken, spec: OptionSpec): string {
  if (spec.value === undefined) {
    if (value === undefined) return 'true';
    if (spec.isBoolean && (value === 'true' || value === 'false')) return value;
    throw new UsageError(`${rawName} takes no value${spec.isBoolean ? ' but true or false' : ''}.`);
  }
  // `--http --env A=B` is a forgotten value; one that really begins with a dash can be written `--http=--env`.
  if (value === undefined || (!inlineValue && value.startsWith('-'))) {
    throw new UsageError(`${rawName} needs a value: ${rawName} ${spec.value}`);
  }
  return value;
}

function optionValues(values: ReadonlyMap<string, readonly string[]>): OptionValues {
  return {
    has: (name) => values.has(name),
    get: (name) => values.get(name)?.at(-1),
    all: (name) => values.get(name) ?? [],
  };
}
