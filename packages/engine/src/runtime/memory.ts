import type { StringEncoding } from '../binary/ast.js';
import { pageSize } from '../page-size.js';
import type { ComponentState } from './component-state.js';
import { LimitExceeded, Trap, trap } from './faults.js';
import type { Life } from './life.js';

/** Canonical ABI: no string or list takes more bytes than this. */
const maxByteLength = 2 ** 28 - 1;

/** Bytes that take tens of microseconds to copy. */
const longSize = 262_144;

export type Realloc = (oldPointer: number, oldSize: number, align: number, size: number) => number;

export interface LiftLimits {
  readonly maxLiftedBytes: number;
  readonly maxListLength: number;
}

/**
 * Guest memory as one set of canonical options sees it. The views are always current after {@link Memory.refresh}, which generated code
 * calls whenever guest code may have grown the memory. One shape for all, so that generated helpers stay monomorphic.
 */
export class Memory {
  u8: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  dv: DataView<ArrayBuffer> = new DataView(this.u8.buffer);
  /** The second result of lowering a string or a list: its length. */
  length = 0;
  memory: WebAssembly.Memory | undefined = undefined;
  /** Bytes that the guest knows of: the memory may have more, from an earlier life. */
  size = 0;
  /** Tells the size that the guest knows, in pages; undefined: it is that of the memory. */
  pages: (() => number) | undefined = undefined;
  realloc: Realloc | undefined = undefined;
  /** Bytes lifted in the crossing that is under way. */
  lifted = 0;
  /** The life that the memory serves now. */
  life: Life;
  readonly component: ComponentState;
  readonly encoding: StringEncoding;
  readonly limits: LiftLimits;

  constructor(life: Life, component: ComponentState, encoding: StringEncoding, limits: LiftLimits) {
    this.life = life;
    this.component = component;
    this.encoding = encoding;
    this.limits = limits;
  }

  /** Takes new views if the old ones were detached by growth. */
  refresh(): void {
    if (this.u8.length !== 0) return;
    if (this.memory === undefined) trap('a host function was called before the memory of the component existed');
    const buffer = this.memory.buffer as ArrayBuffer;
    this.u8 = new Uint8Array(buffer);
    this.dv = new DataView(buffer);
    this.measure();
  }

  /** Takes the size that the guest knows. */
  measure(): void {
    this.size = this.pages === undefined ? this.u8.length : this.pages() * pageSize;
  }

  /** Checks that `size` bytes at `pointer` are there and aligned. Answers the pointer as an unsigned number. */
  at(pointer: number, size: number, align: number): number {
    const start = pointer >>> 0;
    if ((start & (align - 1)) !== 0) trap(`pointer ${start} is not aligned to ${align} bytes`);
    if (start + size > this.size) this.#checkAgain(start, size);
    return start;
  }

  /** The guest may have grown the memory to what it really was before. */
  #checkAgain(start: number, size: number): void {
    this.measure();
    if (start + size > this.size) trap(`${size} bytes at ${start} are outside of the memory of ${this.size} bytes`);
  }

  /** As {@link at}, for something the guest hands over: counts towards the limit of one crossing. */
  span(pointer: number, size: number, align: number): number {
    if (size > maxByteLength) trap(`a string or list of ${size} bytes is longer than the canonical ABI allows`);
    this.lifted += size;
    if (size > longSize) this.life.hurry?.();
    if (this.lifted > this.limits.maxLiftedBytes) {
      throw new LimitExceeded(`it passed more than ${this.limits.maxLiftedBytes} bytes in one call`);
    }
    return this.at(pointer, size, align);
  }

  /** The span of a list whose elements become JavaScript values one by one. */
  elements(pointer: number, length: number, size: number, align: number): number {
    if (length > this.limits.maxListLength) throw new LimitExceeded(`it passed a list of ${length} elements`);
    return this.span(pointer, length * size, align);
  }

  /** Asks the guest for memory, through its own `realloc`. */
  alloc(align: number, size: number): number {
    if (size > maxByteLength)
      throw new LimitExceeded(`a value of ${size} bytes is longer than the canonical ABI allows`);
    if (size > longSize) this.life.hurry?.();
    const { component, realloc } = this;
    if (realloc === undefined) trap('a value needs guest memory before the component is ready');
    component.mayLeave = false;
    let pointer: number;
    try {
      pointer = realloc(0, 0, align, size) >>> 0;
    } catch (error) {
      throw this.life.failure === undefined
        ? new Trap('the realloc function of the component failed', { cause: error })
        : error;
    }
    component.mayLeave = true;
    if (this.u8.length === 0) this.refresh();
    return this.at(pointer, size, align);
  }
}
