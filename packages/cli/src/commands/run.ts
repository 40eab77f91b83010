import { resolve } from 'node:path';
import {
  type ComponentShape,
  consoleLogger,
  HostError,
  type InterruptionMode,
  type LocalResources,
  silentLogger,
} from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import type { NatsOptions } from '@lodge-internal/nats';
import type { CommandContext, Invocation, RunCommand } from '../command.js';
import { readComponent } from '../component-file.js';
import { exitCode } from '../exit-code.js';
import { describePlugins, startComponentHost, startWorkload, usesHttp } from '../host/component-host.js';
import { exportsInterface } from '../host/exports-interface.js';
import { isServed } from '../host/granted-interfaces.js';
import { readInterruption } from '../host/interruption.js';
import { runService } from '../host/run-service.js';
import { standardStreams } from '../host/standard-streams.js';
import { commandWorkload, componentWorkload } from '../host/workload-spec.js';
import { readNats } from '../nats/read-nats.js';
import { reportServing } from '../serving.js';
import { defaultAddress, type ListenAddress, readAddress, readCount, readPairs } from '../settings.js';
import { UsageError } from '../usage-error.js';

/** What `lodge run` was told, beside the component. */
interface RunSettings {
  readonly http: ListenAddress | undefined;
  readonly poolSize: number | undefined;
  readonly nats: NatsOptions | undefined;
  readonly interruption: InterruptionMode;
  readonly resources: LocalResources;
}

/** `lodge run`: serves what exports `wasi:http/incoming-handler` or another interface that is called from outside, runs what exports `wasi:cli/run`. */
export const run: RunCommand = async (invocation, context) => {
  const path = resolve(context.workingFolder, invocation.positionals[0] ?? '');
  const settings = await readSettings(path, invocation);
  const bytes = await readComponent(path);
  const shape = await lodgeEngine().inspect(bytes, { signal: context.shutdown.signal });
  if (exportsInterface(shape, 'wasi:http/incoming-handler') || isServed(shape, await describePlugins(shape))) {
    return serve(bytes, shape, settings, context);
  }
  if (exportsInterface(shape, 'wasi:cli/run')) return runOnce(bytes, shape, settings, context);
  const names = [...shape.exports.map((item) => item.externName), ...shape.exportedFunctions.map((item) => item.name)];
  throw new HostError(
    'ERR_EXPORT_NOT_FOUND',
    `${path} exports neither wasi:http/incoming-handler nor wasi:cli/run, nor another interface that lodge calls, so there is nothing to run; ` +
      `it exports ${names.length === 0 ? 'nothing' : names.slice(0, 10).join(', ')}.`,
    { details: { path, exports: names } },
  );
};

async function serve(
  bytes: Uint8Array,
  shape: ComponentShape,
  { http, poolSize, nats, interruption, resources }: RunSettings,
  { reporter, shutdown }: CommandContext,
): Promise<number> {
  const isWeb = exportsInterface(shape, 'wasi:http/incoming-handler');
  if (http !== undefined && !isWeb) throw new UsageError('--http is for HTTP components; this one exports no handler.');
  const logger = consoleLogger({ level: reporter.isVerbose ? 'debug' : 'info' });
  const { host, plugins, url } = await startComponentHost({
    http: isWeb ? (http ?? defaultAddress) : undefined,
    hasHttp: usesHttp(shape),
    shapes: [shape],
    nats,
    interruption,
    guestLogger: logger,
    logger,
  });
  try {
    const { spec } = componentWorkload([{ bytes, shape, resources, poolSize }], { plugins });
    await startWorkload(host, 'run', spec);
    reportServing(reporter, url);
    await shutdown.requested();
    reporter.event('stopping', 'stopping');
  } finally {
    await host.stop();
  }
  return exitCode.success;
}

async function runOnce(
  bytes: Uint8Array,
  shape: ComponentShape,
  { http, resources, poolSize, nats, interruption }: RunSettings,
  { reporter, shutdown }: CommandContext,
): Promise<number> {
  if (http !== undefined || poolSize !== undefined) {
    throw new UsageError('--http and --pool are for HTTP components; this one is a command (it exports wasi:cli/run).');
  }
  const guestLogger = consoleLogger({ level: reporter.isVerbose ? 'debug' : 'info' });
  // Standard error is the command's, and so is what it logs; what fails is reported below.
  const logger = reporter.isVerbose ? guestLogger : silentLogger;
  const { host, plugins } = await startComponentHost({
    hasHttp: usesHttp(shape),
    shapes: [shape],
    wasi: standardStreams(),
    nats,
    interruption,
    guestLogger,
    logger,
  });
  try {
    const workload = commandWorkload({ bytes, shape, resources }, { plugins });
    const code = await runService(host, 'run', workload, shutdown.signal);
    // Ended by a signal, a command has no code of its own, and nothing that depends on it may go on.
    return code ?? shutdown.signalExitCode ?? exitCode.failure;
  } finally {
    await host.stop();
  }
}

async function readSettings(path: string, { options, rest }: Invocation): Promise<RunSettings> {
  return {
    http: readAddress('--http', options.get('http')),
    poolSize: readCount('--pool', options.get('pool')),
    nats: await readNats(options),
    interruption: readInterruption(options.get('interruption')),
    resources: {
      environment: readPairs('--env', options.all('env')),
      config: readPairs('--config', options.all('config')),
      allowedHosts: options.all('allow-host'),
      // As in any program, the first argument is the program's own name.
      arguments: [path.replace(/^.*[/\\]/, ''), ...rest],
    },
  };
}
