import { type AccountingCode, isCheckedAtEdges } from './accounting-code.js';
import type { BodyFacts, CodePoint, SmallLoop } from './body-facts.js';
import type { Insertion } from './charge-code.js';
import type { Copy, Edit, Edits } from './edited-code.js';

/** What is to be written into one body so that it keeps account of what it does. */
export class AccountingEdits implements Edits {
  readonly #points: readonly CodePoint[];
  readonly #code: AccountingCode;
  readonly #counter: number;
  readonly #loops: 'none' | 'count' | 'spend';
  /** Where the bodies of those loops begin whose branches back look at the counter. */
  readonly #checkedAtEdges: ReadonlySet<number>;
  #next = 0;

  /** @param counter the first of two locals that are free */
  constructor({ points }: BodyFacts, code: AccountingCode, counter: number) {
    this.#points = points;
    this.#code = code;
    this.#counter = counter;
    const loops = points.filter(({ kind, value }) => kind === 'loop' && value >= 0);
    this.#checkedAtEdges = new Set(loops.filter(isCheckedAtEdges).map(({ at }) => at));
    this.#loops = loops.length === 0 ? 'none' : loops.every(isCheckedAtEdges) ? 'count' : 'spend';
  }

  /** Whether the locals are used. */
  get needsLocals(): boolean {
    return this.#checkedAtEdges.size > 0 || this.#points.some(({ kind }) => kind === 'bulk');
  }

  between(from: number, to: number, copy?: Copy): readonly Edit[] {
    this.#skipTo(from);
    const edits: Edit[] = [];
    for (let index = this.#next; index < this.#points.length; index++) {
      const point = this.#points[index];
      if (point === undefined || point.at >= to) break;
      if (copy !== undefined && point.kind === 'loop') continue;
      const edit = point.kind === 'repeat' ? this.#repeat(point, copy) : this.#insertion(point);
      if (edit !== undefined) edits.push(edit);
    }
    return edits;
  }

  head({ bodyStart }: SmallLoop): Insertion | undefined {
    this.#skipTo(bodyStart);
    const point = this.#points[this.#next];
    return point && this.#code.at(point, this.#counter, this.#loops);
  }

  #skipTo(position: number): void {
    while ((this.#points[this.#next]?.at ?? position) < position) this.#next++;
  }

  #insertion(point: CodePoint): Edit | undefined {
    const insertion = this.#code.at(point, this.#counter, this.#loops);
    return insertion && { at: point.at, end: point.at, insertion };
  }

  /** @param isFollowed whether the next iteration has a copy of its own, that looks after both */
  #iteration(loop: number, weight: number, isFollowed: boolean): Insertion {
    if (!this.#checkedAtEdges.has(loop)) return this.#code.spend(weight);
    return isFollowed ? this.#code.add(this.#counter, weight) : this.#code.check(this.#counter, weight);
  }

  /** A branch that takes a condition keeps its account only when it is taken, so that V8 can do the comparison and the branch in one. */
  #repeat({ at, value, loop = at, condition }: CodePoint, copy: Copy | undefined): Edit {
    const isOwn = loop === copy?.loop.bodyStart;
    const insertion = this.#iteration(loop, value, isOwn && copy.isFollowed);
    if (condition === undefined) return { at, end: at, insertion };
    return { at, end: condition.end, insertion, branch: condition.depth + (isOwn ? 0 : (copy?.depth ?? 0)) };
  }
}
