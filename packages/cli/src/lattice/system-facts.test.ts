import { freemem, totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { systemFacts } from './system-facts.js';

test('the machine is described in the words of wasmCloud, with memory in bytes and processors in percent', async () => {
  const read = systemFacts();
  const facts = read();
  expect(facts.osArch).toMatch(/^(x86_64|aarch64|\w+)$/);
  expect(facts.osArch).not.toBe('x64');
  expect(facts).toMatchObject({ osName: process.platform === 'darwin' ? 'macos' : 'linux', osKernel: 'unix' });
  expect(facts.systemMemoryTotal).toBeLessThanOrEqual(totalmem());
  expect(facts.systemMemoryTotal).toBeGreaterThan(facts.systemMemoryFree);
  expect(facts.systemMemoryFree).toBeGreaterThan(freemem() / 100);
});

test('the processor usage is that since the time before, and is not measured over nothing', async () => {
  const read = systemFacts();
  expect(read().systemCpuUsage).toBe(0);
  const until = performance.now() + 700;
  while (performance.now() < until) Math.sqrt(until);
  const { systemCpuUsage } = read();
  expect(systemCpuUsage).toBeGreaterThan(0);
  expect(systemCpuUsage).toBeLessThanOrEqual(100);
  expect(read().systemCpuUsage).toBe(systemCpuUsage);
});
