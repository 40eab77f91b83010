import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface CommandLine {
  readonly json: boolean;
  readonly quick: boolean;
  readonly help: boolean;
  /** Scenario names must begin with it. */
  readonly only: string;
}

/** What `--help` prints. */
export const usage = `Usage: npm run -s bench -- [--json] [--quick] [--only <scenario prefix>]

  --json          one JSON object a line instead of a table
  --quick         under two minutes, with coarse figures
  --only <prefix> scenarios whose names begin with it, such as engine/warm-call or http/
`;

/**
 * Reads the arguments.
 *
 * @throws TypeError for one that is not known
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      only: { type: 'string', default: '' },
    },
  });
  return values;
}
