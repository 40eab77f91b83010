import type { CommandSpec, OptionSpec } from './command.js';
import { globalOptions } from './command-line.js';

/** The help of `lodge` itself. */
export function overview(commands: Readonly<Record<string, CommandSpec>>): string {
  const rows = Object.entries(commands).map(([name, { usage, about }]) => [`${name} ${usage}`, about] as const);
  return [
    'lodge: a WebAssembly component host',
    '',
    'usage: lodge <command> [options]',
    '',
    'commands:',
    ...columns(rows),
    '',
    'options of every command:',
    ...columns(optionRows(globalOptions)),
    '',
    'exit codes: 0 done, 1 failed, 2 the command line is wrong; a command component ends with its own code',
    '',
  ].join('\n');
}

/** The commands of one group, such as `lodge workload`. */
export function groupHelp(group: string, commands: Readonly<Record<string, CommandSpec>>): string {
  const members = Object.entries(commands).filter(([name]) => name.startsWith(`${group} `));
  return [
    `usage: lodge ${group} <command> [options]`,
    '',
    'commands:',
    ...columns(members.map(([name, { usage, about }]) => [`${name} ${usage}`, about] as const)),
    '',
    `lodge ${group} <command> --help tells more.`,
    '',
  ].join('\n');
}

/** The help of one command. */
export function commandHelp(name: string, command: CommandSpec): string {
  return [
    `lodge ${name}: ${command.about}`,
    '',
    `usage: lodge ${name} [options] ${command.usage}`,
    '',
    'options:',
    ...columns(optionRows({ ...command.options, ...globalOptions })),
    '',
    'examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}

function optionRows(options: Readonly<Record<string, OptionSpec>>): (readonly [string, string])[] {
  return Object.entries(options)
    .filter(([, { isHidden }]) => isHidden !== true)
    .map(([name, { short, value, about }]) => [
      `${short === undefined ? '   ' : `-${short},`} --${name}${value === undefined ? '' : ` ${value}`}`,
      about,
    ]);
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
