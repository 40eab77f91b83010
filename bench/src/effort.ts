/** How long to look. The ratios need the rounds, the figures need the time. */
export interface Effort {
  /** Rounds of each engine figure; the subjects take turns in each. */
  readonly engineRounds: number;
  /** Milliseconds of one engine sample. */
  readonly sampleMs: number;
  /** Fresh processes for each figure that needs one. */
  readonly coldRounds: number;
  readonly httpRounds: number;
  /** Whether the large component is put under load too; its servers take seconds to start. */
  readonly loadsStarling: boolean;
  /** Whole seconds of load in one round, for each server. */
  readonly throughputSeconds: number;
  /** Seconds of requests on one connection in one round, for each server. */
  readonly hotSeconds: number;
  readonly freshInstances: number;
  readonly warmCalls: number;
}

/** About five minutes. */
export const fullEffort: Effort = {
  engineRounds: 9,
  sampleMs: 60,
  coldRounds: 7,
  httpRounds: 5,
  loadsStarling: true,
  throughputSeconds: 2,
  hotSeconds: 1,
  freshInstances: 100_000,
  warmCalls: 1_000_000,
};

/** Under a minute: enough to see that all of it runs, and what is far off. */
export const quickEffort: Effort = {
  engineRounds: 3,
  sampleMs: 15,
  coldRounds: 3,
  httpRounds: 2,
  loadsStarling: false,
  throughputSeconds: 1,
  hotSeconds: 0.25,
  freshInstances: 20_000,
  warmCalls: 200_000,
};
