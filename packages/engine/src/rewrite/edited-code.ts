import type { BodyFacts, SmallLoop } from './body-facts.js';
import type { Insertion } from './charge-code.js';
import type { CodeWriter } from './code-writer.js';
import { leb } from './leb.js';

/** Instructions that stand in place of those of the source between `at` and `end`, if any. */
export interface Edit {
  readonly at: number;
  readonly end: number;
  readonly insertion: Insertion;
  /** Set where a branch that takes a condition is replaced: how many blocks lie between, and what is inserted is done only when it is taken. */
  readonly branch?: number;
}

/** A copy of a loop's body that edits are for. */
export interface Copy {
  readonly loop: SmallLoop;
  /** How many blocks lie around it that do not in the source. */
  readonly depth: number;
  /** Whether the next iteration has a copy of its own. */
  readonly isFollowed: boolean;
}

/** A loop whose body is written several times over. */
export interface CopiedLoop {
  readonly loop: SmallLoop;
  readonly copies: number;
}

/** Makes the edits of one body. */
export interface Edits {
  /** Those from `from` to before `to`, in order; for a copy without that of the loop's own beginning. */
  between(from: number, to: number, copy?: Copy): readonly Edit[];
  /** What a loop begins with, before its first copy. */
  head(loop: SmallLoop): Insertion | undefined;
}

/** Writes the instructions of a body with edits. */
export function writeCode(
  writer: CodeWriter,
  { codeStart, end }: BodyFacts,
  edits: Edits,
  copiedLoops: readonly CopiedLoop[],
): void {
  let position = codeStart;
  for (const copied of copiedLoops) {
    const { at, bodyEnd } = copied.loop;
    writeRange(writer, position, at, edits.between(position, at));
    writeCopies(writer, copied, edits);
    position = bodyEnd;
  }
  writeRange(writer, position, end, edits.between(position, end));
}

/**
 * `(loop BODY)` becomes `(block (loop (block BODY (br 2)) … (block BODY (br 2)) BODY))`, but for the last `end`: what goes on in a copy goes to the
 * end of the block around it, and so to the next one; what leaves the loop leaves the outer block.
 */
function writeCopies(writer: CodeWriter, { loop, copies }: CopiedLoop, edits: Edits): void {
  const { at, bodyStart, bodyEnd } = loop;
  writer.bytes([0x02]);
  writer.copy(at + 1, bodyStart);
  writer.copy(at, bodyStart);
  const head = edits.head(loop);
  if (head !== undefined) writer.insert(head);
  for (let count = 1; count < copies; count++) {
    writer.bytes([0x02, 0x40]);
    writeRange(writer, bodyStart, bodyEnd, editsOf({ loop, depth: 2, isFollowed: true }, edits));
    writer.bytes([0x0c, 0x02, 0x0b]);
  }
  writeRange(writer, bodyStart, bodyEnd, editsOf({ loop, depth: 1, isFollowed: false }, edits));
  writer.bytes([0x0b]);
}

/** The edits of a copy; where they leave a branch out of the loop alone, it leads as many blocks further as the copy stands deeper. */
function editsOf(copy: Copy, edits: Edits): readonly Edit[] {
  const { loop, depth } = copy;
  const own = edits.between(loop.bodyStart, loop.bodyEnd, copy);
  const exits = loop.exits
    .filter((label) => !own.some((edit) => edit.at <= label.at && label.at < edit.end))
    .map((label) => ({ ...label, insertion: { code: leb(label.depth + depth), unlikely: [] } }));
  return [...own, ...exits].toSorted((one, other) => one.at - other.at);
}

function writeRange(writer: CodeWriter, from: number, to: number, edits: readonly Edit[]): void {
  let position = from;
  for (const { at, end, insertion, branch } of edits) {
    writer.copy(position, at);
    if (branch === undefined) writer.insert(insertion);
    else writer.insertWithBranch(insertion, branch);
    position = end;
  }
  writer.copy(position, to);
}
