import { readFile } from 'node:fs/promises';
import { fixture } from '@lodge-internal/fixtures';
import { startNatsServer } from '@lodge-internal/test-nats';
import { startRegistry } from '@lodge-internal/test-registry';
import { expect, test, vi } from 'vitest';
import { hostFlags } from '../src/lattice/host-flags.js';
import { referenceFlags } from '../src/lattice/reference-flags.js';
import { getAs } from './support/host-header.js';
import { lodge, runLodge } from './support/lodge.js';
import { temporaryFolder } from './support/temporary-folder.js';

// Each test starts processes, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const page = await readFile(new URL('../../../docs/joining-a-lattice.md', import.meta.url), 'utf8');

function block(language: string): string {
  return [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, text]) => text).join('');
}

/** Takes a line of the page apart as a shell would. */
function words(line: string): string[] {
  return [...line.matchAll(/((?:[^\s']|'[^']*')+)/g)].map(([word]) => word.replaceAll("'", ''));
}

test('the page works when it is pasted, line by line', async () => {
  await using nats = await startNatsServer({ config: block('conf').replace(/^listen.*|^jetstream.*/gm, '') });
  await using registry = await startRegistry();
  await using folder = await temporaryFolder({ 'hello.wasm': await fixture('lean') });
  const here = block('sh')
    .replaceAll('127.0.0.1:4222', `127.0.0.1:${nats.port}`)
    .replaceAll('127.0.0.1:5000', registry.host);
  const env: Record<string, string> = {};
  await using parts = new AsyncDisposableStack();
  let url = '';
  const answers: string[] = [];
  for (const line of here.trimEnd().split('\n')) {
    const [program, ...args] = words(line);
    if (program === 'export') {
      const [, name = '', value = ''] = /^([A-Z_]+)=(.*)$/.exec(args.join(' ')) ?? [];
      env[name] = value;
    } else if (program === 'curl') {
      const host = args.join(' ').match(/Host: (\S+)/)?.[1] ?? '';
      answers.push((await getAs(url, host)).text);
    } else if (args[0] === 'host') {
      const free = args.map((word) => word.replace(':8000', ':0'));
      const host = parts.use(lodge(free, { cwd: folder.path, env }));
      [, url = ''] = await host.saw(/workloads listen on (\S+)/);
      expect(host.stderr()).not.toContain('warn');
    } else {
      const { code, stdout, stderr } = await runLodge(args, { cwd: folder.path, env });
      expect({ line, code, stderr }).toEqual({ line, code: 0, stderr: '' });
      answers.push(stdout);
    }
  }
  expect(answers).toEqual([
    expect.stringContaining('pushed'),
    expect.stringMatching(/^NAME .*\n\S+ +[0-9a-f-]{36} +default /),
    expect.stringMatching(/^hello {2}running/),
    'hello world',
    expect.stringMatching(/^hello {2}running/),
    expect.stringMatching(/^hello {2}stopping/),
  ]);
});

test('the page names every option of wash host, and lodge host knows each', () => {
  const honoured = [
    'host-group',
    'host-name',
    'environment',
    'scheduler-nats-url',
    'scheduler-nats-tls-ca',
    'data-nats-url',
    'data-nats-tls-ca',
    'http-addr',
    'http-client-ca-path',
    'http-client-trust-roots',
    'max-outbound-http-connections-per-workload',
    'allow-host-loopback',
    'allow-insecure-registries',
    'oci-ca-path',
    'oci-cache-dir',
    'registry-pull-timeout',
    'nats-connect-timeout',
    'drain-delay',
    'probe-addr',
    'log-level',
  ];
  for (const name of honoured) {
    expect(hostFlags).toHaveProperty(name);
    expect(page).toContain(`\`--${name}\``);
  }
  for (const [name, { refusal }] of Object.entries(referenceFlags)) {
    const row = page.split('\n').find((line) => line.startsWith('| ') && line.includes(`\`--${name}\``));
    expect({ name, row }).toEqual({ name, row: expect.stringMatching(refusal === undefined ? /accepted/ : /refused/) });
  }
});
