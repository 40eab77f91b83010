/** What one function body does, as far as resetting and interrupting it are concerned. Positions are those of the code section. */
export interface BodyFacts {
  /** Where the body begins, its local declarations included. */
  readonly start: number;
  readonly end: number;
  /** Where the instructions begin. */
  readonly codeStart: number;
  /** How many locals it declares, and in how many groups. */
  readonly localCount: number;
  readonly localGroups: number;
  /** What it executes at the most when no loop is repeated, what it calls aside: about its bytes, slow instructions counted for more. */
  readonly weight: number;
  /** Where its time has to be looked after, in order. */
  readonly points: readonly CodePoint[];
  /** Those loops that are small, in order; none stands within another. */
  readonly smallLoops: readonly SmallLoop[];
  /** Instructions that ask for the size of a memory, or grow it. */
  readonly sizeOperations: readonly number[];
  /** Whether it changes state that memories and globals do not hold: tables, dropped segments. */
  readonly changesHiddenState: boolean;
  /** Whether it holds an instruction that this walker does not know; then the other facts are incomplete. */
  readonly isUnknown: boolean;
}

/**
 * A place in the code of a function.
 *
 * - `loop`: the body of a loop that can be repeated begins. `value`: what an iteration weighs at the most that no `repeat` tells of.
 * - `repeat`: a branch back to the beginning of a loop. `value`: what an iteration weighs at the most that ends here.
 * - `call`: `value`: the index of the function that is called; {@link indirect} through a table or a reference.
 * - `bulk`: an instruction that works on a stretch of memory or a table whose length is the last operand. `value`: how many of its units weigh as much
 *   as a byte of code, as a power of two.
 * - `slow`: an instruction that takes as long as many others. `value`: what it weighs.
 */
export interface CodePoint {
  readonly kind: 'loop' | 'repeat' | 'call' | 'bulk' | 'slow';
  readonly at: number;
  readonly value: number;
  /** Of a `repeat`: where the body of the loop begins. */
  readonly loop?: number;
  /** Of a `repeat` whose instruction takes nothing but a condition: the immediate. */
  readonly condition?: Label | undefined;
  /** Of a `loop`: how many branches lead back to it; not finite when something else does too. */
  readonly edges?: number;
}

/** A short loop without others inside and without calls: looking after each iteration would cost as much as the iteration. */
export interface SmallLoop {
  /** Where its instruction stands, its body begins, and its `end` stands. */
  readonly at: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Labels in the body that lead out of the loop, in order. */
  readonly exits: readonly Label[];
}

/** The immediate of a branch: where it stands, and how many blocks lie between. */
export interface Label {
  readonly at: number;
  readonly end: number;
  readonly depth: number;
}

/** In place of a function whose index is not known before it is called. */
export const indirect = -1;
