import type { OptionValues } from '../command.js';
import { readCount, readPairs } from '../settings.js';
import { UsageError } from '../usage-error.js';
import { toWorkload } from './to-workload.js';
import type { PlannedWorkload } from './workload-manifest.js';
import type { HostInterfaceSpec, WorkloadSpec } from './workload-spec.js';

/** A workload of one component that the command line describes. @throws UsageError */
export function imageWorkload(image: string, options: OptionValues): PlannedWorkload {
  const name = options.get('name') ?? nameOf(image);
  const poolSize = readCount('--pool', options.get('pool'));
  const spec: WorkloadSpec = {
    components: [
      {
        name,
        image,
        imagePullPolicy: readPullPolicy(options.get('pull')),
        poolSize,
        localResources: {
          environment: { config: readPairs('--env', options.all('env')) },
          config: readPairs('--config', options.all('config')),
          allowedHosts: [...options.all('allow-host')],
        },
      },
    ],
    hostInterfaces: [...readHttp(options.get('http-host')), ...options.all('interface').map(readInterface)],
  };
  const namespace = options.get('namespace') ?? 'default';
  return {
    workload: toWorkload({ name, namespace, annotations: undefined, spec }),
    replicas: readReplicas(options),
    hostSelector: readPairs('--select', options.all('select')),
    hostId: undefined,
    environment: undefined,
  };
}

/** `hello` of `registry.example/acme/hello:1.0.0`. */
function nameOf(image: string): string {
  const [, name] = /([a-z0-9]+(?:[._-]+[a-z0-9]+)*)(?::[^/@]*)?(?:@.*)?$/.exec(image) ?? [];
  return name ?? 'component';
}

function readHttp(hosts: string | undefined): HostInterfaceSpec[] {
  if (hosts === undefined) return [];
  const [host = '', ...aliases] = hosts.split(',').map((part) => part.trim());
  if (host === '') throw new UsageError('--http-host needs a name, such as hello.example.com.');
  const config = { host, ...(aliases.length > 0 && { 'host-aliases': aliases.join(',') }) };
  return [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], config }];
}

/** Reads `wasi:keyvalue/store,atomics@0.2.0-draft?buckets=visits&backend=nats`. */
function readInterface(text: string): HostInterfaceSpec {
  const [, namespace, packageName, interfaces, version, config] =
    /^([a-z][a-z0-9-]*):([a-z][a-z0-9-]*)\/([a-z0-9,-]+)(?:@([0-9A-Za-z.+-]+))?(?:\?(.*))?$/.exec(text) ?? [];
  if (namespace === undefined || packageName === undefined || interfaces === undefined) {
    throw new UsageError('--interface is such as wasi:keyvalue/store,atomics@0.2.0-draft?buckets=visits.');
  }
  return {
    namespace,
    package: packageName,
    interfaces: interfaces.split(',').filter((name) => name !== ''),
    version,
    config: Object.fromEntries(new URLSearchParams(config ?? '')),
  };
}

const pullPolicies = { always: 'Always', 'if-not-present': 'IfNotPresent', never: 'Never' } as const;

function readPullPolicy(text: string | undefined): (typeof pullPolicies)[keyof typeof pullPolicies] | undefined {
  if (text === undefined) return undefined;
  const policy = Object.entries(pullPolicies).find(([name, value]) => [name, value].includes(text))?.[1];
  if (policy === undefined) throw new UsageError(`--pull is ${Object.keys(pullPolicies).join(', ')}, not "${text}".`);
  return policy;
}

function readReplicas(options: OptionValues): number {
  const replicas = readCount('--replicas', options.get('replicas')) ?? 1;
  if (replicas < 1 || replicas > 1_000) throw new UsageError('--replicas is a whole number from 1 to 1000.');
  return replicas;
}
