import {
  component,
  emptyDirVolume,
  hostHeartbeat,
  hostHeartbeatRequest,
  hostPathVolume,
  imagePullSecret,
  localResources,
  type MessageType,
  service,
  volume,
  volumeMount,
  witInterface,
  witWorld,
  workload,
  workloadStartRequest,
  workloadStartResponse,
  workloadStatus,
  workloadStatusRequest,
  workloadStatusResponse,
  workloadStopRequest,
  workloadStopResponse,
} from '@lodge/scheduler-protocol';

/** A field's value, how it is written, and what else is read as the same. */
interface FieldVector {
  readonly value: unknown;
  /** The member as protojson writes it; `null`: it is left out. */
  readonly json: string | null;
  /** As name and value of a member. */
  readonly alsoRead?: readonly string[];
}

/** Vectors for every field of a message; a field without one does not compile. */
type MessageVectors<T> = {
  readonly [Key in keyof T]-?: readonly FieldVector[];
};

/** One message of the protocol with the vectors of its fields. */
export interface GoldenMessage {
  readonly type: MessageType<unknown>;
  readonly fields: readonly (readonly [string, readonly FieldVector[]])[];
}

function golden<T>(type: MessageType<T>, vectors: MessageVectors<T>): GoldenMessage {
  const fields = Object.entries<readonly FieldVector[]>(vectors);
  return { type: type as unknown as MessageType<unknown>, fields };
}

/** Text fields behave alike: written as they are, the empty one left out. */
function text(name: string, snakeName: string = name): readonly FieldVector[] {
  return [
    {
      value: 'a "b" \\ ü 🏕',
      json: `"${name}":"a \\"b\\" \\\\ ü 🏕"`,
      alsoRead: [`"${snakeName}":"a \\u0022b\\" \\\\ \\u00fc 🏕"`],
    },
    { value: '', json: null, alsoRead: [`"${name}":""`, `"${name}":null`] },
  ];
}

/** So do numbers of 32 bits. */
function int32(name: string, snakeName: string): readonly FieldVector[] {
  return [
    {
      value: 5,
      json: `"${name}":5`,
      alsoRead: [`"${snakeName}":5`, `"${name}":"5"`, `"${name}":5.0`, `"${name}":"5e0"`],
    },
    { value: -1, json: `"${name}":-1`, alsoRead: [`"${snakeName}":"-1"`] },
    { value: 2_147_483_647, json: `"${name}":2147483647` },
    { value: -2_147_483_648, json: `"${name}":-2147483648` },
    { value: 0, json: null, alsoRead: [`"${name}":0`, `"${name}":"0"`, `"${name}":-0`, `"${name}":null`] },
  ];
}

function uint64(name: string, snakeName: string): readonly FieldVector[] {
  return [
    {
      value: 1n,
      json: `"${name}":"1"`,
      alsoRead: [`"${name}":1`, `"${snakeName}":"1"`, `"${snakeName}":1`, `"${name}":"1e0"`],
    },
    {
      value: 18_446_744_073_709_551_615n,
      json: `"${name}":"18446744073709551615"`,
      alsoRead: [`"${name}":18446744073709551615`],
    },
    { value: 9_007_199_254_740_993n, json: `"${name}":"9007199254740993"`, alsoRead: [`"${name}":9007199254740993`] },
    { value: 0n, json: null, alsoRead: [`"${name}":"0"`, `"${name}":0`, `"${name}":null`] },
  ];
}

function textMap(name: string, snakeName: string = name): readonly FieldVector[] {
  const hostile: Record<string, string> = JSON.parse('{"__proto__":"p","constructor":"c"}');
  return [
    {
      value: { 'a.b/c': 'd', e: '' },
      json: `"${name}":{"a.b/c":"d","e":""}`,
      alsoRead: [`"${snakeName}":{"a.b/c":"d","e":""}`],
    },
    { value: hostile, json: `"${name}":{"__proto__":"p","constructor":"c"}` },
    { value: {}, json: null, alsoRead: [`"${name}":{}`, `"${name}":null`] },
  ];
}

function textList(name: string, snakeName: string = name): readonly FieldVector[] {
  return [
    { value: ['b', '', 'a'], json: `"${name}":["b","","a"]`, alsoRead: [`"${snakeName}":["b","","a"]`] },
    { value: [], json: null, alsoRead: [`"${name}":[]`, `"${name}":null`] },
  ];
}

/** Messages as fields: an empty one is there, and differs from none. */
function nested(name: string, snakeName: string, value: unknown, json: string): readonly FieldVector[] {
  return [
    {
      value,
      json: `"${name}":${json}`,
      alsoRead: [`"${snakeName}":${json}`, `"${name}":{"unknown":[{}],${json.slice(1)}`],
    },
    { value: {}, json: `"${name}":{}` },
  ];
}

function nestedList(name: string, snakeName: string, value: unknown, json: string): readonly FieldVector[] {
  return [
    {
      value: [value, {}],
      json: `"${name}":[${json},{}]`,
      alsoRead: [`"${snakeName}":[${json},{}]`],
    },
    { value: [], json: null, alsoRead: [`"${name}":[]`, `"${name}":null`] },
  ];
}

const imagePullPolicy = [
  {
    value: 'IMAGE_PULL_POLICY_UNSPECIFIED',
    json: null,
    alsoRead: ['"imagePullPolicy":0', '"image_pull_policy":"IMAGE_PULL_POLICY_UNSPECIFIED"'],
  },
  {
    value: 'IMAGE_PULL_POLICY_ALWAYS',
    json: '"imagePullPolicy":"IMAGE_PULL_POLICY_ALWAYS"',
    alsoRead: ['"imagePullPolicy":1', '"image_pull_policy":1'],
  },
  {
    value: 'IMAGE_PULL_POLICY_IF_NOT_PRESENT',
    json: '"imagePullPolicy":"IMAGE_PULL_POLICY_IF_NOT_PRESENT"',
    alsoRead: ['"imagePullPolicy":2'],
  },
  {
    value: 'IMAGE_PULL_POLICY_NEVER',
    json: '"imagePullPolicy":"IMAGE_PULL_POLICY_NEVER"',
    alsoRead: ['"imagePullPolicy":3'],
  },
] as const;

const status = {
  value: { workloadId: 'w', workloadState: 'WORKLOAD_STATE_RUNNING', message: 'ok' },
  json: '{"workloadId":"w","workloadState":"WORKLOAD_STATE_RUNNING","message":"ok"}',
} as const;
const workloadStatusField = nested('workloadStatus', 'workload_status', status.value, status.json);
const wit = {
  value: { namespace: 'wasi', package: 'http', interfaces: ['types'] },
  json: '{"namespace":"wasi","package":"http","interfaces":["types"]}',
};
const secret = { value: { username: 'u', password: 'p' }, json: '{"username":"u","password":"p"}' };
const resources = { value: { memoryLimitMb: 64 }, json: '{"memoryLimitMb":64}' };

/** Written from the protobuf files and the rules of protojson, not from what the code does. */
export const goldenMessages: readonly GoldenMessage[] = [
  golden(hostHeartbeat, {
    id: text('id'),
    hostname: text('hostname'),
    friendlyName: text('friendlyName', 'friendly_name'),
    version: text('version'),
    labels: textMap('labels'),
    startedAt: [
      {
        value: '2026-08-20T10:11:12Z',
        json: '"startedAt":"2026-08-20T10:11:12Z"',
        alsoRead: [
          '"started_at":"2026-08-20T10:11:12Z"',
          '"startedAt":"2026-08-20T10:11:12.000+00:00"',
          '"startedAt":"2026-08-20T12:41:12+02:30"',
          '"startedAt":"2026-08-20T05:11:12-05:00"',
        ],
      },
      {
        value: '2026-08-20T10:11:12.345Z',
        json: '"startedAt":"2026-08-20T10:11:12.345Z"',
        alsoRead: ['"startedAt":"2026-08-20T10:11:12.345000000+00:00"'],
      },
      { value: '2026-08-20T10:11:12.000001Z', json: '"startedAt":"2026-08-20T10:11:12.000001Z"' },
      { value: '2026-08-20T10:11:12.123456789Z', json: '"startedAt":"2026-08-20T10:11:12.123456789Z"' },
      { value: '1970-01-01T00:00:00Z', json: '"startedAt":"1970-01-01T00:00:00Z"' },
      { value: '0001-01-01T00:00:00Z', json: '"startedAt":"0001-01-01T00:00:00Z"' },
      { value: '9999-12-31T23:59:59.999999999Z', json: '"startedAt":"9999-12-31T23:59:59.999999999Z"' },
    ],
    osArch: text('osArch', 'os_arch'),
    osName: text('osName', 'os_name'),
    osKernel: text('osKernel', 'os_kernel'),
    systemCpuUsage: [
      {
        value: Math.fround(12.3),
        json: '"systemCpuUsage":12.3',
        alsoRead: ['"system_cpu_usage":12.3', '"systemCpuUsage":"12.3"', '"systemCpuUsage":12.300000190734863'],
      },
      { value: 100, json: '"systemCpuUsage":100' },
      { value: Math.fround(1e-7), json: '"systemCpuUsage":1e-7' },
      { value: Number.NaN, json: '"systemCpuUsage":"NaN"' },
      { value: Number.POSITIVE_INFINITY, json: '"systemCpuUsage":"Infinity"' },
      { value: Number.NEGATIVE_INFINITY, json: '"systemCpuUsage":"-Infinity"' },
      { value: 0, json: null, alsoRead: ['"systemCpuUsage":0', '"systemCpuUsage":"0"', '"systemCpuUsage":-0.0'] },
    ],
    systemMemoryTotal: uint64('systemMemoryTotal', 'system_memory_total'),
    systemMemoryFree: uint64('systemMemoryFree', 'system_memory_free'),
    componentCount: uint64('componentCount', 'component_count'),
    workloadCount: uint64('workloadCount', 'workload_count'),
    imports: nestedList('imports', 'imports', wit.value, wit.json),
    exports: nestedList('exports', 'exports', wit.value, wit.json),
    httpPort: [
      { value: 8080, json: '"httpPort":8080', alsoRead: ['"http_port":"8080"'] },
      { value: 4_294_967_295, json: '"httpPort":4294967295' },
      { value: 0, json: null, alsoRead: ['"httpPort":0'] },
    ],
    environment: text('environment'),
  }),
  golden(hostHeartbeatRequest, { heartbeat: nested('heartbeat', 'heartbeat', { id: 'h' }, '{"id":"h"}') }),
  golden(witInterface, {
    namespace: text('namespace'),
    package: text('package'),
    version: text('version'),
    interfaces: textList('interfaces'),
    config: textMap('config'),
    name: text('name'),
  }),
  golden(workload, {
    namespace: text('namespace'),
    name: text('name'),
    annotations: textMap('annotations'),
    service: nested('service', 'service', { image: 'i' }, '{"image":"i"}'),
    witWorld: nested('witWorld', 'wit_world', { components: [{ name: 'c' }] }, '{"components":[{"name":"c"}]}'),
    volumes: nestedList('volumes', 'volumes', { name: 'v', emptyDir: {} }, '{"name":"v","emptyDir":{}}'),
  }),
  golden(service, {
    image: text('image'),
    localResources: nested('localResources', 'local_resources', resources.value, resources.json),
    maxRestarts: uint64('maxRestarts', 'max_restarts'),
    imagePullSecret: nested('imagePullSecret', 'image_pull_secret', secret.value, secret.json),
    imagePullPolicy,
  }),
  golden(witWorld, {
    components: nestedList('components', 'components', { image: 'i' }, '{"image":"i"}'),
    hostInterfaces: nestedList('hostInterfaces', 'host_interfaces', wit.value, wit.json),
  }),
  golden(component, {
    image: text('image'),
    localResources: nested('localResources', 'local_resources', resources.value, resources.json),
    poolSize: int32('poolSize', 'pool_size'),
    maxInvocations: int32('maxInvocations', 'max_invocations'),
    imagePullSecret: nested('imagePullSecret', 'image_pull_secret', secret.value, secret.json),
    name: text('name'),
    imagePullPolicy,
    maxConcurrency: int32('maxConcurrency', 'max_concurrency'),
  }),
  golden(localResources, {
    memoryLimitMb: int32('memoryLimitMb', 'memory_limit_mb'),
    cpuLimit: int32('cpuLimit', 'cpu_limit'),
    config: textMap('config'),
    environment: textMap('environment'),
    volumeMounts: nestedList('volumeMounts', 'volume_mounts', { mountPath: '/m' }, '{"mountPath":"/m"}'),
    allowedHosts: textList('allowedHosts', 'allowed_hosts'),
    allowedIpNameLookups: textList('allowedIpNameLookups', 'allowed_ip_name_lookups'),
    allowedHostLoopbackPorts: textList('allowedHostLoopbackPorts', 'allowed_host_loopback_ports'),
  }),
  golden(volume, {
    name: text('name'),
    hostPath: nested('hostPath', 'host_path', { localPath: '/x' }, '{"localPath":"/x"}'),
    emptyDir: [{ value: {}, json: '"emptyDir":{}', alsoRead: ['"empty_dir":{}', '"emptyDir":{},"hostPath":null'] }],
  }),
  golden(volumeMount, {
    name: text('name'),
    mountPath: text('mountPath', 'mount_path'),
    readOnly: [
      { value: true, json: '"readOnly":true', alsoRead: ['"read_only":true'] },
      { value: false, json: null, alsoRead: ['"readOnly":false'] },
    ],
  }),
  golden(emptyDirVolume, {}),
  golden(hostPathVolume, { localPath: text('localPath', 'local_path') }),
  golden(imagePullSecret, { username: text('username'), password: text('password') }),
  golden(workloadStartRequest, {
    workload: nested('workload', 'workload', { name: 'n' }, '{"name":"n"}'),
    workloadId: text('workloadId', 'workload_id'),
  }),
  golden(workloadStatus, {
    workloadId: text('workloadId', 'workload_id'),
    workloadState: [
      { value: 'WORKLOAD_STATE_UNSPECIFIED', json: null, alsoRead: ['"workloadState":0'] },
      ...(['STARTING', 'RUNNING', 'COMPLETED', 'STOPPING', 'ERROR', 'NOT_FOUND'] as const).map(
        (name, index) =>
          ({
            value: `WORKLOAD_STATE_${name}`,
            json: `"workloadState":"WORKLOAD_STATE_${name}"`,
            alsoRead: [`"workloadState":${index + 1}`, `"workload_state":"WORKLOAD_STATE_${name}"`],
          }) as const,
      ),
    ],
    message: text('message'),
  }),
  golden(workloadStartResponse, { workloadStatus: workloadStatusField }),
  golden(workloadStatusRequest, { workloadId: text('workloadId', 'workload_id') }),
  golden(workloadStatusResponse, { workloadStatus: workloadStatusField }),
  golden(workloadStopRequest, { workloadId: text('workloadId', 'workload_id') }),
  golden(workloadStopResponse, { workloadStatus: workloadStatusField }),
];
