import type { Row, Unit } from '../row.ts';
import { median, medianRatio } from '../statistics.ts';

const yardstick = 'node:http';

/** What one round gave. */
export interface Figure {
  readonly scenario: string;
  readonly unit: Unit;
  readonly value: number;
}

/** The figures of one component, by scenario and subject, one value of each round. */
export class Rounds {
  readonly #component: string;
  readonly #figures = new Map<string, Map<string, { unit: Unit; values: number[] }>>();

  constructor(component: string) {
    this.#component = component;
  }

  add(subject: string, { scenario, unit, value }: Figure): void {
    const subjects = this.#figures.get(scenario) ?? new Map<string, { unit: Unit; values: number[] }>();
    const figure = subjects.get(subject) ?? { unit, values: [] };
    figure.values.push(value);
    subjects.set(subject, figure);
    this.#figures.set(scenario, subjects);
  }

  *rows(): Generator<Row> {
    for (const [scenario, subjects] of this.#figures) {
      for (const [subject, { unit, values }] of subjects) {
        const ratio = medianRatio(values, subjects.get(yardstick)?.values ?? []);
        yield {
          scenario,
          component: this.#component,
          subject,
          value: median(values),
          unit,
          ...(ratio !== undefined && { ratioToNodeHttp: ratio }),
        };
      }
    }
  }
}
