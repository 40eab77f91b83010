import type { Random } from '@lodge-internal/engine-suite';

/** A function of loops, blocks and branches in all directions, which ends when it has gone round often enough. */
export class RandomBody {
  readonly #random: Random;
  readonly #extra: (() => string) | undefined;
  #labels = 0;

  /** @param extra makes a statement to stand among the others; local `$rounds` counts the iterations of all loops */
  constructor(random: Random, extra?: () => string) {
    this.#random = random;
    this.#extra = extra;
  }

  text(): string {
    return `(param $x i32) (result i32) (local $rounds i32) (local $sum i32)
      (block $end ${this.#statements(4, ['$end'])} ${this.#loop(4, ['$end'])})
      (i32.add (local.get $sum) (local.get $rounds))`;
  }

  #statements(depth: number, labels: readonly string[]): string {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#statement(depth, labels)).join('\n');
  }

  #statement(depth: number, labels: readonly string[]): string {
    const random = this.#random;
    if (this.#extra !== undefined && random.below(3) === 0) return this.#extra();
    const label = random.pick(labels);
    switch (depth === 0 ? random.below(5) : random.below(9)) {
      case 0:
        return '(local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $x)))';
      case 1:
        return '(local.set $sum (call $tiny (i32.add (local.get $sum) (local.get $rounds))))';
      case 2:
        return `(br_if ${label} (i32.eqz (i32.and (local.get $sum) (i32.const ${random.pick([1, 3, 15, 255])}))))`;
      case 3:
        return `(if (i32.lt_u (local.get $sum) (local.get $x)) (then (i32.store8 (i32.and (local.get $sum) (i32.const 1023)) (local.get $x)) (br ${label})))`;
      case 4:
        return '(local.set $sum (i32.add (local.get $sum) (i32.load8_u (i32.and (local.get $sum) (i32.const 1023)))))';
      case 5: {
        const targets = Array.from({ length: 1 + random.below(4) }, () => random.pick(labels));
        return `(if (i32.and (local.get $sum) (i32.const 4)) (then (br_table ${targets.join(' ')} (i32.and (local.get $sum) (i32.const 3)))))`;
      }
      case 6: {
        const inner = this.#label();
        return `(block ${inner} ${this.#statements(depth - 1, [...labels, inner])})`;
      }
      default:
        return this.#loop(depth, labels);
    }
  }

  #loop(depth: number, labels: readonly string[]): string {
    const own = this.#label();
    const body = `${this.#round()} ${this.#statements(depth - 1, [...labels, own, own])}`;
    return this.#random.below(3) === 0
      ? `(local.set $sum (loop ${own} (result i32) ${body} (local.get $sum)))`
      : `(loop ${own} ${body} ${this.#random.pick(['', `(br_if ${own} (i32.and (local.get $sum) (i32.const 7)))`])})`;
  }

  /** Each iteration begins so. */
  #round(): string {
    return '(br_if $end (i32.gt_u (local.tee $rounds (i32.add (local.get $rounds) (i32.const 1))) (i32.const 3000)))';
  }

  #label(): string {
    return `$l${this.#labels++}`;
  }
}
