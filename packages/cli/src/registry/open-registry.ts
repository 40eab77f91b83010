import { type OciClient, type OciCredentials, type OciProgress, ociClient } from '@lodge/oci';
import { readCertificates } from '../certificates.js';
import type { CommandContext, OptionValues } from '../command.js';
import { readDuration } from '../duration.js';
import { readSecret } from '../secret-file.js';
import { UsageError } from '../usage-error.js';

/** A client for one transfer, and what goes with each. */
export interface Registry extends AsyncDisposable {
  readonly client: OciClient;
  readonly transfer: {
    readonly credentials?: OciCredentials;
    readonly signal: AbortSignal;
    readonly onProgress: (progress: OciProgress) => void;
  };
}

/** Makes a client from the options of `lodge push` and `lodge pull`. @throws UsageError; HostError `ERR_FILE_UNREADABLE`. */
export async function openRegistry(options: OptionValues, { reporter, shutdown }: CommandContext): Promise<Registry> {
  const credentials = await readCredentials(options);
  const client = ociClient({
    plainHttp: options.get('insecure') === 'true',
    ca: await readCertificates('ca-path', options),
    timeoutMs: readDuration('--timeout', options.get('timeout'), { min: 100, max: 3_600_000, fallback: 300_000 }),
  });
  return {
    client,
    transfer: {
      ...(credentials !== undefined && { credentials }),
      signal: shutdown.signal,
      onProgress: (progress) => reporter.status(describeProgress(progress)),
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

async function readCredentials(options: OptionValues): Promise<OciCredentials | undefined> {
  const username = options.get('user') ?? (process.env['LODGE_REGISTRY_USER'] || undefined);
  const file = options.get('password-file');
  if (file !== undefined && options.has('password'))
    throw new UsageError('give --password-file or --password, not both.');
  const password =
    file === undefined
      ? (options.get('password') ?? (process.env['LODGE_REGISTRY_PASSWORD'] || undefined))
      : await readSecret(file);
  if ((username === undefined) !== (password === undefined)) {
    throw new UsageError(
      'a user of a registry has a password: give --user with --password-file or LODGE_REGISTRY_PASSWORD.',
    );
  }
  return username === undefined || password === undefined ? undefined : { username, password };
}

const verbs = {
  resolve: 'asking the registry',
  download: 'pulling',
  upload: 'pushing',
  cached: 'already there',
} as const;

function describeProgress({ stage, transferredBytes, totalBytes }: OciProgress): string {
  if (transferredBytes === 0 || stage === 'resolve') return verbs[stage];
  const share = totalBytes
    ? `${Math.floor((transferredBytes / totalBytes) * 100)}% of ${mebibytes(totalBytes)}`
    : mebibytes(transferredBytes);
  return `${verbs[stage]}: ${share}`;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
