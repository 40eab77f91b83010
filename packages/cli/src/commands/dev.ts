import { resolve } from 'node:path';
import { consoleLogger } from '@lodge/core';
import type { NatsOptions } from '@lodge-internal/nats';
import type { RunCommand } from '../command.js';
import { loadProject } from '../config/load-project.js';
import type { Project } from '../config/project.js';
import { exitCode } from '../exit-code.js';
import { startComponentHost } from '../host/component-host.js';
import { readInterruption } from '../host/interruption.js';
import { readNats } from '../nats/read-nats.js';
import { createDeployment } from '../project/deployment.js';
import { watchSources } from '../project/watch-sources.js';
import { readAddress } from '../settings.js';
import { UserError } from '../user-error.js';

/** Milliseconds until a NATS server that could not be reached is tried again. */
const retryMs = 2_000;

/** `lodge dev`: builds and serves a project, and again after each change, until a signal. */
export const run: RunCommand = async ({ positionals, options }, context) => {
  const { reporter, shutdown, workingFolder } = context;
  const project = await loadProject(resolve(workingFolder, positionals[0] ?? '.'));
  for (const note of project.notes) reporter.progress(note);
  const http = readAddress('--http', options.get('http')) ?? project.http;
  const interruption = readInterruption(options.get('interruption'), project.interruption);
  const nats = await readNats(options, project.natsUrl);
  checkBackends(project, nats);
  const logger = consoleLogger({ level: reporter.isVerbose ? 'debug' : 'info' });
  // Before the first build, which may take long: a port in use is known at once.
  const server = await startComponentHost({
    http,
    hasHttp: true,
    // What a developer calls is mostly on the same machine; `allowedHosts` still has to allow it.
    egress: { allowsLoopback: true },
    interruption,
    nats,
    guestLogger: logger,
    logger,
  });
  try {
    const watcher = await watchSources(project, () => {
      reporter.progress(`${project.configPath} has changed: start lodge dev again to use it`);
    });
    try {
      const deployment = createDeployment(project, server, context);
      let isChanged = true;
      while (!shutdown.signal.aborted) {
        const outcome = isChanged ? await deployment.refresh() : await deployment.deploy();
        // A build that does not name its sources may write among them: its own changes must not start the next one.
        if (project.build?.sources === undefined && project.build !== undefined) watcher.forget();
        const retry = outcome === 'unreachable' ? [AbortSignal.timeout(retryMs)] : [];
        isChanged = await watcher.next(AbortSignal.any([shutdown.signal, ...retry]));
      }
    } finally {
      await watcher.close();
    }
    reporter.event('stopping', 'stopping');
  } finally {
    await server.host.stop();
  }
  return exitCode.success;
};

/** What would fail at each start is told before the first build. */
function checkBackends({ configPath, hostInterfaces }: Project, nats: NatsOptions | undefined): void {
  const entry = hostInterfaces.find(({ config }) => config?.['backend'] === 'nats');
  if (entry === undefined || nats !== undefined) return;
  const path = `hostInterfaces[${hostInterfaces.indexOf(entry)}].config.backend`;
  throw new UserError(`${configPath}: ${path} is 'nats', and there is no NATS server: name it with --nats <url>.`);
}
