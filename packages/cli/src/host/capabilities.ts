import type { HostPlugin, Logger, PluginWorld } from '@lodge/core';

/** An interface package that components may be given, besides base WASI and HTTP. Its plugin is loaded when a component needs it. */
export interface Capability {
  /** The id of the plugin. */
  readonly id: string;
  /** The npm package. */
  readonly packageName: string;
  /** What the plugin says of itself, known without loading it. A test compares the two. */
  readonly world: PluginWorld;
  /**
   * Makes the plugin. With a NATS server its backend is the first one, that is the default. Each plugin has a connection of its own, told apart by its name:
   * what fails on one that another package opened is not always recognised.
   */
  load(options: CapabilityOptions): Promise<HostPlugin>;
}

/** What capabilities are made with. */
export interface CapabilityOptions {
  /** The NATS server that keeps what components store, publish and log. Unset: this process does. */
  readonly natsUrl: string | undefined;
  /** Where people see what components log. */
  readonly guestLogger: Logger;
}

const keyvalueStore = [
  'open',
  '[method]bucket.get',
  '[method]bucket.set',
  '[method]bucket.delete',
  '[method]bucket.exists',
  '[method]bucket.list-keys',
];
const keyvalueBatch = ['get-many', 'set-many', 'delete-many'];

/** Every capability that this command carries. */
export const capabilities: readonly Capability[] = [
  {
    id: 'wasi-config',
    packageName: '@lodge/plugin-config',
    world: {
      provides: [
        { id: 'wasi:config/store@0.2.0-rc.1', suspends: [] },
        { id: 'wasi:config/runtime@0.2.0-draft', suspends: [] },
      ],
    },
    async load({ natsUrl: url }) {
      const { configPlugin } = await import('@lodge/plugin-config');
      const { inMemoryConfig } = await import('@lodge/plugin-config/in-memory');
      const nats =
        url === undefined
          ? []
          : [(await import('@lodge/plugin-config/nats')).natsConfig({ url, name: 'lodge config' })];
      // As wash does it: a component finds its environment in its configuration, too.
      return configPlugin({ backends: [...nats, inMemoryConfig()], copyEnvironment: true });
    },
  },
  {
    id: 'wasi-logging',
    packageName: '@lodge/plugin-logging',
    world: { provides: [{ id: 'wasi:logging/logging@0.1.0-draft', suspends: [] }] },
    async load(options) {
      return (await import('./guest-logging.js')).guestLogging(options);
    },
  },
  {
    id: 'wasi-keyvalue',
    packageName: '@lodge/plugin-keyvalue',
    world: {
      provides: [
        { id: 'wasi:keyvalue/store@0.2.0-draft', suspends: keyvalueStore },
        { id: 'wasi:keyvalue/atomics@0.2.0-draft', suspends: ['increment'] },
        { id: 'wasi:keyvalue/batch@0.2.0-draft', suspends: keyvalueBatch },
        { id: 'wasi:keyvalue/store@0.2.0-draft2', suspends: keyvalueStore },
        { id: 'wasi:keyvalue/atomics@0.2.0-draft2', suspends: ['increment', 'swap', '[static]cas.new'] },
        { id: 'wasi:keyvalue/batch@0.2.0-draft2', suspends: keyvalueBatch },
      ],
      calls: ['wasi:keyvalue/watcher@0.2.0-draft', 'wasi:keyvalue/watcher@0.2.0-draft2'],
    },
    async load({ natsUrl: url }) {
      const { keyValuePlugin } = await import('@lodge/plugin-keyvalue');
      const { inMemoryKeyValue } = await import('@lodge/plugin-keyvalue/in-memory');
      const nats =
        url === undefined
          ? []
          : [(await import('@lodge/plugin-keyvalue/nats')).natsKeyValue({ url, name: 'lodge keyvalue' })];
      return keyValuePlugin({ backends: [...nats, inMemoryKeyValue()] });
    },
  },
  {
    id: 'wasi-blobstore',
    packageName: '@lodge/plugin-blobstore',
    world: {
      provides: [
        {
          id: 'wasi:blobstore/blobstore@0.2.0-draft',
          suspends: [
            'create-container',
            'get-container',
            'delete-container',
            'container-exists',
            'copy-object',
            'move-object',
          ],
        },
        {
          id: 'wasi:blobstore/container@0.2.0-draft',
          suspends: [
            '[method]container.info',
            '[method]container.get-data',
            '[method]container.write-data',
            '[method]container.list-objects',
            '[method]container.delete-object',
            '[method]container.delete-objects',
            '[method]container.has-object',
            '[method]container.object-info',
            '[method]container.clear',
            '[method]stream-object-names.read-stream-object-names',
            '[method]stream-object-names.skip-stream-object-names',
          ],
        },
        {
          id: 'wasi:blobstore/types@0.2.0-draft',
          suspends: ['[static]outgoing-value.finish', '[static]incoming-value.incoming-value-consume-sync'],
        },
      ],
    },
    async load({ natsUrl: url }) {
      const { blobstorePlugin } = await import('@lodge/plugin-blobstore');
      const { inMemoryBlobstore } = await import('@lodge/plugin-blobstore/in-memory');
      const nats =
        url === undefined
          ? []
          : [(await import('@lodge/plugin-blobstore/nats')).natsBlobstore({ url, connectionName: 'lodge blobstore' })];
      return blobstorePlugin({ backends: [...nats, inMemoryBlobstore()] });
    },
  },
  {
    id: 'wasmcloud-messaging',
    packageName: '@lodge/plugin-messaging',
    world: {
      provides: [
        { id: 'wasmcloud:messaging/types@0.2.0', suspends: [], isAmbient: true },
        { id: 'wasmcloud:messaging/consumer@0.2.0', suspends: ['request', 'publish'] },
      ],
      calls: ['wasmcloud:messaging/handler@0.2.0'],
    },
    async load({ natsUrl: url }) {
      const { messagingPlugin } = await import('@lodge/plugin-messaging');
      const { inMemoryMessaging } = await import('@lodge/plugin-messaging/in-memory');
      const nats =
        url === undefined
          ? []
          : [(await import('@lodge/plugin-messaging/nats')).natsMessaging({ url, name: 'lodge messaging' })];
      return messagingPlugin({ backends: [...nats, inMemoryMessaging()] });
    },
  },
];
