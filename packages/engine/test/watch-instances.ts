/** Which core instances are made until {@link InstanceWatch.end}. */
export interface InstanceWatch {
  /** How many have been made. */
  readonly count: number;
  /** Watches no longer; answers how many were made. */
  end(): number;
  /** The memories that those of them export. */
  readonly memories: ReadonlySet<WebAssembly.Memory>;
}

/** Watches `WebAssembly.Instance`; one at a time. */
export function watchInstances(): InstanceWatch {
  const original = WebAssembly.Instance;
  const memories = new Set<WebAssembly.Memory>();
  let count = 0;
  WebAssembly.Instance = new Proxy(original, {
    construct(target, args) {
      count++;
      const instance: WebAssembly.Instance = Reflect.construct(target, args);
      for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
      return instance;
    },
  });
  return {
    memories,
    get count() {
      return count;
    },
    end: () => {
      WebAssembly.Instance = original;
      return count;
    },
  };
}
