import {
  type Attributes,
  createNoopMeter,
  type Histogram,
  type Meter,
  metrics,
  type ObservableCallback,
  type ObservableGauge,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { Telemetry } from './telemetry.js';
import { counter, greeter, specOf, startGreetingHost } from './testing/greeting.js';

interface Recorded {
  readonly name: string;
  readonly attributes: Attributes;
  status?: unknown;
  isEnded: boolean;
}

/** A tracer provider that writes spans down: the API's own no-op spans with a memory. */
function recordSpans(): Recorded[] {
  const spans: Recorded[] = [];
  const noop = new ProxyTracerProvider().getTracer('noop').startSpan('noop', {}, ROOT_CONTEXT);
  const tracer = {
    startSpan(name: string, options: SpanOptions = {}): Span {
      const recorded: Recorded = { name, attributes: options.attributes ?? {}, isEnded: false };
      spans.push(recorded);
      return Object.assign(Object.create(noop) as Span, {
        setStatus: (status: unknown) => {
          recorded.status = status;
        },
        end: () => {
          recorded.isEnded = true;
        },
      });
    },
  } as Tracer;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  return spans;
}

interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes | undefined;
}

/** Measurements as they come, and a way to ask the gauges for theirs. */
function recordMeasurements(): { measurements: Measurement[]; observe(): Measurement[] } {
  const measurements: Measurement[] = [];
  const gauges = new Map<string, Set<ObservableCallback>>();
  const meter = Object.assign(Object.create(createNoopMeter()) as Meter, {
    createHistogram: (name: string): Histogram => ({
      record: (value, attributes) => void measurements.push({ name, value, attributes }),
    }),
    createObservableGauge: (name: string): ObservableGauge => {
      const callbacks = gauges.get(name) ?? new Set();
      gauges.set(name, callbacks);
      return {
        addCallback: (callback) => void callbacks.add(callback),
        removeCallback: (callback) => void callbacks.delete(callback),
      };
    },
  });
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  const observe = (): Measurement[] => {
    const seen: Measurement[] = [];
    for (const [name, callbacks] of gauges) {
      const result = {
        observe: (value: number, attributes?: Attributes) => void seen.push({ name, value, attributes }),
      };
      for (const callback of callbacks) callback(result);
    }
    return seen;
  };
  return { measurements, observe };
}

afterEach(() => {
  trace.disable();
  metrics.disable();
});

describe('telemetry', () => {
  it('knows that no SDK is registered', () => {
    expect(new Telemetry('1.0.0')).toMatchObject({ isTracing: false, isMetering: false });
  });

  it('has a span for the start, the compilation and each call, with the workload in it', async () => {
    const spans = recordSpans();
    const { host, caller } = await startGreetingHost({ main: counter() });
    await host.workloadStart({ workloadId: 'w', workload: specOf(['main']) });
    expect(await caller.call()).toBe(1);
    await host.stop();
    expect(spans.map(({ name }) => name)).toEqual(['lodge.workload.start', 'lodge.component.compile', 'lodge.invoke']);
    expect(spans.every(({ isEnded }) => isEnded)).toBe(true);
    expect(spans[2]?.attributes).toMatchObject({ 'lodge.workload.name': 'greeting', 'lodge.component.name': 'main' });
  });

  it('marks the span of a call that failed', async () => {
    const spans = recordSpans();
    const { host, caller } = await startGreetingHost({ main: greeter(() => () => Promise.reject(new Error('boom'))) });
    await host.workloadStart({ workloadId: 'w', workload: specOf(['main']) });
    await expect(caller.call()).rejects.toThrow();
    await host.stop();
    expect(spans.at(-1)).toMatchObject({ status: { message: 'ERR_GUEST_TRAPPED' }, isEnded: true });
  });

  it('measures compilations, instantiations and calls with their outcome', async () => {
    const { measurements } = recordMeasurements();
    const { host, caller } = await startGreetingHost({ main: counter() });
    await host.workloadStart({ workloadId: 'w', workload: specOf(['main']) });
    await caller.call();
    await host.stop();
    expect(measurements.map(({ name }) => name)).toEqual([
      'lodge.compile.duration',
      'lodge.instantiate.duration',
      'lodge.invocation.duration',
    ]);
    expect(measurements[2]?.attributes).toMatchObject({ 'lodge.outcome': 'ok', 'lodge.component.name': 'main' });
  });

  it('tells the memory of each component when it is asked, until the host has stopped', async () => {
    const { observe } = recordMeasurements();
    const program = counter();
    program.memoryBytes = 65_536;
    const { host, caller } = await startGreetingHost({ main: program });
    await host.workloadStart({ workloadId: 'w', workload: specOf([{ name: 'main', poolSize: 1 }]) });
    expect(observe()).toMatchObject([{ name: 'lodge.guest.memory', value: 0 }]);
    await caller.call();
    const attributes = { 'lodge.workload.name': 'greeting', 'lodge.component.name': 'main' };
    expect(observe()).toMatchObject([{ name: 'lodge.guest.memory', value: 65_536, attributes }]);
    await host.stop();
    expect(observe()).toEqual([]);
  });
});
