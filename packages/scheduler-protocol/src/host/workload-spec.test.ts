import { expect, test } from 'vitest';
import { workload } from '../messages/workload.js';
import { decodeMessage } from '../protojson/codec.js';
import { describeUnsupported } from './unsupported.js';
import { toWorkloadSpec } from './workload-spec.js';

const read = (message: object) => decodeMessage(workload, JSON.stringify(message));

test('a workload of the host API is one of the host, with nothing lost', () => {
  const spec = toWorkloadSpec(
    read({
      namespace: 'ns',
      name: 'app',
      annotations: { a: 'b' },
      witWorld: {
        components: [
          {
            name: 'main',
            image: 'r/app:1',
            imagePullPolicy: 'IMAGE_PULL_POLICY_ALWAYS',
            imagePullSecret: { username: 'u', password: 'p' },
            poolSize: 2,
            maxInvocations: 3,
            maxConcurrency: 4,
            localResources: { memoryLimitMb: 64, config: { k: 'v' }, environment: { E: '1' }, allowedHosts: ['a'] },
          },
          { name: 'bare', image: 'r/bare:1' },
        ],
        hostInterfaces: [
          {
            namespace: 'wasi',
            package: 'keyvalue',
            interfaces: ['store'],
            version: '0.2.0-draft',
            name: 'cache',
            config: { b: 'c' },
          },
          { namespace: 'wasi', package: 'http', interfaces: ['incoming-handler'], version: 'latest', name: '' },
        ],
      },
      service: { image: 'r/svc:1', maxRestarts: '7', imagePullPolicy: 'IMAGE_PULL_POLICY_NEVER' },
      volumes: [{ name: 'tmp', emptyDir: {} }, { name: 'data', hostPath: { localPath: '/data' } }, { name: 'none' }],
    }),
  );
  expect(spec).toMatchObject({
    namespace: 'ns',
    name: 'app',
    annotations: { a: 'b' },
    components: [
      {
        name: 'main',
        source: { image: 'r/app:1', pullPolicy: 'always', pullSecret: { username: 'u', password: 'p' } },
        poolSize: 2,
        maxInvocations: 3,
        maxConcurrency: 4,
        localResources: { memoryLimitMb: 64, config: { k: 'v' }, environment: { E: '1' }, allowedHosts: ['a'] },
      },
      { name: 'bare', source: { image: 'r/bare:1', pullPolicy: 'if-not-present' }, poolSize: 0 },
    ],
    hostInterfaces: [
      { package: 'keyvalue', version: '0.2.0-draft', name: 'cache', config: { b: 'c' } },
      { package: 'http', interfaces: ['incoming-handler'] },
    ],
    service: { source: { image: 'r/svc:1', pullPolicy: 'never' }, maxRestarts: 7 },
    volumes: [{ name: 'tmp' }, { name: 'data', hostPath: '/data' }, { name: 'none' }],
  });
  // Without resources everything is denied, which the host knows by their absence; a version or name that is none counts as unset.
  expect(spec.components?.[1]).not.toHaveProperty('localResources');
  expect(spec.hostInterfaces?.[1]).not.toHaveProperty('version');
  expect(spec.hostInterfaces?.[1]).not.toHaveProperty('name');
});

test('without a witWorld there are no components and no interfaces', () => {
  expect(toWorkloadSpec(read({ name: 'empty' }))).toMatchObject({ components: [], hostInterfaces: [] });
});

test('restarts without end are as many as a host counts', () => {
  const spec = toWorkloadSpec(read({ service: { image: 'i', maxRestarts: '18446744073709551615' } }));
  expect(spec.service?.maxRestarts).toBe(2_147_483_647);
});

test('what a host does not have is named, all of it', () => {
  const localResources = {
    cpuLimit: 2,
    allowedIpNameLookups: ['a'],
    allowedHostLoopbackPorts: ['80'],
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
  };
  const asked = read({
    witWorld: { components: [{ name: 'main', image: 'i', localResources }] },
    service: { image: 'i', localResources: { cpuLimit: 1 } },
    volumes: [{ name: 'data', emptyDir: {} }],
  });
  expect(describeUnsupported(asked)).toBe(
    "the workload asks for what this host does not have: the volume 'data', the volume mount 'data' of component 'main', cpuLimit of component 'main', allowedIpNameLookups of component 'main', allowedHostLoopbackPorts of component 'main', cpuLimit of the service; leave it out, or choose another host",
  );
});

test('defaults ask for nothing', () => {
  const localResources = { cpuLimit: -1, memoryLimitMb: -1, allowedHosts: ['*'] };
  const asked = read({ witWorld: { components: [{ name: 'main', image: 'i', localResources }] } });
  expect(describeUnsupported(asked)).toBeUndefined();
});

test('a long list of such things is cut short', () => {
  const volumes = Array.from({ length: 500 }, (_, index) => ({ name: `${'v'.repeat(500)}${index}` }));
  const message = describeUnsupported(read({ volumes })) ?? '';
  expect(message).toContain('and 490 more');
  expect(message.length).toBeLessThan(1_500);
});
