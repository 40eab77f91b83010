import { ociClient } from '@lodge/oci';
import { startHost } from './start-host.ts';

/** What the process is started with, as JSON in its first argument. */
export interface HostTask {
  readonly natsUrl: string;
  readonly heartbeatIntervalMs: number;
  readonly cacheDir: string;
}

/** Its first line. */
export interface HostReply {
  readonly hostId: string;
}

// The process of a host that pulls its components: says its id, and ends with its input.
const { natsUrl, heartbeatIntervalMs, cacheDir }: HostTask = JSON.parse(process.argv[2] ?? '{}');
const client = ociClient({ cacheDir, plainHttp: true, dockerConfig: false });
const host = await startHost({
  natsUrl,
  heartbeatIntervalMs,
  loader: async ({ image, pullPolicy = 'if-not-present' }, { signal }) =>
    (await client.pull(image, { policy: pullPolicy, signal })).bytes,
});
process.stdout.write(`${JSON.stringify({ hostId: host.id } satisfies HostReply)}\n`);
process.stdin.on('end', () => process.exit()).resume();
