import type { ComponentShape } from '../shape.js';
import type { ComponentInfo } from '../workload.js';

/** A component of a workload that has been loaded and inspected. */
export interface LoadedUnit {
  readonly component: ComponentInfo;
  readonly bytes: Uint8Array;
  readonly shape: ComponentShape;
  /** Whether its guest gives way while it computes. */
  readonly isInterruptible?: boolean;
}
