import type { ComponentShape, HostPlugin, Logger } from '@lodge/core';
import { parseInterfaceId } from '@lodge/core';
import type { NatsOptions } from '@lodge-internal/nats';
import type { KnownPlugin } from './plugins.js';

/** An interface package that components may be given, besides base WASI and HTTP. Its plugin is loaded when a component has to do with it. */
export interface Capability {
  /** The interface package, such as `wasi:keyvalue`. */
  readonly interfaces: string;
  /** The npm package. */
  readonly packageName: string;
  /** Loads what the plugin says of itself, and no backend that needs a server. */
  describe(): Promise<KnownPlugin>;
  /**
   * Makes the plugin. With a NATS server its backend is the first one, that is the default. All of them share one connection.
   */
  load(options: CapabilityOptions): Promise<HostPlugin>;
}

/** What capabilities are made with. */
export interface CapabilityOptions {
  /** The NATS server that keeps what components store, publish and log. Unset: this process does. */
  readonly nats: NatsOptions | undefined;
  /** Where people see what components log. */
  readonly guestLogger: Logger;
}

/** Every capability that this command carries. */
export const capabilities: readonly Capability[] = [
  {
    interfaces: 'wasi:config',
    packageName: '@lodge/plugin-config',
    describe: async () => (await import('@lodge/plugin-config')).configPlugin(),
    async load({ nats: server }) {
      const { configPlugin } = await import('@lodge/plugin-config');
      const { inMemoryConfig } = await import('@lodge/plugin-config/in-memory');
      const nats = server === undefined ? [] : [(await import('@lodge/plugin-config/nats')).natsConfig(server)];
      // As wash does it: a component finds its environment in its configuration, too.
      return configPlugin({ backends: [...nats, inMemoryConfig()], copyEnvironment: true });
    },
  },
  {
    interfaces: 'wasi:logging',
    packageName: '@lodge/plugin-logging',
    describe: async () => (await import('@lodge/plugin-logging')).loggingPlugin(),
    load: async (options) => (await import('./guest-logging.js')).guestLogging(options),
  },
  {
    interfaces: 'wasi:keyvalue',
    packageName: '@lodge/plugin-keyvalue',
    describe: async () => (await import('@lodge/plugin-keyvalue')).keyValuePlugin(),
    async load({ nats: server }) {
      const { keyValuePlugin } = await import('@lodge/plugin-keyvalue');
      const { inMemoryKeyValue } = await import('@lodge/plugin-keyvalue/in-memory');
      const nats = server === undefined ? [] : [(await import('@lodge/plugin-keyvalue/nats')).natsKeyValue(server)];
      return keyValuePlugin({ backends: [...nats, inMemoryKeyValue()] });
    },
  },
  {
    interfaces: 'wasi:blobstore',
    packageName: '@lodge/plugin-blobstore',
    describe: async () => (await import('@lodge/plugin-blobstore')).blobstorePlugin(),
    async load({ nats: server }) {
      const { blobstorePlugin } = await import('@lodge/plugin-blobstore');
      const { inMemoryBlobstore } = await import('@lodge/plugin-blobstore/in-memory');
      const nats = server === undefined ? [] : [(await import('@lodge/plugin-blobstore/nats')).natsBlobstore(server)];
      return blobstorePlugin({ backends: [...nats, inMemoryBlobstore()] });
    },
  },
  {
    interfaces: 'wasmcloud:messaging',
    packageName: '@lodge/plugin-messaging',
    describe: async () => (await import('@lodge/plugin-messaging')).messagingPlugin(),
    async load({ nats: server }) {
      const { messagingPlugin } = await import('@lodge/plugin-messaging');
      const { inMemoryMessaging } = await import('@lodge/plugin-messaging/in-memory');
      const nats = server === undefined ? [] : [(await import('@lodge/plugin-messaging/nats')).natsMessaging(server)];
      return messagingPlugin({ backends: [...nats, inMemoryMessaging()] });
    },
  },
];

/** The capabilities that a component has to do with, by the names of what it imports and exports. */
export function capabilitiesOf({ imports, exports }: ComponentShape): readonly Capability[] {
  const used = new Set<string>();
  for (const { id } of [...imports, ...exports]) {
    const parsed = id === undefined ? undefined : parseInterfaceId(id);
    if (parsed !== undefined) used.add(`${parsed.namespace}:${parsed.package}`);
  }
  return capabilities.filter(({ interfaces }) => used.has(interfaces));
}
