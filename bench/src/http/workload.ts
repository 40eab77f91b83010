import type { WorkloadSpec } from '@lodge/core';

/**
 * A workload of one HTTP component.
 *
 * @param poolSize instances kept warm; 0: new state for each request
 */
export function httpWorkload(bytes: Uint8Array, poolSize: number): WorkloadSpec {
  return {
    namespace: 'bench',
    name: 'bench',
    components: [{ name: 'component', source: { bytes }, poolSize }],
    hostInterfaces: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler', 'types'] }],
  };
}
