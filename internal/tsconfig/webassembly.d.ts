/**
 * The WebAssembly JavaScript API. Its types normally come with `lib: dom`, which this workspace leaves out, and the
 * declarations of Node have none. Covers what Node has: the core API, exception handling, and promise integration (JSPI).
 *
 * @see https://webassembly.github.io/spec/js-api/
 * @see https://github.com/WebAssembly/js-promise-integration
 */
declare namespace WebAssembly {
  type BufferSource = ArrayBuffer | ArrayBufferView<ArrayBuffer>;
  type ImportExportKind = 'function' | 'global' | 'memory' | 'table' | 'tag';
  type TableKind = 'anyfunc' | 'externref';
  type ValueType = 'anyfunc' | 'externref' | 'f32' | 'f64' | 'i32' | 'i64' | 'v128';
  type ExportValue = ExportedFunction | Global | Memory | Table | Tag;
  type Exports = Record<string, ExportValue>;
  type ImportValue = ExportValue | ImportedFunction | Suspending | number | bigint;
  type ModuleImports = Record<string, ImportValue>;
  type Imports = Record<string, ModuleImports>;

  /** A function that a module exports. Its values are numbers, bigints and references; the caller knows which. */
  type ExportedFunction = (...values: unknown[]) => unknown;
  /** A function that a module imports, of whatever shape. */
  type ImportedFunction = (...values: never[]) => unknown;

  interface CompileOptions {
    readonly builtins?: readonly string[];
    readonly importedStringConstants?: string | null;
  }

  interface ModuleExportDescriptor {
    readonly kind: ImportExportKind;
    readonly name: string;
  }

  interface ModuleImportDescriptor {
    readonly kind: ImportExportKind;
    readonly module: string;
    readonly name: string;
  }

  interface WebAssemblyInstantiatedSource {
    readonly instance: Instance;
    readonly module: Module;
  }

  class Module {
    constructor(bytes: BufferSource, options?: CompileOptions);
    static customSections(module: Module, name: string): ArrayBuffer[];
    static exports(module: Module): ModuleExportDescriptor[];
    static imports(module: Module): ModuleImportDescriptor[];
    /** Keeps `Module` nominal: no structure but this one is a module. */
    private readonly brand: 'Module';
  }

  class Instance {
    constructor(module: Module, imports?: Imports);
    readonly exports: Exports;
  }

  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }

  class Memory {
    constructor(descriptor: MemoryDescriptor);
    /** The current buffer. It is detached when the memory grows. */
    readonly buffer: ArrayBuffer;
    /** Grows by `delta` pages of 65,536 bytes and returns the former size in pages. */
    grow(delta: number): number;
  }

  interface TableDescriptor {
    readonly element: TableKind;
    readonly initial: number;
    readonly maximum?: number;
  }

  class Table {
    constructor(descriptor: TableDescriptor, value?: unknown);
    readonly length: number;
    get(index: number): ExportedFunction | null;
    grow(delta: number, value?: unknown): number;
    set(index: number, value?: unknown): void;
  }

  interface GlobalDescriptor {
    readonly mutable?: boolean;
    readonly value: ValueType;
  }

  class Global {
    constructor(descriptor: GlobalDescriptor, value?: unknown);
    value: unknown;
    valueOf(): unknown;
  }

  class Tag {
    constructor(descriptor: { readonly parameters: readonly ValueType[] });
    private readonly brand: 'Tag';
  }

  /** An exception that WebAssembly code can throw and catch. */
  class Exception extends Error {
    constructor(tag: Tag, payload: readonly unknown[], options?: { readonly traceStack?: boolean });
    is(tag: Tag): boolean;
    getArg(tag: Tag, index: number): unknown;
  }

  class CompileError extends Error {}
  class LinkError extends Error {}
  /** A trap. Guest code cannot catch one that comes from a real trap. */
  class RuntimeError extends Error {}

  /**
   * Wraps a function so that, as an import, it suspends the calling WebAssembly stack while the promise it returns is
   * pending. The call must come through an export wrapped with {@link promising}.
   */
  class Suspending {
    constructor(implementation: ImportedFunction);
    private readonly brand: 'Suspending';
  }

  /** Wraps an exported function so that suspending imports may suspend it; the wrapper returns a promise. */
  function promising<Parameters extends unknown[], Result>(
    exported: (...values: Parameters) => Result,
  ): (...values: Parameters) => Promise<Awaited<Result>>;

  /** The tag of JavaScript exceptions as WebAssembly sees them. */
  const JSTag: Tag;

  function compile(bytes: BufferSource, options?: CompileOptions): Promise<Module>;
  function instantiate(
    bytes: BufferSource,
    imports?: Imports,
    options?: CompileOptions,
  ): Promise<WebAssemblyInstantiatedSource>;
  function instantiate(module: Module, imports?: Imports): Promise<Instance>;
  function validate(bytes: BufferSource, options?: CompileOptions): boolean;
}
