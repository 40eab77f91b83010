import type { ComponentName } from '../components.ts';
import type { Effort } from '../effort.ts';
import type { Unit } from '../row.ts';

/** Subjects that are compared with each other. */
export interface Group {
  /** Where the capability keeps what it is given. */
  readonly component: 'in memory' | 'NATS';
  readonly subjects: readonly string[];
  /** One of the subjects. Unset: there is nothing to compare with. */
  readonly yardstick?: string;
}

/** Something that guests are given or hosts are asked, and how its speed is measured. */
export interface Capability {
  readonly name: string;
  /** What guests run. */
  readonly guest: ComponentName;
  /** In the order in which they must be done once: what is read has been written. */
  readonly operations: readonly string[];
  readonly unit: Unit;
  readonly groups: readonly Group[];
  /** How much is done in one call of a guest. */
  count(effort: Effort): number;
  /** The same before the first round. */
  warmUpCount(effort: Effort): number;
}

/** All of them, in the order of the report. */
export const capabilities: readonly Capability[] = [
  {
    name: 'keyvalue',
    guest: 'keyvalue',
    operations: ['set', 'get', 'increment'],
    unit: 'op/s',
    groups: [
      { component: 'in memory', subjects: ['trivial host', 'lodge'], yardstick: 'trivial host' },
      { component: 'NATS', subjects: ['bare client', 'lodge'], yardstick: 'bare client' },
    ],
    count: ({ operationsPerCall }) => operationsPerCall,
    warmUpCount: ({ operationsPerCall }) => Math.ceil(operationsPerCall / 5),
  },
  {
    name: 'blobstore',
    guest: 'blobstore',
    operations: ['write', 'read'],
    unit: 'MB/s',
    groups: [
      { component: 'in memory', subjects: ['lodge'] },
      { component: 'NATS', subjects: ['bare client', 'lodge'], yardstick: 'bare client' },
    ],
    count: ({ objectPieces }) => objectPieces,
    warmUpCount: ({ objectPieces }) => objectPieces,
  },
  {
    name: 'messaging',
    guest: 'messaging',
    operations: ['handle'],
    unit: 'msg/s',
    groups: [
      { component: 'in memory', subjects: ['lodge pooled', 'lodge fresh'] },
      { component: 'NATS', subjects: ['bare echo', 'lodge pooled', 'lodge fresh'], yardstick: 'bare echo' },
    ],
    count: ({ operationsPerCall }) => Math.ceil(operationsPerCall / 10),
    warmUpCount: ({ operationsPerCall }) => Math.ceil(operationsPerCall / 10),
  },
  {
    name: 'scheduler',
    guest: 'keyvalue',
    operations: ['status'],
    unit: 'req/s',
    groups: [{ component: 'NATS', subjects: ['bare echo', 'lodge'], yardstick: 'bare echo' }],
    count: ({ operationsPerCall }) => Math.ceil(operationsPerCall / 10),
    warmUpCount: ({ operationsPerCall }) => Math.ceil(operationsPerCall / 10),
  },
];
