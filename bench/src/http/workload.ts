import type { WorkloadSpec } from '@lodge/core';

/**
 * A workload of one HTTP component.
 *
 * @param poolSize instances kept warm; 0: new state for each request
 * @param memoryLimitMb of each instance; 0: none
 */
export function httpWorkload(bytes: Uint8Array, poolSize: number, memoryLimitMb = 0): WorkloadSpec {
  return {
    namespace: 'bench',
    name: 'bench',
    components: [{ name: 'component', source: { bytes }, poolSize, localResources: { memoryLimitMb } }],
    hostInterfaces: [{ namespace: 'wasi', package: 'http', interfaces: ['incoming-handler', 'types'] }],
  };
}
