import { randomInt } from 'node:crypto';

/**
 * Ports for things that stop and come back at the same place. Above them are those that systems give to outgoing connections: a client that
 * knocks at such a port while nobody listens may be given that very port, and then talks to itself.
 */
const firstPort = 20_000;
const endPort = 30_000;

/** A port that may be free. Whoever listens on it finds out, and asks for another one if not. */
export function randomPort(): number {
  return randomInt(firstPort, endPort);
}
