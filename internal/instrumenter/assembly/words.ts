import { allocate, reallocate } from './allocate';

/** Numbers of 32 bits in a row that grows. */
export class Words {
  private start: usize;
  private capacity: i32;
  length: i32 = 0;

  constructor(capacity: i32) {
    this.capacity = max(capacity, 16);
    this.start = allocate((<usize>this.capacity) << 2);
  }

  get address(): usize {
    return this.start;
  }

  @inline
  get(index: i32): i32 {
    return load<i32>(this.start + ((<usize>index) << 2));
  }

  @inline
  set(index: i32, word: i32): void {
    store<i32>(this.start + ((<usize>index) << 2), word);
  }

  @inline
  push(word: i32): void {
    if (this.length === this.capacity) this.grow();
    this.set(this.length++, word);
  }

  /** Two in one go. */
  @inline
  push2(first: i32, second: i32): void {
    if (this.length + 2 > this.capacity) this.grow();
    const end = this.start + ((<usize>this.length) << 2);
    store<i32>(end, first);
    store<i32>(end, second, 4);
    this.length += 2;
  }

  /** Where it is the last thing in memory, nothing is copied. */
  private grow(): void {
    this.capacity *= 2;
    this.start = reallocate(this.start, (<usize>this.capacity) << 2);
  }
}
