import {
  type Component,
  component,
  type HostHeartbeat,
  hostHeartbeat,
  hostHeartbeatRequest,
  type LocalResources,
  type MessageType,
  type Service,
  type Volume,
  type WitInterface,
  type WitWorld,
  type Workload,
  type WorkloadStatus,
  witInterface,
  workload,
  workloadStartRequest,
  workloadStartResponse,
  workloadStatusRequest,
  workloadStopRequest,
} from '@lodge/scheduler-protocol';

/** The same numbers for the same seed, from 0 to below 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Values of every kind, complete, as a decoded message is. */
export class RandomMessages {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = randomNumbers(seed);
  }

  /** A message of some type. */
  message(): readonly [MessageType<unknown>, unknown] {
    const workloadId = this.text();
    const workloadStatus: WorkloadStatus = {
      workloadId,
      workloadState: this.#pick([
        'WORKLOAD_STATE_UNSPECIFIED',
        'WORKLOAD_STATE_STARTING',
        'WORKLOAD_STATE_RUNNING',
        'WORKLOAD_STATE_COMPLETED',
        'WORKLOAD_STATE_STOPPING',
        'WORKLOAD_STATE_ERROR',
        'WORKLOAD_STATE_NOT_FOUND',
      ]),
      message: this.text(),
    };
    const choices: readonly (readonly [MessageType<never>, () => unknown])[] = [
      [hostHeartbeat, () => this.heartbeat()],
      [hostHeartbeatRequest, () => this.#maybe('heartbeat', () => this.heartbeat())],
      [witInterface, () => this.witInterface()],
      [component, () => this.component()],
      [workload, () => this.workload()],
      [workloadStartRequest, () => ({ workloadId, ...this.#maybe('workload', () => this.workload()) })],
      [workloadStartResponse, () => this.#maybe('workloadStatus', () => workloadStatus)],
      [workloadStatusRequest, () => ({ workloadId })],
      [workloadStopRequest, () => ({ workloadId })],
    ] as unknown as readonly (readonly [MessageType<never>, () => unknown])[];
    const [type, make] = this.#pick(choices);
    return [type as unknown as MessageType<unknown>, make()];
  }

  heartbeat(): HostHeartbeat {
    return {
      id: this.text(),
      hostname: this.text(),
      friendlyName: this.text(),
      version: this.text(),
      labels: this.#map(),
      ...this.#maybe('startedAt', () => this.#time()),
      osArch: this.text(),
      osName: this.text(),
      osKernel: this.text(),
      systemCpuUsage: this.#float(),
      systemMemoryTotal: this.#uint64(),
      systemMemoryFree: this.#uint64(),
      componentCount: this.#uint64(),
      workloadCount: this.#uint64(),
      imports: this.#list(() => this.witInterface()),
      exports: this.#list(() => this.witInterface()),
      httpPort: Math.floor(this.#random() * 2 ** 32),
      environment: this.text(),
    };
  }

  witInterface(): WitInterface {
    return {
      namespace: this.text(),
      package: this.text(),
      version: this.text(),
      interfaces: this.#list(() => this.text()),
      config: this.#map(),
      name: this.text(),
    };
  }

  workload(): Workload {
    return {
      namespace: this.text(),
      name: this.text(),
      annotations: this.#map(),
      ...this.#maybe('service', () => this.#service()),
      ...this.#maybe(
        'witWorld',
        (): WitWorld => ({
          components: this.#list(() => this.component()),
          hostInterfaces: this.#list(() => this.witInterface()),
        }),
      ),
      volumes: this.#list(() => this.#volume()),
    };
  }

  component(): Component {
    return {
      image: this.text(),
      ...this.#maybe('localResources', () => this.#localResources()),
      poolSize: this.#int32(),
      maxInvocations: this.#int32(),
      ...this.#maybe('imagePullSecret', () => ({ username: this.text(), password: this.text() })),
      name: this.text(),
      imagePullPolicy: this.#pick([
        'IMAGE_PULL_POLICY_UNSPECIFIED',
        'IMAGE_PULL_POLICY_ALWAYS',
        'IMAGE_PULL_POLICY_NEVER',
      ]),
      maxConcurrency: this.#int32(),
    };
  }

  /** Of every width, with what JSON and JavaScript treat specially. */
  text(): string {
    const parts = [
      '',
      'a',
      '"',
      '\\',
      '\u0000',
      '\u2028',
      'ü',
      '漢',
      '🏕',
      '__proto__',
      'null',
      '1',
      '.',
      '>',
      ' ',
      '</script>',
    ];
    return Array.from({ length: Math.floor(this.#random() * 4) }, () => this.#pick(parts)).join('');
  }

  #service(): Service {
    return {
      image: this.text(),
      ...this.#maybe('localResources', () => this.#localResources()),
      maxRestarts: this.#uint64(),
      imagePullPolicy: this.#pick(['IMAGE_PULL_POLICY_UNSPECIFIED', 'IMAGE_PULL_POLICY_IF_NOT_PRESENT']),
    };
  }

  #localResources(): LocalResources {
    return {
      memoryLimitMb: this.#int32(),
      cpuLimit: this.#int32(),
      config: this.#map(),
      environment: this.#map(),
      volumeMounts: this.#list(() => ({
        name: this.text(),
        mountPath: this.text(),
        readOnly: this.#random() < 0.5,
      })),
      allowedHosts: this.#list(() => this.text()),
      allowedIpNameLookups: this.#list(() => this.text()),
      allowedHostLoopbackPorts: this.#list(() => this.text()),
    };
  }

  #volume(): Volume {
    const name = this.text();
    return this.#pick<Volume>([{ name }, { name, emptyDir: {} }, { name, hostPath: { localPath: this.text() } }]);
  }

  #map(): Readonly<Record<string, string>> {
    const map: Record<string, string> = Object.create(null);
    for (const key of this.#list(() => this.text())) map[key] = this.text();
    return map;
  }

  #list<T>(make: () => T): readonly T[] {
    return Array.from({ length: Math.floor(this.#random() * 3) }, make);
  }

  #maybe<const Key extends string, T>(key: Key, make: () => T): { readonly [_ in Key]?: T } {
    return (this.#random() < 0.5 ? {} : { [key]: make() }) as { readonly [_ in Key]?: T };
  }

  #int32(): number {
    return this.#pick([0, 1, -1, 2 ** 31 - 1, -(2 ** 31), Math.floor(this.#random() * 1000)]);
  }

  #uint64(): bigint {
    const random =
      BigInt(Math.floor(this.#random() * 2 ** 32)) * 2n ** 32n + BigInt(Math.floor(this.#random() * 2 ** 32));
    return this.#pick([0n, 1n, 2n ** 64n - 1n, 2n ** 53n + 1n, random]);
  }

  #float(): number {
    const bits = new DataView(new ArrayBuffer(4));
    bits.setUint32(0, Math.floor(this.#random() * 2 ** 32));
    const value = bits.getFloat32(0);
    // Minus zero is written as zero.
    return value === 0 ? 0 : value;
  }

  /** Years 1 to 9999, to the nanosecond. */
  #time(): string {
    const first = Date.parse('0001-01-01T00:00:00Z');
    const last = Date.parse('9999-12-31T23:59:59Z');
    const seconds = new Date(first + this.#random() * (last - first)).toISOString().slice(0, 19);
    const fraction = this.#pick(['', '.001', '.120', '.000001', '.999999999', '.120000001']);
    return `${seconds}${fraction}Z`;
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T;
  }
}
