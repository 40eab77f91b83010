import { getCACertificates } from 'node:tls';
import { readCertificates } from '../certificates.js';
import type { OptionValues } from '../command.js';
import { UsageError } from '../usage-error.js';

/** Which authorities outgoing HTTPS trusts. */
export interface EgressTrust {
  /** PEM. Unset: those that Node.js trusts anyway. */
  readonly ca?: string;
}

/** The sets of authorities that Node.js has, by the names that wash gives them. */
const roots: Readonly<Record<string, readonly ('bundled' | 'system')[]>> = {
  webpki: ['bundled'],
  native: ['system'],
  'webpki-and-native': ['bundled', 'system'],
};

/** Reads `--http-client-trust-roots` and `--http-client-ca-path`. @throws UsageError; HostError `ERR_FILE_UNREADABLE`. */
export async function readEgressTrust(options: OptionValues): Promise<EgressTrust> {
  const named = options.get('http-client-trust-roots') ?? (process.env['WASH_HTTP_CLIENT_TRUST_ROOTS'] || undefined);
  const sets = roots[named ?? 'webpki'];
  if (sets === undefined) {
    throw new UsageError(`--http-client-trust-roots is ${Object.keys(roots).join(', ')}, not "${named}".`);
  }
  const extra = await readCertificates('http-client-ca-path', options);
  if (named === undefined && extra.length === 0) return {};
  return { ca: [...sets.flatMap((set) => getCACertificates(set)), ...extra].join('\n') };
}
