/** What `lodge.config.ts` holds. Every path is relative to its folder. */
export interface LodgeConfig {
  readonly build: BuildConfig;
  readonly dev?: DevConfig;
  readonly workload?: WorkloadConfig;
}

/** How the component of the project is made. */
export interface BuildConfig {
  /** Run by the shell in the project's folder. Unset: the component is there already. */
  readonly command?: string;
  /** Where the command leaves the component. */
  readonly componentPath: string;
  /**
   * Files and folders that the component is made from. With them, a build is skipped while none of them, nor this file, has
   * changed, and `lodge dev` watches them alone. Unset: every build runs, and the whole folder is watched.
   */
  readonly sources?: readonly string[];
  /** Added to the environment of the command. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How `lodge dev` serves the project. */
export interface DevConfig {
  /** Host and port to serve HTTP on. @default '127.0.0.1:8000' */
  readonly http?: string;
}

/** What the component is given. Everything unset is denied. */
export interface WorkloadConfig {
  /** Environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Values of `wasi:config`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Hosts that outgoing HTTP may reach: `*`, `host[:port]`, `*.suffix[:port]`, each with an optional `scheme://`. */
  readonly allowedHosts?: readonly string[];
  /** Instances kept warm. @default 0, that is new state for every request */
  readonly poolSize?: number;
  /** Requests a warm instance serves before it is replaced. @default 0, that is no bound */
  readonly maxInvocations?: number;
}

/** Gives `lodge.config.ts` its types: `export default defineConfig({ … })`. */
export function defineConfig(config: LodgeConfig): LodgeConfig {
  return config;
}
