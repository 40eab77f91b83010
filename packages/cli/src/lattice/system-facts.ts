import { type CpuInfo, cpus, freemem, hostname, totalmem } from 'node:os';
import type { SystemFacts } from '@lodge/core';

const architectures: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64', ia32: 'x86' };
const systems: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' };

/** Milliseconds between two readings of the processors; what is asked for sooner is answered from the last one. */
const sampleMs = 500;

/**
 * What heartbeats say of this machine, in the words of wasmCloud's hosts. In a container with a memory limit, memory is that of the container. The processor
 * usage is that since the last heartbeat; the first one counts from when this was called.
 */
export function systemFacts(): () => SystemFacts {
  const name = hostname();
  let before = readTimes(cpus());
  let takenAt = performance.now();
  let usage = 0;
  return () => {
    if (performance.now() - takenAt >= sampleMs) {
      const now = readTimes(cpus());
      usage = percentBusy(before, now);
      before = now;
      takenAt = performance.now();
    }
    return {
      hostname: name,
      osArch: architectures[process.arch] ?? process.arch,
      osName: systems[process.platform] ?? process.platform,
      osKernel: process.platform === 'win32' ? 'windows' : 'unix',
      systemCpuUsage: usage,
      ...readMemory(),
    };
  };
}

interface ProcessorTimes {
  readonly busy: number;
  readonly all: number;
}

function readTimes(processors: readonly CpuInfo[]): ProcessorTimes {
  let idle = 0;
  let all = 0;
  for (const { times } of processors) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { busy: all - idle, all };
}

/** 0 where the system gives no times, as some containers do. */
function percentBusy(before: ProcessorTimes, now: ProcessorTimes): number {
  const all = now.all - before.all;
  if (all <= 0) return 0;
  return Math.min(100, Math.max(0, ((now.busy - before.busy) / all) * 100));
}

function readMemory(): Pick<SystemFacts, 'systemMemoryTotal' | 'systemMemoryFree'> {
  const [total, limit] = [totalmem(), process.constrainedMemory()];
  if (limit > 0 && limit < total) return { systemMemoryTotal: limit, systemMemoryFree: process.availableMemory() };
  return { systemMemoryTotal: total, systemMemoryFree: freemem() };
}
