import { type ComponentInfo, type HostPlugin, type Logger, silentLogger } from '@lodge/core';
import { type Shared, sharedSink, sharedSource } from './cli/shared-streams.js';
import { logOutput, type StdinFactory, type StdoutFactory } from './cli/stdio.js';
import type { TerminalOptions } from './cli/terminal.js';
import { type Clock, systemClock } from './clocks/clock.js';
import { createInterfaces, providedInterfaces, selectImports, type WasiResources } from './interfaces.js';
import type { ByteSink } from './io/byte-sink.js';
import type { ByteSource } from './io/byte-source.js';
import { emptySource } from './io/sources.js';

/** Options of {@link wasi}. */
export interface WasiOptions {
  /**
   * Where `wasi:cli/stdin` reads: one web stream for all components, or a source for each `get-stdin`.
   *
   * @default ended from the start
   */
  readonly stdin?: ReadableStream<Uint8Array> | StdinFactory;
  /**
   * Where `wasi:cli/stdout` writes: one web stream for all components, which stays open, or a sink for each `get-stdout`.
   *
   * @default the host's logger, a line at a time, at level `info`, with the names of workload and component
   */
  readonly stdout?: WritableStream<Uint8Array> | StdoutFactory;
  /** Where `wasi:cli/stderr` writes, as {@link WasiOptions.stdout}. @default the host's logger at level `warn` */
  readonly stderr?: WritableStream<Uint8Array> | StdoutFactory;
  /** Which of the standard streams guests shall take for terminals. @default none */
  readonly terminals?: TerminalOptions;
  /** Bytes a guest may ask `wasi:random` for at once; more traps it. @default 1_048_576 (1 MiB) */
  readonly maxRandomBytes?: number;
  /** Pollables one `poll` may look at; more traps the guest. @default 10_000 */
  readonly maxPollables?: number;
  /** Where time comes from. @default the system's clocks */
  readonly clock?: Clock;
}

/**
 * Base WASI 0.2 for every component of a host: `io`, `clocks`, `random`, `cli`, and denying `filesystem` and `sockets`. Nothing needs an
 * entry in a workload's `hostInterfaces`; environment and arguments are those of the component's spec.
 */
export function wasi(options: WasiOptions = {}): HostPlugin<void> {
  let logger: Logger = silentLogger;
  const shared: Shared<unknown>[] = [];

  function stdinFactory(stdin: WasiOptions['stdin']): StdinFactory {
    if (stdin === undefined) return emptySource;
    if (typeof stdin === 'function') return stdin;
    return share<ByteSource>(sharedSource(stdin));
  }

  function stdoutFactory(output: WasiOptions['stdout'], fallback: StdoutFactory): StdoutFactory {
    if (output === undefined) return fallback;
    if (typeof output === 'function') return output;
    return share<ByteSink>(sharedSink(output));
  }

  function share<T>(stream: Shared<T>): (component: ComponentInfo) => T {
    shared.push(stream);
    return stream.open;
  }

  const resources: WasiResources = {
    stdin: stdinFactory(options.stdin),
    stdout: stdoutFactory(
      options.stdout,
      logOutput(() => logger, 'stdout', 'info'),
    ),
    stderr: stdoutFactory(
      options.stderr,
      logOutput(() => logger, 'stderr', 'warn'),
    ),
    clock: options.clock ?? systemClock,
    terminals: options.terminals ?? {},
    maxRandomBytes: options.maxRandomBytes ?? 1_048_576,
    maxPollables: options.maxPollables ?? 10_000,
  };

  return {
    specVersion: 1,
    id: 'wasi',
    world: { provides: providedInterfaces },
    async start(context) {
      logger = context.logger;
    },
    async onWorkloadBind() {},
    async bindComponent(component, requests) {
      const imports = selectImports(createInterfaces(component, resources), requests);
      return { importsFor: () => imports };
    },
    async onWorkloadUnbind() {},
    async stop() {
      for (const stream of shared) stream.close();
    },
  };
}
