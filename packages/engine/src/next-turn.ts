/** Lets others run in between: what takes long is done in pieces of a few milliseconds. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Bytes of a component of which every step of compiling it takes milliseconds. */
const largeSize = 1_048_576;

/** {@link nextTurn}, if that many bytes make it worth while. */
export function turnAfter(bytes: number): Promise<void> | undefined {
  return bytes < largeSize ? undefined : nextTurn();
}
