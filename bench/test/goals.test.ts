import { describe, expect, test } from 'vitest';
import { checkGoals } from '../src/goals.ts';
import type { Row } from '../src/row.ts';

function row(scenario: string, component: string, subject: string, value: number, ratio?: number): Row {
  return { scenario, component, subject, value, unit: 'us', ...(ratio !== undefined && { ratio }) };
}

function resultOf(rows: readonly Row[], goal: RegExp): { measured: number | undefined; met: boolean } | undefined {
  const result = checkGoals(rows).find((one) => goal.test(one.goal));
  return result && { measured: result.measured, met: result.met };
}

describe('goals', () => {
  test('a time is met up to a tenth above its limit', () => {
    expect(resultOf([row('engine/warm-call', 'u32', 'lodge', 16)], /scalar/)).toEqual({ measured: 16, met: true });
    expect(resultOf([row('engine/warm-call', 'u32', 'lodge', 17)], /scalar/)).toEqual({ measured: 17, met: false });
  });

  test('a share of raw node:http is met down to a tenth below its limit', () => {
    const of = (ratio: number) => [row('http/throughput', 'lean', 'lodge warm', 1, ratio)];
    expect(resultOf(of(0.69), /HTTP, warm/)).toEqual({ measured: 0.69, met: true });
    expect(resultOf(of(0.68), /HTTP, warm/)).toEqual({ measured: 0.68, met: false });
  });

  test('instances are compared with the bare ones of the same component', () => {
    const rows = [
      row('engine/instantiate', 'lean', 'lodge plain', 36),
      row('engine/instantiate', 'lean', 'bare', 30),
      row('engine/instantiate', 'values', 'bare', 1),
    ];
    expect(resultOf(rows, /instantiate.*lean/)).toEqual({ measured: 1.2, met: true });
  });

  test('the overhead of a get in memory is its time without that of a call that does nothing', () => {
    const rows = [
      row('keyvalue/get/cpu', 'in memory', 'lodge', 3.5),
      row('keyvalue/get/cpu', 'in memory', 'trivial host', 0.5),
    ];
    expect(resultOf(rows, /keyvalue in memory/)).toEqual({ measured: 3, met: true });
  });

  test('a share of the bare client counts on NATS only', () => {
    const of = (component: string) => [row('keyvalue/get', component, 'lodge', 1, 0.7)];
    expect(resultOf(of('NATS'), /keyvalue on NATS/)).toEqual({ measured: 0.7, met: true });
    expect(resultOf(of('in memory'), /keyvalue on NATS/)?.measured).toBeUndefined();
  });

  test('the figures of another subject do not count', () => {
    expect(resultOf([row('engine/warm-call', 'u32', 'jco', 1)], /scalar/)?.measured).toBeUndefined();
  });

  test('what was not measured is not met', () => {
    expect(checkGoals([]).some(({ met }) => met)).toBe(false);
  });
});
