import type { InstanceScope } from '@lodge/core';
import { isSpanContextValid, trace } from '@opentelemetry/api';
import type { Level, LogRecord } from '../log-record.js';
import { printable } from '../printable.js';
import type { EntryLog } from '../workload-log.js';

/** `wasi:logging/logging`. */
export interface Logging {
  /** `log: func(level: level, context: string, message: string)` */
  log(level: Level, context: string, message: string): void;
}

/** The interface of one instance. */
export function logging(entry: EntryLog, scope: InstanceScope): Logging {
  return Object.freeze({
    log(level: Level, context: string, message: string): void {
      if (entry.admits(level)) entry.write(makeRecord(entry, scope, { level, context, message }));
    },
  });
}

function makeRecord(
  { log }: EntryLog,
  scope: InstanceScope,
  said: { readonly level: Level; readonly context: string; readonly message: string },
): LogRecord {
  const context = printable(said.context, log.limits.maxContextLength);
  const message = printable(said.message, log.limits.maxMessageLength);
  const cut = context.cut + message.cut;
  return {
    time: Date.now(),
    level: said.level,
    context: context.text,
    message: message.text,
    workload: log.workload,
    component: scope.component.name,
    instance: scope.id,
    ...activeSpan(),
    ...(cut > 0 ? { cut } : {}),
  };
}

/** Core makes the span of a call the active one while the guest runs. */
function activeSpan(): Pick<LogRecord, 'traceId' | 'spanId'> {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return {};
  return { traceId: span.traceId, spanId: span.spanId };
}
