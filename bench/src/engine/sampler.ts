import type { Case } from './case.ts';

/** Enough for V8 to have optimised what it is going to. */
const warmUpMs = 150;

/** Takes samples of one case, each of about the time that was asked for. */
export class Sampler {
  readonly #case: Case;
  /** How many times fit in a millisecond; unset before the warm-up. */
  #perMs: number | undefined = undefined;

  constructor(one: Case) {
    this.#case = one;
  }

  /** Milliseconds for one time. For no milliseconds it is done once, without a warm-up. */
  async sample(ms: number): Promise<number> {
    if (ms === 0) return (await this.#time(1)).counted;
    this.#perMs ??= await this.#warmUp(Math.min(warmUpMs, 4 * ms));
    const count = Math.max(1, Math.round(this.#perMs * ms * (this.#case.weight ?? 1)));
    const { elapsed, counted } = await this.#time(count);
    this.#perMs = count / Math.max(elapsed, 0.001);
    return counted / count;
  }

  async #warmUp(ms: number): Promise<number> {
    const end = performance.now() + ms;
    for (let count = 1; ; count *= 2) {
      const { elapsed } = await this.#time(count);
      if (performance.now() >= end) return count / Math.max(elapsed, 0.001);
    }
  }

  /** The time that the run took, and the part of it that counts. */
  async #time(count: number): Promise<{ elapsed: number; counted: number }> {
    const start = performance.now();
    const answer = this.#case.run(count);
    const counted = answer instanceof Promise ? await answer : answer;
    const elapsed = performance.now() - start;
    return { elapsed, counted: counted ?? elapsed };
  }
}
