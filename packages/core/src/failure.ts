import { HostError } from './errors.js';
import type { FailureInfo } from './host.js';

const maxCauses = 8;

/** An error as plain data, with the messages of its causes. */
export function toFailureInfo(error: unknown): FailureInfo {
  const hostError = HostError.from(error, 'ERR_HOST_CALL_FAILED', 'something in the host failed');
  return { code: hostError.code, message: messageChain(hostError), details: cloneable(hostError.details) };
}

/** The messages of an error and its causes, outermost first: `a: b: c`. */
export function messageChain(error: unknown): string {
  const messages: string[] = [];
  let current = error;
  while (current !== undefined && current !== null && messages.length < maxCauses) {
    const message = current instanceof Error ? current.message : String(current);
    // Wrappers often repeat what they wrap.
    if (message !== '' && !messages.some((known) => known.includes(message))) messages.push(message);
    current = current instanceof Error ? current.cause : undefined;
  }
  return messages.join(': ');
}

/** Statuses and events cross threads; a plugin's details may hold what cannot. */
function cloneable(details: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  try {
    return structuredClone(details);
  } catch {
    return {};
  }
}
