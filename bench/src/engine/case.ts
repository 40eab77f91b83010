/** One thing that a subject can do again and again. */
export interface Case {
  /** The component, and what is done with it. */
  readonly component: string;
  readonly unit: 'ns' | 'us' | 'ms';
  /** How many times as long as others it has to be looked at. @default 1 */
  readonly weight?: number;
  /** Does it `count` times. Answers with the milliseconds that took, where not all of the time counts. */
  run(count: number): number | undefined | Promise<number | undefined>;
}

/** What the process of a subject is started with, as JSON in its first argument. */
export interface SubjectTask {
  readonly scenario: string;
  readonly subject: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The first line that the process of a subject writes. */
export interface SubjectHello {
  readonly cases: readonly Pick<Case, 'component' | 'unit'>[];
  /** What it cannot do, and why. */
  readonly failures?: readonly string[];
}

/** A line to the process of a subject: measure for about `ms` milliseconds; 0: once, as it is. */
export interface SampleRequest {
  readonly case: number;
  readonly ms: number;
}

/** The answer to it. */
export interface SampleReply {
  /** Milliseconds for one time. */
  readonly value?: number;
  /** Why there is none. */
  readonly error?: string;
}

/** Makes cases; one that cannot be made does not keep the others from it. */
export type CaseMaker = () => Promise<Case | readonly Case[]>;
