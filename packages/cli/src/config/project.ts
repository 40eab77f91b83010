import type { LocalResources } from '@lodge/core';
import type { ListenAddress } from '../settings.js';

/** A project as commands see it, whatever file described it. All paths are absolute. */
export interface Project {
  readonly folder: string;
  /** The file that described it. */
  readonly configPath: string;
  readonly build: ProjectBuild | undefined;
  readonly componentPath: string;
  readonly http: ListenAddress;
  readonly resources: LocalResources;
  readonly poolSize: number | undefined;
  readonly maxInvocations: number | undefined;
  /** What the user should know about the file, in a line each. */
  readonly notes: readonly string[];
}

/** How a project is built. */
export interface ProjectBuild {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  /** Unset: unknown, so that every build runs. */
  readonly sources: readonly string[] | undefined;
}
