import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ociClient } from '@lodge/oci';
import { startRegistry } from '@lodge-internal/test-registry';
import { expect, test } from 'vitest';
import { digestOf, someComponent } from './support/artifacts.js';
import { cacheFiles, temporaryFolder } from './support/folders.js';

const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const maxCacheBytes = 500_000;
const processes = 4;
const pulls = 60;

/** Pulls at random, four at a time, and says of each whether the bytes are the right ones. */
const puller = `
  import { createHash } from 'node:crypto';
  const { ociClient } = await import(process.argv[1]);
  const { options, references, pulls } = JSON.parse(process.argv[2]);
  const client = ociClient(options);
  const pull = async () => {
    const [reference, digest] = references[Math.floor(Math.random() * references.length)];
    const { bytes } = await client.pull(reference);
    console.log('sha256:' + createHash('sha256').update(bytes).digest('hex') === digest);
  };
  const lane = async () => { for (let count = 0; count < pulls / 4; count++) await pull(); };
  await Promise.all([lane(), lane(), lane(), lane()]);
  await client.close();
`;

test('processes that share a small cache get the right bytes and keep within its bound', async () => {
  const cacheDir = await temporaryFolder();
  await using registry = await startRegistry();
  await using oci = ociClient({ plainHttp: true, dockerConfig: false });
  const references: [string, string][] = [];
  for (let index = 0; index < 8; index++) {
    const component = someComponent(100_000 + index);
    const { reference } = await oci.push(`${registry.host}/acme/c${index}:1`, component);
    references.push([reference, digestOf(component)]);
  }
  const options = { plainHttp: true, dockerConfig: false, cacheDir, maxCacheBytes };
  const argument = JSON.stringify({ options, references, pulls });
  const outcomes = await Promise.all(Array.from({ length: processes }, () => run([puller, built, argument])));
  expect(outcomes).toEqual(
    Array.from({ length: processes }, () => ({ exitCode: 0, lines: Array(pulls).fill('true') })),
  );
  const files = await cacheFiles(cacheDir);
  expect(files.filter(({ path }) => path.includes('staging'))).toEqual([]);
  expect(files.reduce((sum, { size }) => sum + Math.max(size, 4096), 0)).toBeLessThanOrEqual(maxCacheBytes);
  expect(files.length).toBeGreaterThan(0);
}, 120_000);

async function run([source, ...args]: readonly [string, ...string[]]): Promise<{ exitCode: number; lines: string[] }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const [exitCode] = await once(child, 'close');
  return { exitCode: Number(exitCode), lines };
}
