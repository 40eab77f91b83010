import type { OptionSpec, OptionValues } from '../command.js';

/**
 * The options of one NATS connection, beside its url: `--<prefix>-creds` and so on. Each has a variable, such as `LODGE_NATS_CREDS` for `--nats-creds`. A
 * password and a token come from a file or a variable, never from the command line, which other users of the machine may see.
 */
export function natsFlags(prefix: string): Readonly<Record<string, OptionSpec>> {
  const variable = variableOf(prefix);
  return {
    [`${prefix}-creds`]: {
      value: '<file>',
      about: `NATS credentials file, read again at each reconnect (also: ${variable}_CREDS)`,
    },
    [`${prefix}-user`]: { value: '<name>', about: `NATS user (also: ${variable}_USER)` },
    [`${prefix}-password-file`]: {
      value: '<file>',
      about: `file with the password of that user (also: ${variable}_PASSWORD, the password itself)`,
    },
    [`${prefix}-token-file`]: {
      value: '<file>',
      about: `file with a NATS token (also: ${variable}_TOKEN, the token itself)`,
    },
    [`${prefix}-tls-ca`]: {
      value: '<file>',
      about: 'PEM certificates to trust instead of those that come with Node.js',
    },
    [`${prefix}-tls-cert`]: { value: '<file>', about: 'PEM client certificate' },
    [`${prefix}-tls-key`]: { value: '<file>', about: 'PEM key of the client certificate' },
    [`${prefix}-tls-first`]: { about: 'begin with TLS, before the greeting of the server' },
  };
}

/** Whether the command line, rather than the environment, says how to log in. */
export function hasNatsFlags(prefix: string, options: OptionValues): boolean {
  return Object.keys(natsFlags(prefix)).some((name) => options.has(name));
}

/** `LODGE_SCHEDULER_NATS` for `scheduler-nats`. */
export function variableOf(prefix: string): string {
  return `LODGE_${prefix.replaceAll('-', '_').toUpperCase()}`;
}
