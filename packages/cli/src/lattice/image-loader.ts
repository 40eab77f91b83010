import type { ComponentLoader } from '@lodge/core';
import type { OciClient } from '@lodge/oci';

/** Pulls the components that workloads name by `image`. */
export function imageLoader(client: OciClient): ComponentLoader {
  return async ({ image, pullPolicy, pullSecret }, { signal }) => {
    const { bytes } = await client.pull(image, {
      signal,
      ...(pullPolicy !== undefined && { policy: pullPolicy }),
      ...(pullSecret !== undefined && { credentials: pullSecret }),
    });
    return bytes;
  };
}
