import type { BodyFacts } from './body.js';

/** Calls that may pass between two charges on the way down from one function: about a microsecond. */
const maxFreeCalls = 64;

/**
 * The functions that must charge at their entry, so that no sequence of calls goes on unnoticed: those on a cycle of direct calls, those that
 * call through a table, and those below which too many calls could multiply. Leaf functions and small trees of calls stay as they are.
 *
 * @param bodies of the defined functions, in order
 * @param imported how many functions are imported; their indices come first
 */
export function chargedFunctions(bodies: readonly BodyFacts[], imported: number): ReadonlySet<number> {
  const charged = new Set<number>();
  const costs = new Int32Array(bodies.length);
  const isActive = new Uint8Array(bodies.length);
  // Depth first, without recursion: a hostile module can have a chain of a million calls.
  for (let root = 0; root < bodies.length; root++) {
    if (costs[root] !== 0) continue;
    const stack: { index: number; next: number; cost: number }[] = [{ index: root, next: 0, cost: 1 }];
    isActive[root] = 1;
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const body = bodies[frame.index];
      const callee = body?.calls[frame.next];
      if (callee === undefined) {
        const isCharged = body?.hasIndirectCall === true || charged.has(frame.index) || frame.cost > maxFreeCalls;
        if (isCharged) charged.add(frame.index);
        costs[frame.index] = isCharged ? 1 : frame.cost;
        isActive[frame.index] = 0;
        stack.pop();
        const caller = stack.at(-1);
        if (caller !== undefined) caller.cost += costs[frame.index] ?? 0;
        continue;
      }
      frame.next++;
      const index = callee - imported;
      if (index < 0 || index >= bodies.length) {
        frame.cost++;
      } else if (isActive[index] === 1) {
        charged.add(index);
        frame.cost++;
      } else if (costs[index] !== 0) {
        frame.cost += costs[index] ?? 0;
      } else {
        isActive[index] = 1;
        stack.push({ index, next: 0, cost: 1 });
      }
    }
  }
  return charged;
}
