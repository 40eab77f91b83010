export type { ConfigBackend, ConfigBackendSupport, ConfigPlace, ConfigSource } from './backend.js';
export { type ConfigEntry, type ConfigPluginOptions, type ConfigWorkload, configPlugin } from './plugin.js';
export type { ConfigError, ConfigLayer, ConfigStore } from './wit/store.js';
