/** How long to look. The ratios need the rounds, the figures need the time. */
export interface Effort {
  /** Rounds of each engine figure; the subjects take turns in each. */
  readonly engineRounds: number;
  /** Milliseconds of one engine sample. */
  readonly sampleMs: number;
  /** Fresh processes for each figure that needs one. */
  readonly coldRounds: number;
  /** Further starts in each of those processes that serve HTTP. */
  readonly warmStarts: number;
  readonly httpRounds: number;
  /** Whether what takes seconds to start is put under load too: the large component, jco with a worker for each request. */
  readonly loadsSlowStarters: boolean;
  /** Whole seconds of load in one round, for each server. */
  readonly throughputSeconds: number;
  /** Seconds of requests on one connection in one round, for each server. */
  readonly hotSeconds: number;
  readonly freshInstances: number;
  readonly warmCalls: number;
  /** Rounds of what guests are given; the subjects take turns in each. */
  readonly capabilityRounds: number;
  /** Milliseconds of one round at least, for each operation of each subject. */
  readonly capabilityMs: number;
  /** Operations on keys and values in one call of a guest. */
  readonly operationsPerCall: number;
  /** Pieces of 64 KiB of the object that is written and read. */
  readonly objectPieces: number;
  /** Milliseconds for which heartbeats are listened to. */
  readonly heartbeatsMs: number;
}

/** About eight minutes. */
export const fullEffort: Effort = {
  engineRounds: 9,
  sampleMs: 60,
  coldRounds: 5,
  warmStarts: 3,
  httpRounds: 4,
  loadsSlowStarters: true,
  throughputSeconds: 2,
  hotSeconds: 0.7,
  freshInstances: 100_000,
  warmCalls: 1_000_000,
  capabilityRounds: 4,
  capabilityMs: 600,
  operationsPerCall: 1000,
  objectPieces: 512,
  heartbeatsMs: 8_000,
};

/** Under two minutes: enough to see that all of it runs, and what is far off. */
export const quickEffort: Effort = {
  engineRounds: 3,
  sampleMs: 10,
  coldRounds: 2,
  warmStarts: 1,
  httpRounds: 2,
  loadsSlowStarters: false,
  throughputSeconds: 1,
  hotSeconds: 0.25,
  freshInstances: 10_000,
  warmCalls: 100_000,
  capabilityRounds: 2,
  capabilityMs: 200,
  operationsPerCall: 100,
  objectPieces: 128,
  heartbeatsMs: 1_000,
};
