import type { BodyFacts } from './body.js';

/** Calls that may pass between two charges on the way down from one function: about a microsecond. */
const maxFreeCalls = 64;
/** Bytes of code that weigh as much as one call. */
const bytesPerCall = 512;

/**
 * The functions that must charge at their entry, so that no sequence of calls goes on unnoticed: those on a cycle of direct calls, those that
 * call through a table or into another module, whose calls could multiply in turn, and those below which too many calls could multiply. Leaf
 * functions and small trees of calls stay as they are. Answers how much each of them charges.
 *
 * @param bodies of the defined functions, in order
 * @param imported how many functions are imported; their indices come first
 */
export function chargedFunctions(bodies: readonly BodyFacts[], imported: number): ReadonlyMap<number, number> {
  const charged = new Map<number, number>();
  const ownCost = (index: number): number => {
    const body = bodies[index];
    return 1 + (body === undefined ? 0 : Math.floor((body.end - body.start) / bytesPerCall));
  };
  const costs = new Int32Array(bodies.length);
  const isActive = new Uint8Array(bodies.length);
  // Depth first, without recursion: a hostile module can have a chain of a million calls.
  for (let root = 0; root < bodies.length; root++) {
    if (costs[root] !== 0) continue;
    const stack: { index: number; next: number; cost: number }[] = [{ index: root, next: 0, cost: ownCost(root) }];
    isActive[root] = 1;
    for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
      const body = bodies[frame.index];
      const callee = body?.calls[frame.next];
      if (callee === undefined) {
        const isCharged = body?.hasIndirectCall === true || charged.has(frame.index) || frame.cost > maxFreeCalls;
        if (isCharged) charged.set(frame.index, Math.ceil(frame.cost / maxFreeCalls));
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
        frame.cost += maxFreeCalls;
      } else if (isActive[index] === 1) {
        charged.set(index, 1);
        frame.cost++;
      } else if (costs[index] !== 0) {
        frame.cost += costs[index] ?? 0;
      } else {
        isActive[index] = 1;
        stack.push({ index, next: 0, cost: ownCost(index) });
      }
    }
  }
  return charged;
}
