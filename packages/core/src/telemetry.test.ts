import {
  type Attributes,
  createNoopMeter,
  type Histogram,
  type Meter,
  metrics,
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

function recordMeasurements(): { name: string; value: number; attributes: Attributes | undefined }[] {
  const measurements: { name: string; value: number; attributes: Attributes | undefined }[] = [];
  const meter = Object.assign(Object.create(createNoopMeter()) as Meter, {
    createHistogram: (name: string): Histogram => ({
      record: (value, attributes) => void measurements.push({ name, value, attributes }),
    }),
  });
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  return measurements;
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
    const measurements = recordMeasurements();
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
});
