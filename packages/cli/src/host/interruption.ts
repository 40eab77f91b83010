import type { InterruptionMode } from '@lodge/core';
import type { OptionSpec } from '../command.js';
import type { Interruption } from '../config.js';
import { UsageError } from '../usage-error.js';

/** `--interruption`, wherever a command runs components. */
export const interruptionFlag: OptionSpec = {
  value: '<auto|always|never>',
  about: 'whether components that compute give way and can be ended (default: auto, those that were pulled)',
};

/** What `--interruption` and `dev.interruption` may say. */
export const interruptions: readonly Interruption[] = ['auto', 'always', 'never'];

/** What the command line says, else `fallback`. */
export function readInterruption(text: string | undefined, fallback: Interruption = 'auto'): InterruptionMode {
  const interruption = interruptions.find((name) => name === (text ?? fallback));
  if (interruption === undefined) throw new UsageError(`--interruption is ${interruptions.join(', ')}, not "${text}".`);
  return interruption === 'auto' ? 'fetched' : interruption;
}
