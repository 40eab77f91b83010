import { hostContext, neverAborted } from '@lodge-internal/conformance';
import type { BucketAddress, KeyValueBackend, KeyValueBucket, KeyValueSupport } from '../backend.js';
import type { KeyValueBackendSetup } from './setup.js';

/** One rule, as the files of this folder write them. */
export interface StageRule {
  /** A sentence whose subject is the backend. */
  readonly name: string;
  /** The rule is skipped where `supports` says `false`. */
  readonly needs?: keyof KeyValueSupport;
  /** Settles when the rule holds. @throws AssertionError that says what was expected */
  run(stage: Stage): Promise<void>;
}

/** A started backend. */
export interface Stage {
  readonly backend: KeyValueBackend;
  readonly setup: KeyValueBackendSetup;
  /** That of {@link Stage.open}. */
  readonly namespace: string;
  /** A bucket of the address, in a namespace that is new for each rule where none is given. */
  open(address?: Partial<BucketAddress>): Promise<KeyValueBucket>;
  /** Stops the backend early. */
  stop(): Promise<void>;
}

/** Runs a rule with a new, started backend, and takes it down. */
export async function withBackend(setup: KeyValueBackendSetup, rule: (stage: Stage) => Promise<void>): Promise<void> {
  const { config = {} } = setup;
  const backend = await setup.create();
  const { context, close } = hostContext();
  const signal = neverAborted();
  const namespace = `ns-${crypto.randomUUID()}`;
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await backend.stop?.({ signal });
    await close();
  };
  try {
    await backend.start?.(context, { signal });
    await backend.bind?.(config, { signal });
    await rule({
      backend,
      setup,
      namespace,
      open: async (address = {}) => backend.open({ namespace, store: 'default', bucket: 'bucket', ...address }, config),
      stop,
    });
  } finally {
    await stop();
    await setup.dispose?.(backend);
  }
}
