import { explainComponent } from '@lodge/engine';
import { fixture, watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';

describe('The plan of a component', () => {
  it('tells the core instances, what was left out, and what may suspend', async () => {
    const bytes = await fixture('lean');
    const waiting = 'wasi:io/streams@0.2.3#[method]output-stream.blocking-write-and-flush';
    const plan = await explainComponent(bytes, { name: 'lean', suspendingImports: new Set([waiting]) });
    expect(plan.coreInstances).toHaveLength(1);
    expect(plan.bypassedInstances).toBe(2);
    expect(plan.coreInstances[0]?.memories).toEqual([{ initialBytes: 65_536, maximumBytes: 4_294_967_296 }]);
    expect(plan.newState).toBe('reset');
    expect(plan.imports.filter(({ maySuspend }) => maySuspend)).toEqual([{ name: waiting, maySuspend: true }]);
    expect(plan.exports).toEqual([{ name: 'wasi:http/incoming-handler@0.2.3#handle', maySuspend: true }]);
    expect(structuredClone(plan)).toEqual(plan);
  });

  it('tells limits, a table that changes, and the calls between its components', async () => {
    const plan = await explainComponent(
      await watComponent(`(component
        (component $B
          (core module $m (func (export "f") (param i32) (result i32) (local.get 0)))
          (core instance $i (instantiate $m))
          (func (export "f") (param "x" u32) (result u32) (canon lift (core func $i "f"))))
        (instance $b (instantiate $B))
        (component $A
          (import "f" (func $f (param "x" u32) (result u32)))
          (core func $f' (canon lower (func $f)))
          (core module $m (import "" "f" (func $f (param i32) (result i32)))
            (memory 2 10) (table 3 funcref)
            (func (export "g") (param i32) (result i32)
              (table.set (i32.const 0) (ref.null func))
              (call $f (local.get 0))))
          (core instance $i (instantiate $m (with "" (instance (export "f" (func $f'))))))
          (func (export "g") (param "x" u32) (result u32) (canon lift (core func $i "g"))))
        (instance $a (instantiate $A (with "f" (func $b "f"))))
        (export "g" (func $a "g")))`),
      { name: 'c', suspendingImports: new Set(), limits: { maxMemoryBytes: 262_144 } },
    );
    expect(plan.innerCalls).toEqual({ direct: 1, copying: 0, bridged: 0, javascript: 0 });
    expect(plan.newState).toBe('plain');
    expect(plan.coreInstances[1]?.memories).toEqual([{ initialBytes: 131_072, maximumBytes: 262_144 }]);
    expect(plan.coreInstances[1]?.tables).toEqual([{ initial: 3, maximum: null }]);
    expect(plan.limits.maxMemoryBytes).toBe(262_144);
    expect(plan.exports).toEqual([{ name: 'g', maySuspend: false }]);
  });
});
