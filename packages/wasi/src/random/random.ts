import { GuestFault } from '@lodge/core';
/** `wasi:random/random` */
export interface Random {
  /** `get-random-bytes: func(len: u64) -> list<u8>`. @throws Error for more bytes than are allowed at once. */
  getRandomBytes(len: bigint): Uint8Array;
  /** `get-random-u64: func() -> u64` */
  getRandomU64(): bigint;
}

/** `wasi:random/insecure` */
export interface InsecureRandom {
  /** `get-insecure-random-bytes: func(len: u64) -> list<u8>`. @throws Error for more bytes than are allowed at once. */
  getInsecureRandomBytes(len: bigint): Uint8Array;
  /** `get-insecure-random-u64: func() -> u64` */
  getInsecureRandomU64(): bigint;
}

/** `wasi:random/insecure-seed` */
export interface InsecureSeed {
  /** `insecure-seed: func() -> tuple<u64, u64>` */
  insecureSeed(): [bigint, bigint];
}

/** Bytes that Web Crypto gives at most in one call. */
const maxBytesPerCall = 65_536;

/** `wasi:random/random` over Web Crypto. One call gets `maxBytes` at most. */
export function random(maxBytes: number): Random {
  return {
    getRandomBytes: (len) => randomBytes(len, maxBytes),
    getRandomU64: randomU64,
  };
}

/** `wasi:random/insecure`, as good as the secure one. */
export function insecureRandom(maxBytes: number): InsecureRandom {
  return {
    getInsecureRandomBytes: (len) => randomBytes(len, maxBytes),
    getInsecureRandomU64: randomU64,
  };
}

/** `wasi:random/insecure-seed`: a new seed each time. */
export function insecureSeed(): InsecureSeed {
  return { insecureSeed: () => [randomU64(), randomU64()] };
}

function randomBytes(len: bigint, maxBytes: number): Uint8Array {
  if (len > maxBytes) {
    throw new GuestFault(`the guest asked for ${len} random bytes at once, of at most ${maxBytes}`);
  }
  const bytes = new Uint8Array(Number(len));
  for (let offset = 0; offset < bytes.length; offset += maxBytesPerCall) {
    crypto.getRandomValues(bytes.subarray(offset, offset + maxBytesPerCall));
  }
  return bytes;
}

function randomU64(): bigint {
  const [value = 0n] = crypto.getRandomValues(new BigUint64Array(1));
  return value;
}
