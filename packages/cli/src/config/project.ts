import type { HostInterfaceSpec, LocalResources } from '@lodge/core';
import type { Interruption } from '../config.js';
import type { ListenAddress } from '../settings.js';

/** A project as commands see it, whatever file described it. All paths are absolute. */
export interface Project {
  readonly folder: string;
  /** The file that described it. */
  readonly configPath: string;
  readonly build: ProjectBuild | undefined;
  /** The first one is what the project is named for. */
  readonly components: readonly [ProjectComponent, ...ProjectComponent[]];
  readonly http: ListenAddress;
  readonly interruption: Interruption;
  /** Where components store, publish and log; unset: in memory. */
  readonly natsUrl: string | undefined;
  readonly identity: WorkloadIdentity;
  /** What the file says; interfaces that it leaves out are added from the components. */
  readonly hostInterfaces: readonly HostInterfaceSpec[];
  /** What the user should know about the file, in a line each. */
  readonly notes: readonly string[];
}

/** Under which name a workload runs, which decides what it shares with others on the same servers. */
export interface WorkloadIdentity {
  readonly namespace: string;
  readonly name: string;
}

/** Of whatever does not say otherwise. */
export const defaultIdentity: WorkloadIdentity = Object.freeze({ namespace: 'default', name: 'lodge' });

/** How a project is built. */
export interface ProjectBuild {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  /** Unset: unknown, so that every build runs. */
  readonly sources: readonly string[] | undefined;
}

/** One component of a project. */
export interface ProjectComponent {
  readonly name: string;
  readonly path: string;
  readonly resources: LocalResources;
  readonly poolSize: number | undefined;
  readonly maxInvocations: number | undefined;
}
