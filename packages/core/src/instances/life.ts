import type { ComponentInstance } from '../engine.js';
import { HostError } from '../errors.js';
import type { Cleanup, InstanceScope } from '../scope.js';
import type { ComponentInfo } from '../workload.js';
import type { MemoryHolder } from './memory-account.js';
import type { Releases } from './releases.js';

/** One life of a component graph, from `instantiate` to `dispose`, and the scope of its root component. */
export class Life implements InstanceScope, MemoryHolder {
  readonly component: ComponentInfo;
  /** Set once the engine has made it. */
  instance: ComponentInstance | undefined;
  /** Whether it goes back to a pool after a call. */
  readonly isPooled: boolean;
  /** Calls that it was chosen for. */
  invocations = 0;
  memoryBytes = 0;
  memoryIndex = -1;
  /** The call that it serves. */
  user: { fail(reason: Error): void } | undefined;
  readonly #number: number;
  readonly #releases: Releases;
  #id: string | undefined;
  #controller: AbortController | undefined;
  #cleanups: Cleanup[] | undefined;
  #isEnded = false;

  constructor(component: ComponentInfo, number: number, isPooled: boolean, releases: Releases) {
    this.component = component;
    this.isPooled = isPooled;
    this.#number = number;
    this.#releases = releases;
  }

  // Ids and signals are made when somebody asks: most calls need neither.
  get id(): string {
    this.#id ??= `${this.component.workload.id}/${this.component.name}/${this.#number}`;
    return this.#id;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isEnded) this.#controller.abort(endedError(this));
    }
    return this.#controller.signal;
  }

  defer(cleanup: Cleanup): void {
    if (this.#isEnded) this.#releases.run(cleanup);
    else if (this.#cleanups === undefined) this.#cleanups = [cleanup];
    else this.#cleanups.push(cleanup);
  }

  /** Tells everyone who works for this life to stop, although it has not ended yet. */
  abort(reason: Error): void {
    this.#controller?.abort(reason);
  }

  /** Drops what the guest holds, then runs the clean-ups, newest first. Idempotent. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#controller !== undefined && !this.#controller.signal.aborted) this.#controller.abort(endedError(this));
    const { instance } = this;
    if (instance !== undefined) this.#releases.run(() => instance.dispose());
    if (this.#cleanups !== undefined) this.#releases.runAll(this.#cleanups);
    this.#cleanups = undefined;
  }
}

/** The same life, as the host functions of a linked sibling see it. */
export class LinkedScope implements InstanceScope {
  readonly component: ComponentInfo;
  readonly #life: Life;
  #id: string | undefined;

  constructor(life: Life, component: ComponentInfo) {
    this.component = component;
    this.#life = life;
  }

  get id(): string {
    this.#id ??= `${this.#life.id}/${this.component.name}`;
    return this.#id;
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  defer(cleanup: Cleanup): void {
    this.#life.defer(cleanup);
  }
}

function endedError(life: Life): HostError {
  return new HostError('ERR_INSTANCE_CLOSED', `instance ${life.id} has ended`);
}
