import type { NatsOptions } from '@lodge-internal/nats';
import type { OptionValues } from '../command.js';
import { isNatsUrl, natsUrlForm, readNatsUrl } from '../settings.js';
import { UsageError } from '../usage-error.js';
import { hasNatsFlags, variableOf } from './nats-flags.js';
import { readNatsLogin } from './nats-login.js';

const defaultServerUrl = 'nats://localhost:4222';

/**
 * The NATS server of `lodge run` and `lodge dev`, with how to log in; nothing for memory. `fallback` is the url of the config file.
 *
 * @throws UsageError; HostError `ERR_FILE_UNREADABLE`.
 */
export async function readNats(options: OptionValues, fallback?: string): Promise<NatsOptions | undefined> {
  const url = readNatsUrl(options.get('nats'), fallback);
  if (url !== undefined) return { url, ...(await readNatsLogin('nats', options)) };
  if (hasNatsFlags('nats', options))
    throw new UsageError('name the NATS server to log in to: --nats nats://host:port.');
  return undefined;
}

/**
 * A NATS server that has to be there: `--<prefix>-url`, else its variable, else `nats://localhost:4222`. Several servers of one cluster have commas between
 * them.
 *
 * @throws UsageError; HostError `ERR_FILE_UNREADABLE`.
 */
export async function readServerNats(prefix: string, options: OptionValues): Promise<NatsOptions> {
  const variable = `${variableOf(prefix)}_URL`;
  const text = options.get(`${prefix}-url`) || process.env[variable] || defaultServerUrl;
  const servers = text.split(',').map((url) => url.trim());
  // The text is not repeated: it may hold a password.
  if (!servers.every(isNatsUrl)) {
    throw new UsageError(`${options.has(`${prefix}-url`) ? `--${prefix}-url` : variable} is ${natsUrlForm}.`);
  }
  return { servers, ...(await readNatsLogin(prefix, options)) };
}
