import {
  createHost,
  type ExportHandle,
  type Host,
  type HostInterfaceSpec,
  type HostPlugin,
  type ResolvedWorkload,
  WitError,
  type WorkloadStatus,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';

const guestId = 'lodge:test/guest';
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What a test starts. */
export interface GuestSpec {
  readonly bytes: Uint8Array;
  readonly plugin: HostPlugin;
  /** @default one for `store`, `atomics` and `batch` */
  readonly entries?: readonly HostInterfaceSpec[];
  readonly config?: Readonly<Record<string, string>>;
  readonly namespace?: string;
  readonly poolSize?: number;
}

/** A host with one workload, whose exports the test calls. */
export class GuestHost implements AsyncDisposable {
  readonly host: Host;
  readonly status: WorkloadStatus;
  readonly #workload: () => ResolvedWorkload;
  readonly #handles = new Map<string, ExportHandle>();

  private constructor(host: Host, status: WorkloadStatus, workload: () => ResolvedWorkload) {
    this.host = host;
    this.status = status;
    this.#workload = workload;
  }

  static async start(spec: GuestSpec): Promise<GuestHost> {
    let workload: ResolvedWorkload | undefined;
    const caller: HostPlugin<void> = {
      specVersion: 1,
      id: 'test-caller',
      world: { provides: [], calls: [{ id: guestId }] },
      async onWorkloadBind() {},
      async bindComponent() {
        return { importsFor: () => ({}) };
      },
      async onWorkloadResolved(resolved) {
        workload = resolved;
      },
      async onWorkloadUnbind() {},
    };
    const host = createHost({ engine: lodgeEngine(), plugins: [spec.plugin, caller] });
    await host.start();
    const { namespace = 'shop', poolSize = 0, entries = [keyvalueEntry(spec.config)] } = spec;
    const status = await host.workloadStart({
      workloadId: 'guest',
      workload: {
        namespace,
        name: 'guest',
        components: [{ name: 'guest', source: { bytes: spec.bytes }, poolSize }],
        hostInterfaces: [{ namespace: 'lodge', package: 'test', interfaces: ['guest'] }, ...entries],
      },
    });
    return new GuestHost(host, status, () => {
      if (workload === undefined) throw new Error(`the workload does not run: ${JSON.stringify(status)}`);
      return workload;
    });
  }

  /** Calls the guest; an `err` result is thrown as an error with its text. */
  async call<R>(name: string, ...args: unknown[]): Promise<R> {
    const handle = this.#handles.get(name) ?? this.#workload().exports(guestId, name)[0];
    if (handle === undefined) throw new Error(`the guest has no ${name}`);
    this.#handles.set(name, handle);
    try {
      return await handle.call<R>({ args: () => args, deadlineMs: 20_000 });
    } catch (error) {
      throw WitError.is(error) ? new Error(String(error.payload)) : error;
    }
  }

  put(bucket: string, key: string, text: string): Promise<void> {
    return this.call('put', bucket, key, encoder.encode(text));
  }

  async get(bucket: string, key: string): Promise<string | undefined> {
    const value = await this.call<Uint8Array | undefined>('get', bucket, key);
    return value && decoder.decode(value);
  }

  count(bucket: string, key: string, delta = 1n): Promise<bigint> {
    return this.call('count', bucket, key, delta);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host.stop();
  }
}

/** An entry that grants `wasi:keyvalue`. */
export function keyvalueEntry(
  config: Readonly<Record<string, string>> = {},
  interfaces: readonly string[] = ['store', 'atomics', 'batch'],
  name?: string,
): HostInterfaceSpec {
  return { namespace: 'wasi', package: 'keyvalue', interfaces, config, ...(name === undefined ? {} : { name }) };
}
