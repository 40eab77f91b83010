import { WitError } from '@lodge/core';

/** An instance of a {@link DeniedResource}. */
export type Denied<Method extends string> = Readonly<Record<Method, (...args: unknown[]) => never>> & Disposable;

/** A resource class whose methods all fail. */
export interface DeniedResource<Method extends string> {
  new (): Denied<Method>;
  readonly prototype: Denied<Method>;
}

/** A resource that links but cannot be used: every method answers `err(payload)`. */
export function deniedResource<const Method extends string>(
  methods: readonly Method[],
  payload: string,
): DeniedResource<Method> {
  class DeniedClass {
    [Symbol.dispose](): void {}
  }
  for (const method of methods) Object.defineProperty(DeniedClass.prototype, method, { value: denied(payload) });
  // The methods were just defined; a class cannot state them by a list of names.
  return DeniedClass as unknown as DeniedResource<Method>;
}

/** A function that answers `err(payload)`. */
export function denied(payload: string): (...args: unknown[]) => never {
  return () => {
    throw new WitError(payload);
  };
}
