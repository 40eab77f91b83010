import type { Row, Unit } from './row.ts';
import { median, medianRatio } from './statistics.ts';

/** What one round gave. */
export interface Figure {
  readonly scenario: string;
  readonly unit: Unit;
  readonly value: number;
}

/** Options of {@link Rounds}. */
export interface RoundsOptions {
  readonly component: string;
  /** The subject that the others are compared with. Unset: there are no ratios. */
  readonly yardstick?: string;
}

/** The figures of one component, by scenario and subject, one value of each round. */
export class Rounds {
  readonly #component: string;
  readonly #yardstick: string | undefined;
  readonly #figures = new Map<string, Map<string, { unit: Unit; values: number[] }>>();

  constructor({ component, yardstick }: RoundsOptions) {
    this.#component = component;
    this.#yardstick = yardstick;
  }

  add(subject: string, { scenario, unit, value }: Figure): void {
    const subjects = this.#figures.get(scenario) ?? new Map<string, { unit: Unit; values: number[] }>();
    const figure = subjects.get(subject) ?? { unit, values: [] };
    figure.values.push(value);
    subjects.set(subject, figure);
    this.#figures.set(scenario, subjects);
  }

  *rows(): Generator<Row> {
    const yardstick = this.#yardstick;
    for (const [scenario, subjects] of this.#figures) {
      const yardstickValues = (yardstick === undefined ? undefined : subjects.get(yardstick)?.values) ?? [];
      for (const [subject, { unit, values }] of subjects) {
        const ratio = medianRatio(values, yardstickValues);
        yield {
          scenario,
          component: this.#component,
          subject,
          value: median(values),
          unit,
          ...(ratio !== undefined && yardstick !== undefined && { ratio, yardstick }),
        };
      }
    }
  }
}
