import { HostError } from '@lodge/core';

/** The error for bytes that are not a valid component. */
export function invalid(reason: string): HostError {
  return new HostError('ERR_COMPONENT_INVALID', `This is not a valid component: ${reason}.`);
}

/** The error for a valid component that uses what this engine does not have. */
export function unsupported(feature: string): HostError {
  return new HostError(
    'ERR_COMPONENT_UNSUPPORTED',
    `The component uses ${feature}, which this engine does not support.`,
  );
}

/** `items[index]`, or the error that names what is missing. */
export function at<T>(items: readonly T[], index: number, what: string): T {
  const item = items[index];
  if (item === undefined) throw invalid(`there is no ${what} with index ${index}`);
  return item;
}
