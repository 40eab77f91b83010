/** One measured figure. */
export interface Row {
  /** Such as `engine/warm-call`. */
  readonly scenario: string;
  /** The component that is run, and what is done with it. */
  readonly component: string;
  /** Who ran it: `lodge`, `jco`, `node:http` and so on. */
  readonly subject: string;
  /** The median of the rounds. */
  readonly value: number;
  readonly unit: Unit;
  /** `value` divided by that of the yardstick, the median over the rounds of both. */
  readonly ratio?: number;
  /** The subject that `ratio` compares with, such as raw `node:http`. */
  readonly yardstick?: string;
}

export type Unit = 'ns' | 'us' | 'ms' | 'req/s' | 'op/s' | 'msg/s' | 'MB/s' | 'MB' | 'B' | '%';

/** How many of each unit of time make a millisecond. */
export const perMillisecond: Readonly<Record<'ns' | 'us' | 'ms', number>> = { ns: 1_000_000, us: 1_000, ms: 1 };
