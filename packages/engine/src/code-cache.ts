import { Buffer } from 'node:buffer';
import type { CodeRequest } from './code-request.js';
import type { ComponentCode } from './component-code.js';
import { nextTurn } from './next-turn.js';

/** Code that was compiled for one graph of components and serves others that are the same. */
export interface SharedCode {
  readonly code: ComponentCode;
  /** The name of a component here, from that which it has in the code. */
  nameOf(unit: string): string;
  /** Lets go of the code; to be called once. */
  release(): void;
}

interface Entry {
  readonly bytes: readonly Uint8Array[];
  readonly names: readonly string[];
  readonly code: Promise<ComponentCode>;
  /** Who has it, waits for it, or looks whether it fits. Nobody: the entry is gone. */
  users: number;
}

/** How many bytes are compared between two turns of the event loop: a millisecond or two. */
const sliceBytes = 4_194_304;

/**
 * The code that is in use, so that what is compiled already, or just being compiled, is not compiled again. Nothing is kept that nobody uses.
 * Components are told apart by comparing them: that takes a tenth of the time of a digest, and only when the lengths are equal.
 */
export class CodeCache {
  readonly #entries = new Map<string, Entry[]>();

  /**
   * The code of `request`, by `compile` if there is none yet. If that fails, others that wait for it compile for themselves, unless they would read
   * the same error.
   */
  async acquire(request: CodeRequest, compile: () => Promise<ComponentCode>): Promise<SharedCode> {
    const entry = await this.#enter(request, compile);
    try {
      const code = await entry.code;
      const names = new Map(entry.names.map((name, index) => [name, request.names[index] ?? name]));
      return {
        code,
        nameOf: (unit) => names.get(unit) ?? unit,
        release: () => this.#leave(request.key, entry),
      };
    } catch (error) {
      this.#leave(request.key, entry);
      this.#forget(request.key, entry);
      if (entry.names.every((name, index) => name === request.names[index])) throw error;
      return this.acquire(request, compile);
    }
  }

  /** An entry that fits. A new one is there at the very moment when no other is left to look at, so that there are never two. */
  async #enter({ key, bytes, names }: CodeRequest, compile: () => Promise<ComponentCode>): Promise<Entry> {
    const seen = new Set<Entry>();
    for (;;) {
      const next = this.#entries.get(key)?.find((entry) => !seen.has(entry));
      if (next === undefined) break;
      seen.add(next);
      next.users++;
      if (await areSame(next.bytes, bytes)) return next;
      this.#leave(key, next);
    }
    const entry = { bytes, names, code: compile(), users: 1 };
    this.#entries.set(key, [...(this.#entries.get(key) ?? []), entry]);
    return entry;
  }

  #leave(key: string, entry: Entry): void {
    if (--entry.users === 0) this.#forget(key, entry);
  }

  #forget(key: string, entry: Entry): void {
    const rest = this.#entries.get(key)?.filter((other) => other !== entry) ?? [];
    if (rest.length === 0) this.#entries.delete(key);
    else this.#entries.set(key, rest);
  }
}

async function areSame(left: readonly Uint8Array[], right: readonly Uint8Array[]): Promise<boolean> {
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (one === other) continue;
    if (other === undefined || one.length !== other.length) return false;
    for (let start = 0; start < one.length; start += sliceBytes) {
      if (start > 0) await nextTurn();
      const end = start + sliceBytes;
      if (Buffer.compare(one.subarray(start, end), other.subarray(start, end)) !== 0) return false;
    }
  }
  return true;
}
