import type { Reporter } from './reporter.js';
import type { Shutdown } from './shutdown.js';

/** One option of a command, as the table states it. */
export interface OptionSpec {
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in help, such as `<address>`. Unset: the option is a switch. */
  readonly value?: string;
  /** May be given several times. @default false */
  readonly isMultiple?: boolean;
  /** A switch that may also be written `--name=true` or `--name=false`. @default false */
  readonly isBoolean?: boolean;
  /** Left out of help: understood for the sake of command lines that were written for another program. @default false */
  readonly isHidden?: boolean;
  /** One line, without a full stop. */
  readonly about: string;
}

/** One command, as the table states it. Its key is its name: one word, or a group and a word, such as `workload start`. */
export interface CommandSpec {
  /** What follows the command's name, such as `<component.wasm> [-- args]`. */
  readonly usage: string;
  /** One line, without a full stop. */
  readonly about: string;
  readonly positionals: { readonly min: number; readonly max: number };
  /** Whether words after `--` are taken. @default false */
  readonly takesRest?: boolean;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  /** Loads what runs the command, and nothing else before. */
  load(): Promise<{ readonly run: RunCommand }>;
}

/** Runs a command to its end and answers with the exit code of the process. */
export type RunCommand = (invocation: Invocation, context: CommandContext) => Promise<number>;

/** What the user asked for, checked against the table. */
export interface Invocation {
  readonly positionals: readonly string[];
  /** The words after `--`. */
  readonly rest: readonly string[];
  readonly options: OptionValues;
}

/** The options of one invocation. Names are those of the table. */
export interface OptionValues {
  has(name: string): boolean;
  /** The last value given. */
  get(name: string): string | undefined;
  /** All values given, in order. */
  all(name: string): readonly string[];
}

/** What a command works with. */
export interface CommandContext {
  readonly reporter: Reporter;
  readonly shutdown: Shutdown;
  /** Absolute; relative paths of the command line start here. */
  readonly workingFolder: string;
}
