/** The generated `instantiate` of a translated component. */
export type Instantiate = (
  getCoreModule: (path: string) => WebAssembly.Module,
  imports: Record<string, unknown>,
  instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => unknown,
) => unknown;

/** Makes the generated code anew for one life, with that life's own `WebAssembly`. */
export type InstantiateFactory = (webAssembly: unknown) => Instantiate;

/**
 * Evaluates the generated module. Not through `import()`, which would keep every module for ever; so its only export becomes
 * the value of a function, and `WebAssembly` a parameter of it.
 */
export function evaluate(source: string): InstantiateFactory {
  const body = source
    .replace(/^export (?=function |const |async )/gm, '')
    // The default way to load a module: only a real module may say `import.meta`.
    .replace(/^\s*if \(!getCoreModule\) getCoreModule = .*$/m, '');
  // Running generated code is the purpose; the names in it were scanned.
  return new Function('WebAssembly', `${body}\nreturn instantiate;`) as InstantiateFactory;
}
