import { type PluginContext, type Shared, silentLogger } from '@lodge/core';

/** A plugin context whose shared things the test closes. */
export interface TestContext extends PluginContext, AsyncDisposable {}

/** A context as a host would give it. */
export function testContext(): TestContext {
  const things = new Map<string, Promise<Shared>>();
  return {
    logger: silentLogger,
    stopping: new AbortController().signal,
    host: { id: 'host-1', friendlyName: 'test', version: '0.0.0', labels: {} },
    shared<T extends Shared>(key: string, create: () => Promise<T>): Promise<T> {
      const made = things.get(key) ?? create();
      things.set(key, made);
      made.catch(() => things.delete(key));
      return made as Promise<T>;
    },
    async [Symbol.asyncDispose]() {
      for (const thing of things.values()) await (await thing).close();
    },
  };
}
