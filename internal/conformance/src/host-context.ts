import { type Logger, type PluginContext, silentLogger } from '@lodge/core';
import { SharedThings } from './shared-things.js';

/** What a backend sees of its host. */
export interface HostContext {
  readonly context: PluginContext;
  /** Closes what was shared, over failures: to be called after the last backend has stopped. */
  close(): Promise<void>;
}

/** Options of {@link hostContext}. */
export interface HostContextOptions {
  /** @default one that says nothing */
  readonly logger?: Logger;
}

/** A host around one backend. */
export function hostContext({ logger = silentLogger }: HostContextOptions = {}): HostContext {
  const shared = new SharedThings();
  return {
    context: {
      logger,
      host: { id: 'conformance', friendlyName: 'conformance', version: '0.0.0', labels: {} },
      stopping: new AbortController().signal,
      shared: (key, create) => shared.get(key, create),
    },
    close: () => shared.close(),
  };
}
