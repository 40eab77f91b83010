import type {
  CallScope,
  ComponentInfo,
  ExportHandle,
  InstanceScope,
  InterfaceId,
  ResolvedWorkload,
  WorkloadInfo,
} from '@lodge/core';
import { HostError } from '@lodge/core';
import type { HostPluginSetup } from './setup.js';

/** A workload with one component that exports whatever is asked for; the ids asked for are added to `asked`. */
export function resolvedWorkload(
  workload: WorkloadInfo,
  component: ComponentInfo,
  setup: HostPluginSetup,
  asked: string[],
): ResolvedWorkload {
  const { signal } = new AbortController();
  function handle(id: InterfaceId, name: string): ExportHandle {
    return {
      component,
      externName: id,
      async call<R>({ args }: Parameters<ExportHandle['call']>[0]): Promise<R> {
        const scope = new CallStage({ id: `${workload.id}/main/called`, component, signal, defer() {} });
        const result = await setup.callExport?.(id, name, args(scope));
        await scope.end();
        return result as R;
      },
    };
  }
  return {
    ...workload,
    components: [component],
    signal,
    exports(id, name) {
      asked.push(id);
      return [handle(id, name)];
    },
    useInstance() {
      return Promise.reject(new HostError('ERR_HOST_STATE', 'the conformance suite has no instances to use'));
    },
    fail() {},
  };
}

class CallStage implements CallScope {
  readonly instance: InstanceScope;
  readonly #controller: AbortController = new AbortController();
  readonly #cleanups: (() => void | PromiseLike<void>)[] = [];
  readonly #work: PromiseLike<unknown>[] = [];

  constructor(instance: InstanceScope) {
    this.instance = instance;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  defer(cleanup: () => void | PromiseLike<void>): void {
    this.#cleanups.push(cleanup);
  }

  waitUntil(work: PromiseLike<unknown>): void {
    this.#work.push(work);
  }

  async end(): Promise<void> {
    await Promise.all(this.#work);
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
  }
}
