import type { OciClientOptions } from '@lodge/oci';

/** How registries are spoken to. */
export type RegistrySettings = Pick<OciClientOptions, 'plainHttp' | 'ca' | 'timeoutMs' | 'cacheDir' | 'maxCacheBytes'>;
