import { createHash, type Hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Hashed at a time: about 1 ms, so that twenty artifacts at once do not hold up the event loop either. */
const sliceBytes = 512 * 1024;

const digestPattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Whether `value` is a digest of a kind that we can check. */
export function isDigest(value: unknown): value is string {
  return typeof value === 'string' && digestPattern.test(value);
}

/** A hash of the kind that `digest` has. */
export function hashFor(digest: string): Hash {
  return createHash(digest.slice(0, digest.indexOf(':')));
}

/** Whether `bytes` have the digest. */
export async function hasDigest(bytes: Uint8Array, digest: string): Promise<boolean> {
  const hash = hashFor(digest);
  await update(hash, bytes);
  return digestOf(hash, digest) === digest;
}

/** The SHA-256 digest of `bytes`. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256');
  await update(hash, bytes);
  return `sha256:${hash.digest('hex')}`;
}

/** What a finished hash of {@link hashFor} says, in the form of `digest`. */
export function digestOf(hash: Hash, digest: string): string {
  return `${digest.slice(0, digest.indexOf(':'))}:${hash.digest('hex')}`;
}

async function update(hash: Hash, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; at += sliceBytes) {
    if (at > 0) await nextTurn();
    hash.update(bytes.subarray(at, at + sliceBytes));
  }
}
