/** What `lodge.config.ts` holds. Every path is relative to its folder. */
export interface LodgeConfig {
  readonly build: BuildConfig;
  readonly dev?: DevConfig;
  /** Where components store, publish and log. Unset: in the memory of the host. */
  readonly nats?: NatsConfig;
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
  /** Whether components give way while they compute. `--interruption` goes before this. @default 'auto' */
  readonly interruption?: Interruption;
}

/**
 * Whether a component that computes gives way to others, and is ended by its deadline, by a client that goes and by signals: `always`, `never`, or
 * `auto`, that is where it was pulled from a registry. Components made of JavaScript take about 15 to 20 % longer with it, most others less.
 */
export type Interruption = 'auto' | 'always' | 'never';

/** A NATS server with JetStream. `--nats` and `LODGE_NATS_URL` go before this. */
export interface NatsConfig {
  /** `nats://host:port`; `nats://user:password@host:port` logs in. */
  readonly url: string;
}

/** What a component is given. Everything unset is denied. */
export interface ComponentConfig {
  /** Environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Values of `wasi:config`, and settings that plugins read per component, such as `subscriptions`. */
  readonly config?: Readonly<Record<string, string>>;
  /** Hosts that outgoing HTTP may reach: `*`, `host[:port]`, `*.suffix[:port]`, each with an optional `scheme://`. */
  readonly allowedHosts?: readonly string[];
  /** Instances kept warm. @default 0, that is new state for every call */
  readonly poolSize?: number;
  /** Calls a warm instance serves before it is replaced. @default 0, that is no bound */
  readonly maxInvocations?: number;
}

/** The component of `build.componentPath` is given what stands here; `components` are given what they say themselves. */
export interface WorkloadConfig extends ComponentConfig {
  /** Part of names that hosts agree on, such as that of a consumer group. @default 'lodge' */
  readonly name?: string;
  /** Whose buckets, containers and stores the components use: workloads of other namespaces do not see them. @default 'default' */
  readonly namespace?: string;
  /** How interfaces are configured. Interfaces that are imported, or exported and called, need no entry. */
  readonly hostInterfaces?: readonly HostInterfaceConfig[];
  /** More components of the project. They serve each other's imports, and nobody else does where they do. */
  readonly components?: readonly SiblingConfig[];
}

/** One entry: `{ namespace: 'wasi', package: 'keyvalue', config: { buckets: 'visits' } }`. */
export interface HostInterfaceConfig {
  readonly namespace: string;
  readonly package: string;
  /** @default those that the components import, or export */
  readonly interfaces?: readonly string[];
  /** Unset: any. */
  readonly version?: string;
  /** What the plugin of the package reads, such as `backend`, `buckets` or `subscriptions`. */
  readonly config?: Readonly<Record<string, string>>;
  /** The label of the imports that it is for: `import <name>: wasi:keyvalue/store@0.2.0-draft`. Unset: those without. */
  readonly name?: string;
}

/** A component beside that of `build.componentPath`. */
export interface SiblingConfig extends ComponentConfig {
  /** Unique in the project, and not `component`. */
  readonly name: string;
  /** Where the build command leaves it. */
  readonly componentPath: string;
}

/** Gives `lodge.config.ts` its types: `export default defineConfig({ … })`. */
export function defineConfig(config: LodgeConfig): LodgeConfig {
  return config;
}
