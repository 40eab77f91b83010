/** What a component imports and exports: `wasi:http/incoming-handler@0.2.0`. */
export interface ComponentWorld {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  /** The world that it was built for. */
  readonly target?: string;
}

/** What push writes beside the bytes, for people and tools that look at an artifact without fetching it. */
export interface WasmConfigOptions {
  readonly author?: string;
  /** @default now */
  readonly created?: Date;
  /** Leave it out when unknown; ignored for a core module, which has none. */
  readonly component?: ComponentWorld;
}

/** The config of an artifact, member by member in the order of `wkg`. */
interface WasmConfig {
  readonly created: string;
  readonly author: string | null;
  readonly architecture: 'wasm';
  readonly os: 'wasip1' | 'wasip2';
  readonly layerDigests: readonly string[];
  readonly component: { exports: readonly string[]; imports: readonly string[]; target: string | null } | null;
}

/** What the first bytes of a file say it is. */
export function kindOfWasm(bytes: Uint8Array): 'component' | 'module' | undefined {
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d && bytes.length >= 8;
  if (!isWasm) return undefined;
  // Version and layer, two bytes each: a component has layer 1.
  return bytes[6] === 1 ? 'component' : 'module';
}

/** The config that describes a component or module whose bytes have the digest `layerDigest`. */
export function wasmConfig(kind: 'component' | 'module', layerDigest: string, options: WasmConfigOptions): Uint8Array {
  const { component } = options;
  const config: WasmConfig = {
    created: (options.created ?? new Date()).toISOString(),
    author: options.author ?? null,
    architecture: 'wasm',
    // The only two that the specification has, and a core module must say something.
    os: kind === 'component' ? 'wasip2' : 'wasip1',
    layerDigests: [layerDigest],
    component:
      kind === 'module' || component === undefined
        ? null
        : { exports: component.exports, imports: component.imports, target: component.target ?? null },
  };
  return new TextEncoder().encode(JSON.stringify(config));
}
