import { request } from 'node:http';
import { schedulerClient } from '@lodge/scheduler-protocol';
import { fixture } from '@lodge-internal/fixtures';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { getAs } from './support/host-header.js';
import { helloWorkload, type Lattice, type LatticeHost, startLattice } from './support/lattice.js';
import { type LodgeOptions, type LodgeProcess, lodge } from './support/lodge.js';
import { spinningCommand } from './support/spinning-command.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** A command that ends with its test, also when that fails by waiting in vain: one that computes on would take a processor for ever. */
function started(args: readonly string[], options?: LodgeOptions): LodgeProcess {
  const process = lodge(args, options);
  onTestFinished(() => process[Symbol.asyncDispose]());
  return process;
}

/** A call of `http-spin` that computes until its client, this one, goes. */
interface SpinningCall {
  readonly isOver: () => boolean;
  leave(): void;
}

function spin(url: string, host: string): SpinningCall {
  let isOver = false;
  const call = request(url, { method: 'POST', headers: { host } });
  call.once('close', () => {
    isOver = true;
  });
  call.on('error', () => {});
  call.end();
  return { isOver: () => isOver, leave: () => void call.destroy() };
}

/** Others are answered while a guest computes, and afterwards. */
async function answersBesideSpinningGuest(url: string, host = 'any.test'): Promise<void> {
  expect(await getAs(url, host)).toMatchObject({ status: 200 });
  const spinning = spin(url, host);
  for (let count = 0; count < 5; count++) expect(await getAs(url, host)).toMatchObject({ status: 200 });
  expect(spinning.isOver()).toBe(false);
  spinning.leave();
  expect(await getAs(url, host)).toMatchObject({ status: 200 });
}

async function listening(process: LodgeProcess): Promise<string> {
  const [, url = ''] = await process.saw(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  return url;
}

describe('lodge run --interruption always', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('lets %s end a command that computes without end, with exit code %i', async (signal, expected) => {
    await using folder = await temporaryFolder({ 'spin.wasm': await spinningCommand() });
    const process = started(['run', 'spin.wasm', '--interruption', 'always'], { cwd: folder.path });
    await process.saw(/^spinning$/m);
    process.child.kill(signal);
    expect(await process.ended).toBe(expected);
  });

  test('lets requests be answered beside one that computes without end', async () => {
    await using folder = await temporaryFolder({ 'spin.wasm': await fixture('http-spin') });
    const args = ['run', 'spin.wasm', '--http', '0', '--interruption', 'always'];
    const process = started(args, { cwd: folder.path });
    await answersBesideSpinningGuest(await listening(process));
    process.child.kill('SIGINT');
    expect(await process.ended).toBe(0);
  });
});

describe('lodge dev', () => {
  test.each([
    ['dev.interruption', 'always', []],
    ['--interruption, which goes before dev.interruption,', 'never', ['--interruption', 'always']],
  ])('with %s lets requests be answered beside one that computes without end', async (_, interruption, args) => {
    await using folder = await temporaryFolder({
      'lodge.config.js': `export default {
        build: { componentPath: 'spin.wasm' },
        dev: { http: '127.0.0.1:0', interruption: '${interruption}' },
      };`,
      'spin.wasm': await fixture('http-spin'),
    });
    const process = started(['dev', folder.path, ...args]);
    await answersBesideSpinningGuest(await listening(process));
    process.child.kill('SIGINT');
    expect(await process.ended).toBe(0);
  });
});

describe('lodge host', () => {
  let lattice: Lattice;
  beforeAll(async () => {
    lattice = await startLattice();
  });
  afterAll(async () => {
    await lattice?.[Symbol.asyncDispose]();
  });

  async function serving(...args: readonly string[]): Promise<LatticeHost> {
    await lattice.folder.write('spin.wasm', await fixture('http-spin'));
    const image = `${lattice.registry.host}/spin:1`;
    await lattice.run('push', image, 'spin.wasm', '--insecure');
    const host = await lattice.host({ args });
    await using client = schedulerClient(lattice.connection);
    const { message } = await client.start(host.hostId, helloWorkload(image, 'spin.test'));
    expect(message).toBe('Workload started successfully');
    return host;
  }

  test('that was told nothing lets requests be answered beside one that computes without end', async () => {
    await using host = await serving();
    await answersBesideSpinningGuest(host.url, 'spin.test');
    host.child.kill('SIGTERM');
    expect(await host.ended).toBe(0);
  });

  test('--interruption never lets a component that computes hold up everything', async () => {
    await using host = await serving('--interruption', 'never');
    const livez = (): Promise<number> =>
      fetch(`${host.healthUrl}/livez`, { signal: AbortSignal.timeout(500) }).then(
        ({ status }) => status,
        () => 0,
      );
    expect(await fetch(`${host.healthUrl}/livez`)).toMatchObject({ status: 200 });
    const spinning = spin(host.url, 'spin.test');
    await expect.poll(livez, { timeout: 20_000, interval: 5 }).toBe(0);
    spinning.leave();
  });
});
