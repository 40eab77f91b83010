import { wrongType } from './faults.js';
import type { Life } from './life.js';

/** Marks the constructor call that wraps a representation the guest already has. */
const wrapExisting = Symbol('wrap');

/** The class through which the host holds a resource that the guest defines, and the engine's own access to it. */
export interface GuestResource {
  /** Its constructor takes the arguments of the WIT constructor. */
  readonly class: new (
    ...args: never[]
  ) => object;
  /** A host object for a representation that the guest handed over. */
  wrap(rep: number): object;
  /** The representation behind a host object, which the guest borrows. */
  borrow(value: unknown): number;
  /** The representation behind a host object, which the guest takes back; the object is dead from now on. */
  take(value: unknown): number;
}

/**
 * Makes the class of one resource for one life. A private field is the brand: an object of another resource, another
 * instance or another life does not have it.
 */
export function guestResource(
  life: Life,
  name: string,
  destructor: ((rep: number) => void) | undefined,
): GuestResource {
  let construct: ((...args: unknown[]) => object) | undefined;

  class Guest {
    #rep: number | undefined;

    constructor(...args: unknown[]) {
      if (args[0] === wrapExisting && typeof args[1] === 'number') {
        this.#rep = args[1];
        return;
      }
      construct ??= Reflect.get(Guest, wrapExisting);
      if (construct === undefined) throw new TypeError(`the resource ${name} has no constructor`);
      // biome-ignore lint/correctness/noConstructorReturn: the guest's constructor makes the object.
      return construct(...args) as Guest;
    }

    [Symbol.dispose](): void {
      const rep = this.#rep;
      this.#rep = undefined;
      if (rep !== undefined && destructor !== undefined) life.drop(() => destructor(rep));
    }

    static rep(value: unknown, isTaken: boolean): number {
      if (typeof value !== 'object' || value === null || !(#rep in value))
        wrongType(`a ${name} of this instance`, value);
      const rep = value.#rep;
      if (rep === undefined) wrongType(`a ${name} that has not been dropped or given away`, value);
      if (isTaken) value.#rep = undefined;
      return rep;
    }
  }

  const { rep } = Guest;
  Reflect.deleteProperty(Guest, 'rep');
  Object.defineProperty(Guest, 'name', { value: name });
  return {
    class: Guest,
    wrap: (value) => new Guest(wrapExisting, value),
    borrow: (value) => rep(value, false),
    take: (value) => rep(value, true),
  };
}

/** Gives the class of a resource its WIT constructor, methods and static functions. */
export function defineMembers(
  resource: GuestResource,
  construct: ((...args: unknown[]) => object) | undefined,
  methods: Readonly<Record<string, unknown>>,
  statics: Readonly<Record<string, unknown>>,
): GuestResource['class'] {
  if (construct !== undefined) Object.defineProperty(resource.class, wrapExisting, { value: construct });
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(resource.class.prototype, name, { value, configurable: true, writable: true });
  }
  for (const [name, value] of Object.entries(statics)) {
    Object.defineProperty(resource.class, name, { value, configurable: true, writable: true });
  }
  return resource.class;
}
