import {
  context,
  createNoopMeter,
  type Histogram,
  metrics,
  type ObservableGauge,
  type ObservableResult,
  ProxyTracerProvider,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { GuestExit, HostError, WitError } from './errors.js';
import type { MemoryUse } from './instances/guest-memory.js';
import type { InstanceScope } from './scope.js';
import type { ComponentInfo, WorkloadInfo } from './workload.js';

const scopeName = '@lodge/core';

/**
 * Spans and histograms through the OpenTelemetry API. Looks once, when it is made, whether an SDK is registered: without one
 * a call pays for two boolean checks.
 */
export class Telemetry {
  /** Whether spans go anywhere. */
  readonly isTracing: boolean;
  /** Whether measurements go anywhere. */
  readonly isMetering: boolean;
  readonly #tracer: Tracer;
  readonly #invocation: Histogram;
  readonly #compile: Histogram;
  readonly #instantiate: Histogram;
  readonly #guestMemory: ObservableGauge;

  constructor(version: string) {
    this.#tracer = trace.getTracer(scopeName, version);
    this.isTracing = hasTracer(version);
    const meter = metrics.getMeter(scopeName, version);
    this.isMetering = meter !== createNoopMeter();
    const milliseconds = { unit: 'ms' };
    this.#invocation = meter.createHistogram('lodge.invocation.duration', {
      ...milliseconds,
      description: 'A call into a component, from the choice of its instance to its end.',
    });
    this.#compile = meter.createHistogram('lodge.compile.duration', {
      ...milliseconds,
      description: 'The compilation of one component with its links.',
    });
    this.#instantiate = meter.createHistogram('lodge.instantiate.duration', {
      ...milliseconds,
      description: 'A new instance of a component graph.',
    });
    this.#guestMemory = meter.createObservableGauge('lodge.guest.memory', {
      unit: 'By',
      description: 'Linear memory of the instances of one component, with what is kept for the next ones.',
    });
  }

  /** Runs `work` inside a span of a workload's start. */
  async workloadStart<T>(workload: WorkloadInfo, work: () => Promise<T>): Promise<T> {
    return this.#inSpan('lodge.workload.start', workloadAttributes(workload), work);
  }

  /** Runs `work` inside a span of a compilation, and measures it. */
  async compile<T>(component: ComponentInfo, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await this.#inSpan('lodge.component.compile', componentAttributes(component), work);
    this.#compile.record(performance.now() - startedAt, componentAttributes(component));
    return result;
  }

  startInvoke(scope: InstanceScope, operation: string): InvokeSpan {
    const attributes = {
      ...componentAttributes(scope.component),
      'lodge.instance.id': scope.id,
      'lodge.operation': operation,
    };
    return new InvokeSpan(this.#tracer.startSpan('lodge.invoke', { attributes }));
  }

  /** Tells what components hold whenever somebody measures; answers how to end that. */
  observeMemory(read: () => readonly MemoryUse[]): () => void {
    const observe = (result: ObservableResult): void => {
      for (const { component, bytes } of read()) result.observe(bytes, componentAttributes(component));
    };
    this.#guestMemory.addCallback(observe);
    return () => this.#guestMemory.removeCallback(observe);
  }

  recordInvocation(component: ComponentInfo, ms: number, failure: unknown): void {
    this.#invocation.record(ms, { ...componentAttributes(component), 'lodge.outcome': outcomeOf(failure) });
  }

  recordInstantiate(component: ComponentInfo, ms: number): void {
    this.#instantiate.record(ms, componentAttributes(component));
  }

  async #inSpan<T>(name: string, attributes: Record<string, string>, work: () => Promise<T>): Promise<T> {
    if (!this.isTracing) return work();
    const span = new InvokeSpan(this.#tracer.startSpan(name, { attributes }));
    try {
      const result = await span.run(work);
      span.end(undefined);
      return result;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }
}

/** A span that is current while its work runs. */
export class InvokeSpan {
  readonly #span: Span;

  constructor(span: Span) {
    this.#span = span;
  }

  run<T>(work: () => T): T {
    return context.with(trace.setSpan(context.active(), this.#span), work);
  }

  end(failure: unknown): void {
    // An `err` result and an exit are answers, not faults of the call.
    if (failure !== undefined && !WitError.is(failure) && !GuestExit.is(failure)) {
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: outcomeOf(failure) });
    }
    this.#span.end();
  }
}

function hasTracer(version: string): boolean {
  const provider = trace.getTracerProvider();
  if (!(provider instanceof ProxyTracerProvider)) return true;
  return provider.getDelegateTracer(scopeName, version) !== undefined;
}

function outcomeOf(failure: unknown): string {
  if (failure === undefined) return 'ok';
  if (WitError.is(failure)) return 'err';
  if (GuestExit.is(failure)) return 'exit';
  return HostError.is(failure) ? failure.code : 'error';
}

function workloadAttributes(workload: WorkloadInfo): Record<string, string> {
  return {
    'lodge.workload.id': workload.id,
    'lodge.workload.name': workload.name,
    'lodge.workload.namespace': workload.namespace,
  };
}

function componentAttributes(component: ComponentInfo): Record<string, string> {
  const { workload } = component;
  return {
    'lodge.workload.name': workload.name,
    'lodge.workload.namespace': workload.namespace,
    'lodge.component.name': component.name,
  };
}
