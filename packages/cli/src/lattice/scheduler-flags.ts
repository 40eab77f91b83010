import type { OptionSpec } from '../command.js';
import { natsFlags } from '../nats/nats-flags.js';

/** How commands that talk to hosts reach them: as `lodge host` reaches its scheduler. */
export const schedulerFlags: Readonly<Record<string, OptionSpec>> = {
  'scheduler-nats-url': {
    value: '<url>',
    about: 'the NATS that hosts listen on (default: nats://localhost:4222; also: LODGE_SCHEDULER_NATS_URL)',
  },
  ...natsFlags('scheduler-nats'),
};
