/**
 * Says in one sentence why this Node.js cannot run Lodge; `undefined` when it can.
 *
 * @param nodeVersion such as `20.20.0`
 * @param hasPromiseIntegration whether `WebAssembly.Suspending` exists
 */
export function describeMissingRuntime(nodeVersion: string, hasPromiseIntegration: boolean): string | undefined {
  if (hasPromiseIntegration) return undefined;
  return (
    `Node.js ${nodeVersion} cannot suspend WebAssembly (it has no JavaScript Promise Integration): ` +
    'use Node.js 24.21 or newer.'
  );
}
