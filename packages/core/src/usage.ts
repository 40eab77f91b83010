import type { HostUsage, WorkloadUsage } from './host.js';
import type { GuestMemory } from './instances/guest-memory.js';

/** What all guests hold, summed up by workload. */
export function composeUsage(memory: GuestMemory): HostUsage {
  const workloads = new Map<string, WorkloadUsage>();
  let guestMemoryBytes = 0;
  for (const { component, bytes, lives } of memory.use()) {
    const { id } = component.workload;
    const known = workloads.get(id);
    workloads.set(id, {
      workloadId: id,
      instances: (known?.instances ?? 0) + lives,
      guestMemoryBytes: (known?.guestMemoryBytes ?? 0) + bytes,
    });
    guestMemoryBytes += bytes;
  }
  const ceiling = memory.isBounded ? { maxGuestMemoryBytes: memory.maxBytes } : {};
  return { guestMemoryBytes, ...ceiling, workloads: [...workloads.values()] };
}
