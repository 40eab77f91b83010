import { HostError, WitError } from '@lodge/core';
import type { SourceLocator } from '../debug/source-locator.js';
import type { ComponentState, HeldResource } from './component-state.js';
import { classifyFailure, type FunctionName, isOutOfMemory } from './failure.js';
import { ArgumentError, isThenable, Trap, trap } from './faults.js';
import type { GuestResource } from './guest-resource.js';
import { discard, disposeAll, disposeLate, resourcesIn } from './host-resource.js';

/** What a life must know of its component to say what went wrong. */
export interface LifeDescription {
  /** The root component's name. */
  readonly name: string;
  /** Functions that are called from outside, by the index of their lift. */
  readonly exports: readonly FunctionName[];
  /** Functions that core modules call, by the index of their trampoline. */
  readonly imports: readonly FunctionName[];
  isHostResource(resource: number): boolean;
  /** An error that no `catch` in a guest stops: V8 marks those of real traps. */
  captureTrap(): Error;
  /** Where the instructions of its core modules come from; undefined where nothing tells. */
  readonly locate: SourceLocator | undefined;
}

/** What the bridge reports by number. */
const adapterFaults: readonly string[] = [
  'the guest threw an exception that it did not catch',
  'a discriminant is out of range',
  'a char is not a Unicode scalar value',
];

const idle = 0;
const busy = 1;
const poisoned = 2;
const closed = 3;

/** A suspended host call, waiting for its promise. */
interface Suspension {
  readonly reject: (reason: unknown) => void;
}

/**
 * The state of one instance graph between `instantiate` and `dispose`: whether it may be entered, what ended it, and what it is
 * waiting for. Generated code calls these methods; none of them is on the path of a call that goes well but {@link enter} and {@link exit}.
 */
export class Life {
  readonly components: readonly ComponentState[];
  /** Makes the guest look at the clock soon, after something that the code of a guest is not charged for. Unset: it cannot be interrupted. */
  hurry: (() => void) | undefined = undefined;
  /** What ended this life. */
  failure: Error | undefined = undefined;
  readonly #description: LifeDescription;
  #state: typeof idle | typeof busy | typeof poisoned | typeof closed = idle;
  #suspension: Suspension | undefined = undefined;
  readonly #guests: (GuestResource | undefined)[] = [];
  #makeGuest: ((resource: number) => GuestResource) | undefined = undefined;
  /** Guest resources that the host dropped while the guest was running. */
  #droppedLater: (() => void)[] | undefined = undefined;
  #lost: Set<object> | undefined = undefined;

  /** Whether core modules are being instantiated: their start functions may run. */
  #isStarting = false;
  /** Whether a start function called out, so that what it left behind depends on more than the component. */
  calledOutAtStart = false;

  constructor(description: LifeDescription, components: readonly ComponentState[]) {
    this.#description = description;
    this.components = components;
  }

  /** Runs the instantiation of the core modules. */
  start<T>(instantiate: () => T): T {
    this.#isStarting = true;
    // Every way out passes the check of this flag, so the first call out is noticed without a cost to later ones.
    this.#setMayLeave(false);
    try {
      return instantiate();
    } catch (error) {
      if (HostError.is(error)) throw error;
      if (isOutOfMemory(error)) {
        this.failure ??= new HostError(
          'ERR_LIMIT_EXCEEDED',
          `There is no room for another instance of ${this.#title()}; wait until others have ended, or lower the number of instances.`,
          { cause: error },
        );
      }
      this.failure ??= this.#classify(error, this.#at(undefined, 'its start function'), false);
      throw this.failure;
    } finally {
      this.#isStarting = false;
      this.#setMayLeave(this.failure === undefined);
    }
  }

  /** Whether nothing happened in this life that its graph could not be freed of. */
  get isClean(): boolean {
    return this.failure === undefined && this.#state === idle;
  }

  get isPoisoned(): boolean {
    return this.#state === poisoned || this.failure !== undefined;
  }

  /** Generated code says how the classes of guest resources are made; each is made when first needed. */
  defineGuests(make: (resource: number) => GuestResource): void {
    this.#makeGuest = make;
  }

  guest(resource: number): GuestResource {
    const known = this.#guests[resource] ?? this.#makeGuest?.(resource);
    if (known === undefined) throw new Trap('a resource of the guest is not exported');
    this.#guests[resource] = known;
    return known;
  }

  /** The call from one component to another that is under way, as the bridge counts: 1 more than its trampoline, 0 for none. */
  inner: { readonly value: number } | undefined = undefined;

  /** How many JavaScript frames of the engine stand between a guest function and the call that could be suspended. */
  blocked = 0;

  /** Whether the guest could be suspended at this moment. */
  get canSuspend(): boolean {
    return this.#state === busy && this.blocked === 0 && this.components.every((component) => component.mayLeave);
  }

  /** What to throw into a guest that is found running although its life has ended or must end now. */
  endedAtPoll(reason?: Error): Error {
    if (reason !== undefined) this.failure ??= reason;
    this.#poison();
    return this.#description.captureTrap();
  }

  /** Begins a call. */
  enter(): void {
    if (this.#state !== idle) throw this.#refusal();
    this.#state = busy;
  }

  /** Ends a call that went well. `component` is the one that was called. */
  exit(component: ComponentState): void {
    if (this.failure !== undefined) throw this.failure;
    if (component.borrows !== 0) throw new Trap('it returned with borrowed handles that it had not dropped');
    this.#state = idle;
    if (this.#droppedLater !== undefined) this.#dropNow();
  }

  /**
   * The error a failed call rejects with; ends the life unless nothing of the guest ran yet. `called` is the component that got handles among
   * the arguments.
   */
  unwind(error: unknown, lift: number, called?: ComponentState): unknown {
    if (error instanceof ArgumentError && this.failure === undefined) {
      called?.rollBack();
      this.#state = idle;
      return error;
    }
    const inner = this.inner?.value ?? 0;
    const at = inner > 0 ? this.#description.imports[inner - 1] : this.#description.exports[lift];
    this.failure ??= this.#classify(error, this.#at(at), false);
    this.#poison();
    return this.failure;
  }

  /** Ends the life because of what happened in a host call; answers what to throw into the guest, which cannot catch it. */
  hostFailed(error: unknown, trampoline: number): Error {
    this.failure ??= this.#classify(error, this.#at(this.#description.imports[trampoline]), true);
    this.#poison();
    return this.#description.captureTrap();
  }

  /** As {@link hostFailed}, for a call into another component of the graph: what went wrong there is a trap. */
  guestFailed(error: unknown, trampoline: number): Error {
    this.failure ??= this.#classify(error, this.#at(this.#description.imports[trampoline]), false);
    this.#poison();
    return this.#description.captureTrap();
  }

  /** As {@link guestFailed}, for what a function of the bridge found out. */
  adapterFailed(fault: number, trampoline: number): Error {
    const what = adapterFaults[fault] ?? 'an unknown fault';
    return this.guestFailed(new Trap(what), trampoline);
  }

  /** A call out at a moment when `may_leave` is not set: a start function's first one, or one that must not be. */
  refuseLeave(trampoline: number): void {
    if (this.#isStarting && !this.calledOutAtStart) {
      this.calledOutAtStart = true;
      this.#setMayLeave(true);
      return;
    }
    throw this.hostFailed(
      new Trap('it called out of the component from realloc, post-return or after its end'),
      trampoline,
    );
  }

  /** Traps where a JavaScript frame, a start function or a destructor would have to be suspended with the guest. */
  checkSuspendable(): void {
    if (!this.canSuspend)
      trap('it called a function that has to wait from a start function, realloc, post-return or a destructor');
  }

  /** Suspends the guest until `answer` settles; `done` and `failed` make the core result. */
  suspend(
    answer: PromiseLike<unknown>,
    trampoline: number,
    done: (value: unknown) => unknown,
    failed: (error: unknown) => unknown,
  ): Promise<unknown> {
    if (!this.canSuspend) discard(answer);
    this.checkSuspendable();
    return new Promise((resolve, reject) => {
      const suspension = { reject };
      this.#suspension = suspension;
      const settle = (finish: (value: unknown) => unknown, value: unknown): void => {
        if (this.#suspension !== suspension) return;
        this.#suspension = undefined;
        try {
          resolve(finish(value));
        } catch (error) {
          reject(this.hostFailed(error, trampoline));
        }
      };
      answer.then(
        (value) => {
          if (this.#suspension === suspension) settle(done, value);
          else disposeLate(value);
        },
        (error: unknown) => settle(failed, error),
      );
    });
  }

  /** What a host function answered and the guest could not take: what of it is a resource is dropped with the life. */
  lose(value: unknown): void {
    this.#lost ??= new Set();
    resourcesIn(value, this.#lost);
  }

  /** An import that the component exports as it is: a call of the host's own function, for as long as this life lasts. */
  passOn(func: (...args: unknown[]) => unknown, name: string): (...args: unknown[]) => unknown {
    const failed = (error: unknown): unknown =>
      WitError.is(error) ? error : this.#classify(error, this.#at(undefined, name), true);
    return (...args) => {
      this.enter();
      let answer: unknown;
      try {
        answer = func(...args);
        if (this.failure === undefined && isThenable(answer)) return this.#awaited(answer, failed);
      } catch (error) {
        this.#leave();
        throw this.failure ?? failed(error);
      }
      this.#leave();
      if (this.failure === undefined) return answer;
      discard(answer);
      throw this.failure;
    };
  }

  #awaited(answer: PromiseLike<unknown>, failed: (error: unknown) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const suspension = { reject: () => reject(this.failure) };
      this.#suspension = suspension;
      const end = (): boolean => {
        if (this.#suspension !== suspension) return false;
        this.#suspension = undefined;
        this.#state = idle;
        return true;
      };
      answer.then(
        (value) => (end() ? resolve(value) : disposeLate(value)),
        (error: unknown) => {
          if (end()) reject(failed(error));
        },
      );
    });
  }

  /** Ends the life from outside. */
  interrupt(reason: Error): void {
    if (this.#state === closed) return;
    this.failure ??= reason;
    const wasBusy = this.#state === busy;
    this.#poison();
    const suspension = this.#suspension;
    this.#suspension = undefined;
    if (wasBusy) suspension?.reject(this.#description.captureTrap());
  }

  /** Runs the destructor of a guest resource that the host lets go of, now or when the running call is over. */
  drop(destructor: () => void): void {
    if (this.#state === busy) {
      this.#droppedLater ??= [];
      this.#droppedLater.push(destructor);
      return;
    }
    if (this.#state !== idle) return;
    this.#state = busy;
    this.blocked++;
    try {
      destructor();
    } catch (error) {
      this.failure ??= this.#classify(error, this.#at(undefined, 'a destructor'), false);
      this.#poison();
      throw this.failure;
    }
    this.blocked--;
    this.#leave();
    if (this.failure !== undefined) throw this.failure;
  }

  /** Ends the life for good and drops the host resources that handles still own, newest first. */
  close(): void {
    if (this.#state === closed) return;
    if (this.#state === busy) {
      this.interrupt(
        new HostError(
          'ERR_INSTANCE_CLOSED',
          `The instance of ${this.#title()} was disposed of while a call was running.`,
        ),
      );
    }
    this.#state = closed;
    const held: HeldResource[] = [];
    for (const component of this.components) component.clear(this.#description.isHostResource, held);
    if (this.#lost !== undefined) {
      for (const { rep } of held) if (typeof rep === 'object' && rep !== null) this.#lost.delete(rep);
      for (const rep of this.#lost) held.push({ rep, birth: Number.POSITIVE_INFINITY });
    }
    if (held.length > 0) disposeAll(held, this.#title());
  }

  /** Ends what {@link enter} began; a life that was ended meanwhile does not begin again. */
  #leave(): void {
    if (this.#state === busy) this.#state = idle;
  }

  #dropNow(): void {
    const destructors = this.#droppedLater ?? [];
    this.#droppedLater = undefined;
    for (const destructor of destructors) this.drop(destructor);
  }

  #poison(): void {
    if (this.#state !== closed) this.#state = poisoned;
    this.#setMayLeave(false);
  }

  #setMayLeave(mayLeave: boolean): void {
    for (const component of this.components) component.mayLeave = mayLeave;
  }

  #refusal(): HostError {
    const title = this.#title();
    switch (this.#state) {
      case closed:
        return new HostError(
          'ERR_INSTANCE_CLOSED',
          `The instance of ${title} was disposed of; instantiate the component again.`,
        );
      case poisoned:
        return new HostError(
          'ERR_INSTANCE_POISONED',
          `The instance of ${title} has failed before; instantiate the component again.`,
          {
            cause: this.failure,
          },
        );
      default:
        return new HostError(
          'ERR_INSTANCE_BUSY',
          `The instance of ${title} is in a call; wait for it or use another instance.`,
        );
    }
  }

  #classify(error: unknown, at: FunctionName, isHostCall: boolean): Error {
    return classifyFailure(error, at, isHostCall, this.#description.locate);
  }

  #at(known: FunctionName | undefined, name = ''): FunctionName {
    return known ?? { unit: this.#description.name, name };
  }

  #title(): string {
    return `component ${JSON.stringify(this.#description.name)}`;
  }
}
