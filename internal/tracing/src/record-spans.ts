import {
  type Attributes,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  type SpanOptions,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/** A span that has ended. */
export interface RecordedSpan {
  readonly name: string;
  readonly attributes: Attributes;
  readonly isFailed: boolean;
}

/** What {@link recordSpans} takes note of. */
export interface SpanRecording extends Disposable {
  /** In the order of their end. */
  readonly spans: readonly RecordedSpan[];
}

/** For tests: a tracer that notes spans, until it is disposed. Its spans are those of the API that do nothing, with a memory. */
export function recordSpans(): SpanRecording {
  const spans: RecordedSpan[] = [];
  const noop = new ProxyTracerProvider().getTracer('noop').startSpan('noop', {}, ROOT_CONTEXT);
  const startSpan = (name: string, { attributes = {} }: SpanOptions = {}): Span => {
    let isFailed = false;
    return Object.assign(Object.create(noop) as Span, {
      setStatus() {
        isFailed = true;
      },
      end: () => void spans.push({ name, attributes, isFailed }),
    });
  };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan }) as unknown as Tracer });
  return { spans, [Symbol.dispose]: () => void trace.disable() };
}
