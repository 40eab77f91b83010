import type { ComponentInstance, InstanceScope } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { watComponent } from '@lodge-internal/fixtures';
import { expect, it, vi } from 'vitest';

const component = `(component
  (core module $m (memory (export "memory") 1) (func (export "f") (result i32) (i32.const 7)))
  (core instance $i (instantiate $m))
  (func (export "f") (result u32) (canon lift (core func $i "f"))))`;

it('refuses one instance too many promptly, and makes instances again when others have ended', async () => {
  const compiled = await lodgeEngine().compile(await watComponent(component), {
    name: 'one',
    suspendingImports: new Set(),
  });
  const open = (): ComponentInstance => compiled.instantiate(new Map(), {} as InstanceScope) as ComponentInstance;
  const live: ComponentInstance[] = [];
  let refusal: unknown;
  // V8 reserves 8 GiB of address space for each memory; 47 bits of it hold about 16,000.
  while (refusal === undefined && live.length < 20_000) {
    try {
      live.push(open());
    } catch (error) {
      refusal = error;
    }
  }
  expect(refusal).toMatchObject({ code: 'ERR_LIMIT_EXCEEDED' });
  for (const instance of live.splice(0, 100)) instance.dispose();
  const again = await vi.waitFor(open, { timeout: 30_000 });
  expect((again.exports['f'] as () => number)()).toBe(7);
  for (const instance of [...live, again]) instance.dispose();
}, 60_000);
