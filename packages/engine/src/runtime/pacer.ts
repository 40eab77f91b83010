import { Buffer } from 'node:buffer';
import { HostError } from '@lodge/core';
import type { GraphMemories } from './graph-memories.js';
import type { Life } from './life.js';
import type { Turns } from './turns.js';

/**
 * `(module (import "l" "poll" (func (result i32))) (import "l" "pause" (func (result i32)))
 * (func (export "f") (result i32) (local i32) (if (result i32) (local.tee 0 (call 0)) (then (local.get 0)) (else (call 1)))))`: decides
 * in JavaScript and suspends without a JavaScript frame on the stack. Answers with new fuel.
 */
const pollModule =
  '0061736d010000000105016000017f021402016c04706f6c6c0000016c05706175736500000302010007050101660002' +
  '0a12011001017f10002200047f20000510010b0b';

/** Milliseconds between two looks at the clock, aimed at. */
const pollMs = 0.25;
/**
 * Fuel is about bytes of code, so that all code takes about the same time for it. Code that takes longer, as it waits for memory, gets less; code that
 * is charged for more than it does gets more, but not much: it could change its ways.
 */
const firstFuel = 2 ** 16;
const leastFuel = 2 ** 10;
const mostFuel = 2 ** 22;
/**
 * A page of memory that is touched for the first time takes several times as long as any other slow thing: with more memory than that, in bytes, there is less
 * fuel at the most.
 */
const largeMemory = 100_663_296;
const mostFuelWithLargeMemory = 2 ** 19;
/** What part of the fuel the core instances get together that do not poll, and what each of them gets at the least. */
const otherShare = 0.125;
const leastShare = 256;

/** The global of a core instance that counts down. */
interface Fuel {
  value: number;
}

/** Made when it is first needed. */
let pollCode: WebAssembly.Module | undefined;

/**
 * Makes one graph give way: instrumented code calls in when its fuel is used up; here the clock is looked at, and the guest goes on, is
 * suspended until the event loop has had its turn, or is ended. The fuel follows the guest's own speed.
 */
export class Pacer {
  #life: Life | undefined = undefined;
  readonly #turns: Turns;
  readonly #fuels: Fuel[] = [];
  readonly #entry: unknown;
  readonly #hurry = (): void => {
    // What is about to be done counts as the guest's time.
    if (this.#sliceEnd === 0) this.#beginSlice(performance.now());
    for (const fuel of this.#fuels) fuel.value = 0;
  };
  #fuel = firstFuel;
  #polledAt = 0;
  /** When the guest has to give way; 0: not before it has been found running. */
  #sliceEnd = 0;
  #hadSlice = false;
  #blockedSince = 0;
  /** Unset while the guest is instantiated. */
  #memories: GraphMemories | undefined;

  constructor(turns: Turns) {
    this.#turns = turns;
    const pause = new WebAssembly.Suspending(() => this.#pause());
    pollCode ??= new WebAssembly.Module(Buffer.from(pollModule, 'hex'));
    const { exports } = new WebAssembly.Instance(pollCode, { l: { poll: () => this.#poll(), pause } });
    this.#entry = exports['f'];
  }

  set life(life: Life) {
    this.#life = life;
    life.hurry = this.#hurry;
  }

  /** Takes charge of a core instance through what its module exports for that. */
  attach(fuel: Fuel, table: WebAssembly.Table): void {
    this.#fuels.push(fuel);
    table.set(0, this.#entry);
    fuel.value = this.#little();
  }

  /** From now on the guest is ended when its memories hold more than they may together, and has less fuel when that is much. */
  watch(memories: GraphMemories): void {
    this.#memories = memories;
  }

  /** A call begins: the guest gets a slice of its own. */
  begin(): void {
    this.#sliceEnd = 0;
    this.#blockedSince = 0;
    this.#polledAt = 0;
  }

  /** Answers with new fuel, or with 0 to suspend. Throws, uncatchably for the guest, to end it. */
  #poll(): number {
    const life = this.#life;
    if (life === undefined) return this.#refuel();
    const fault = this.#memories?.look();
    if (life.failure !== undefined || fault !== undefined) throw life.endedAtPoll(fault);
    const now = performance.now();
    this.#adapt(now);
    if (!life.canSuspend) {
      if (this.#blockedSince === 0) this.#blockedSince = now;
      const { blockedLimitMs } = this.#turns;
      if (now - this.#blockedSince > blockedLimitMs) throw life.endedAtPoll(tooLong(blockedLimitMs));
      return this.#refuel();
    }
    this.#blockedSince = 0;
    if (this.#sliceEnd === 0) this.#beginSlice(now);
    return now >= this.#sliceEnd ? 0 : this.#refuel();
  }

  #pause(): Promise<unknown> {
    const turn = this.#turns.wait(this.#hadSlice).then((end) => {
      this.#sliceEnd = end;
      this.#hadSlice = true;
      this.#polledAt = performance.now();
    });
    const refuel = (): number => this.#refuel();
    return this.#life?.suspend(turn, -1, refuel, refuel) ?? turn.then(refuel);
  }

  #beginSlice(now: number): void {
    const slice = this.#turns.slice(now);
    this.#sliceEnd = now + slice;
    this.#hadSlice = slice > 0;
  }

  /** Aims at one poll every {@link pollMs}, changing by a factor of four at the most. */
  #adapt(now: number): void {
    if (this.#polledAt !== 0) {
      const factor = pollMs / Math.max(now - this.#polledAt, pollMs / 4);
      this.#fuel = Math.max(leastFuel, Math.round(this.#fuel * Math.max(factor, 0.01)));
    }
    const isLarge = this.#memories !== undefined && this.#memories.bytes > largeMemory;
    this.#fuel = Math.min(this.#fuel, isLarge ? mostFuelWithLargeMemory : mostFuel);
    this.#polledAt = now;
  }

  /** Answers with new fuel for the core instance that polls. The others keep little: a call can go through all. */
  #refuel(): number {
    if (this.#fuels.length > 1) this.#drain();
    return this.#fuel;
  }

  #little(): number {
    return Math.max(leastShare, Math.floor((this.#fuel * otherShare) / this.#fuels.length));
  }

  /** That of the one that polls is below 0, whichever it is. */
  #drain(): void {
    const little = this.#little();
    for (const fuel of this.#fuels) if (fuel.value > little) fuel.value = little;
  }
}

function tooLong(blockedLimitMs: number): HostError {
  return new HostError(
    'ERR_CALL_TIMEOUT',
    `The guest ran for more than ${blockedLimitMs} ms where it cannot be suspended: in a start function, realloc, post-return or a destructor.`,
  );
}
