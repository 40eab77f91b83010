import type { InstanceScope } from './scope.js';
import type { ComponentShape } from './shape.js';

/**
 * The engine SPI: the only place that knows how a component becomes something V8 can run. Everything above it sees
 * these types. An engine keeps no module-level state: two engines in one process do not know of each other.
 *
 * Values that cross it follow the ecosystem's JavaScript conventions: lowerCamelCase functions and fields, resources as classes
 * with `Symbol.dispose`, `result` returns or throws a `WitError` (at the top level of a function; nested it is
 * `{ tag: 'ok' | 'err', val }`), `variant` is `{ tag, val }`, `enum` is its case name, `flags` an object of booleans,
 * `option` is `T | undefined`, but `{ tag: 'none' | 'some', val }` where `T` is itself an option (three deep, the two outer ones are
 * tagged and the innermost is not), `tuple` an array,
 * 64-bit integers are `bigint`, `char` a one-code-point string, and a list of numbers the typed array of its width
 * (`list<u8>` is `Uint8Array`); lowering also takes any array of numbers.
 */
export interface Engine {
  /** A short name for logs and status, such as `lodge` or `jco`. */
  readonly name: string;
  /** What this engine can do; core refuses, by name, what a workload needs and the engine lacks. */
  readonly supports: EngineSupport;
  /**
   * Reads the imports, exports and function shapes of a component. Never executes anything of it.
   *
   * @throws HostError `ERR_COMPONENT_INVALID` with what the bytes are and what was expected;
   *   `ERR_COMPONENT_UNSUPPORTED` for a feature this engine does not have.
   */
  inspect(bytes: Uint8Array, options?: EngineCallOptions): Promise<ComponentShape>;
  /**
   * Compiles a component, and the siblings linked to it, once. Instances are then cheap.
   *
   * @throws HostError `ERR_COMPONENT_INVALID` | `ERR_COMPONENT_UNSUPPORTED`.
   */
  compile(bytes: Uint8Array, options: CompileOptions): Promise<CompiledComponent>;
}

/** The abilities an engine may lack. */
export interface EngineSupport {
  /** `links`: several components compiled into one instance graph. */
  readonly links: boolean;
  /** A guest in an endless loop can be ended, and yields to others meanwhile. */
  readonly interruption: boolean;
  /** New guest state without a new instance. */
  readonly reset: boolean;
  /** WASI 0.3: async functions, streams and futures. */
  readonly async: boolean;
}

/** Options of an engine operation. */
export interface EngineCallOptions {
  /** Aborting it rejects the operation with `ERR_CALL_ABORTED`. */
  readonly signal?: AbortSignal;
}

/** What is fixed about one component of a graph when it is compiled. */
export interface ComponentUnit {
  /** The component's name in its workload: the key of its imports at instantiation, and part of every trap. */
  readonly name: string;
  /**
   * Imported functions that may answer with a promise, as `<externName>#<WIT function name>`
   * (`wasi:io/poll@0.2.0#[method]pollable.block`); a world-level function is `#<name>`. Any other import is a direct call,
   * and one that returns a promise traps.
   */
  readonly suspendingImports: ReadonlySet<string>;
  /** Bounds on what one call may take. Unset members have their defaults. */
  readonly limits?: Partial<InstanceLimits>;
  /**
   * Whether the guest gives way to the event loop while it computes, so that a deadline or {@link ComponentInstance.interrupt} ends it even in an endless
   * loop. Every export then returns a promise. Needs `supports.interruption`. @default false
   */
  readonly isInterruptible?: boolean;
  /** Imports served by a sibling component, by the import's `externName`. */
  readonly links?: ReadonlyMap<string, ComponentLink>;
}

/** An import served by an export of a sibling component. */
export interface ComponentLink {
  /** The serving component. One object per component: a diamond names the same object twice. */
  readonly component: LinkedComponent;
  /** The `externName` of the export that serves the import. */
  readonly externName: string;
}

/** A component that is part of another's graph. */
export interface LinkedComponent extends ComponentUnit {
  readonly bytes: Uint8Array;
}

/** Options of {@link Engine.compile}. */
export interface CompileOptions extends ComponentUnit, EngineCallOptions {}

/** Bounds per instance. They make a component that lies about sizes a trap instead of a dead host. */
export interface InstanceLimits {
  /** Bytes that the arguments or the result of one crossing may lift from guest memory. @default 67_108_864 (64 MiB) */
  readonly maxLiftedBytes: number;
  /** Elements of one list that is not a list of numbers. @default 1_000_000 */
  readonly maxListLength: number;
  /** Live handles of one component instance. @default 65_536 */
  readonly maxHandles: number;
  /**
   * Bytes of each linear memory that a core module defines: growth past it fails inside the guest, and a module that begins with more is
   * refused by `compile`. @default 4_294_967_296 (4 GiB, all that a 32-bit memory can have)
   */
  readonly maxMemoryBytes: number;
}

/** A component, with its linked siblings, ready to be instantiated any number of times. */
export interface CompiledComponent {
  readonly shape: ComponentShape;
  /**
   * How the engine makes new guest state, as far as the component's code tells: `reset` makes that of an instance whose life ended well new in place,
   * `plain` makes a new instance each time. Reads all of the code where that has not been done yet. Unset: always `plain`.
   */
  renewal?(): Promise<StateRenewal>;
  /**
   * Starts a life: a new guest state, from here until {@link ComponentInstance.dispose}. Imports are keyed by component name, then by
   * `externName`. A life never sees an earlier scope.
   *
   * @throws HostError `ERR_IMPORT_INVALID` when a declared function is missing, `ERR_GUEST_TRAPPED` when a start function traps, `ERR_LIMIT_EXCEEDED` when
   * there is no room for it: with `maxLiveMemories` among its details when that would be so for any component, before anything of this life has begun.
   */
  instantiate(
    imports: ReadonlyMap<string, ComponentImports>,
    scope: InstanceScope,
  ): ComponentInstance | Promise<ComponentInstance>;
  /** Bytes of linear memory that no life uses and that are kept for the next ones. Unset: the engine keeps none. */
  readonly idleMemoryBytes?: number;
  /** Lets go of what {@link CompiledComponent.idleMemoryBytes} counts: memory is short. */
  dropIdle?(): void;
  /** Lets go of what was compiled. Live instances go on; `instantiate` throws `ERR_INSTANCE_CLOSED` from now on. */
  dispose(): void;
}

/** How new guest state is made, see {@link CompiledComponent.renewal}. */
export type StateRenewal = 'reset' | 'plain';

/** One import object: host functions in lowerCamelCase and resource classes in PascalCase. */
export type InterfaceImports = Readonly<Record<string, unknown>>;

/**
 * What a component imports, by `externName`: an object per interface; a world-level function is there under its own
 * WIT name, as the function itself.
 */
export type ComponentImports = Readonly<Record<string, unknown>>;

/** A function of a guest. Returns a promise only if the function can suspend. Throws `WitError` for an `err` result. */
// biome-ignore lint/suspicious/noExplicitAny: the WIT type of a guest's function is known to its caller only.
export type GuestFunction = (...args: any[]) => any;

/**
 * What a component exports, by `externName`: an object of functions and resource classes per interface; a world-level function
 * is there in lowerCamelCase, as the function itself.
 */
export type ComponentExports = Readonly<Record<string, GuestFunction | Readonly<Record<string, GuestFunction>>>>;

/**
 * One life of a component graph. Serves one call at a time: a second call while one is running throws
 * `ERR_INSTANCE_BUSY`, a call after a trap `ERR_INSTANCE_POISONED`, one after dispose `ERR_INSTANCE_CLOSED`.
 */
export interface ComponentInstance {
  readonly exports: ComponentExports;
  /** Whether a trap, a failed host call or an interruption has ended this life for good. */
  readonly isPoisoned: boolean;
  /** Bytes of linear memory that the graph's core modules hold now. */
  readonly memoryBytes: number;
  /**
   * Ends the running call: a suspended guest is unwound at once, a running one at its next crossing. The call rejects with
   * `reason`, the instance is poisoned. Without a running call it only poisons.
   */
  interrupt(reason: Error): void;
  /** Ends the life: drops every host resource that guest handles still hold, once, newest first. Idempotent. */
  dispose(): void;
}
