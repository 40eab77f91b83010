/** Which of a guest's standard streams are terminals. */
export interface TerminalOptions {
  /** @default false */
  readonly stdin?: boolean;
  /** @default false */
  readonly stdout?: boolean;
  /** @default false */
  readonly stderr?: boolean;
}

/** `wasi:cli/terminal-input`, `resource terminal-input` */
export class TerminalInput {
  [Symbol.dispose](): void {}
}

/** `wasi:cli/terminal-output`, `resource terminal-output` */
export class TerminalOutput {
  [Symbol.dispose](): void {}
}

/** `get-terminal-stdin: func() -> option<terminal-input>` and its like. */
export interface Terminals {
  getTerminalStdin(): TerminalInput | undefined;
  getTerminalStdout(): TerminalOutput | undefined;
  getTerminalStderr(): TerminalOutput | undefined;
}

/** The functions of `wasi:cli/terminal-stdin`, `terminal-stdout` and `terminal-stderr`. */
export function terminals(options: TerminalOptions): Terminals {
  return {
    getTerminalStdin: () => (options.stdin === true ? new TerminalInput() : undefined),
    getTerminalStdout: () => (options.stdout === true ? new TerminalOutput() : undefined),
    getTerminalStderr: () => (options.stderr === true ? new TerminalOutput() : undefined),
  };
}
