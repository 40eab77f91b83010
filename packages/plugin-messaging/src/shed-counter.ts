import type { ComponentInfo, Logger } from '@lodge/core';
import { type Counter, metrics } from '@opentelemetry/api';
import type { ShedReason } from './admission.js';

/** Milliseconds between two lines about one component. */
const quietMs = 10_000;

interface Silence {
  readonly until: number;
  dropped: number;
}

/** Counts messages that no handler had time for, and logs them: the first at once, then a sum every 10 seconds. */
export class ShedCounter {
  readonly #counter: Counter;
  readonly #silences = new WeakMap<ComponentInfo, Silence>();
  logger: Logger;
  #total = 0;

  constructor(logger: Logger) {
    this.logger = logger;
    this.#counter = metrics.getMeter('@lodge/plugin-messaging').createCounter('messaging.admission.shed');
  }

  /** Messages dropped so far. */
  get total(): number {
    return this.#total;
  }

  add(component: ComponentInfo, subject: string, reason: ShedReason): void {
    this.#total++;
    this.#counter.add(1, { component: component.name, subject, reason });
    const now = performance.now();
    const silence = this.#silences.get(component);
    if (silence !== undefined && now < silence.until) {
      silence.dropped++;
      return;
    }
    this.#silences.set(component, { until: now + quietMs, dropped: 0 });
    this.logger.log('warn', 'a message was dropped: its handler has no time for it', {
      workload: component.workload.id,
      component: component.name,
      subject,
      reason,
      count: 1 + (silence?.dropped ?? 0),
    });
  }
}
