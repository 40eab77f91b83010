import { resolve } from 'node:path';
import { consoleLogger } from '@lodge/core';
import type { CommandContext, RunCommand } from '../command.js';
import { readComponent } from '../component-file.js';
import { loadProject } from '../config/load-project.js';
import type { Project } from '../config/project.js';
import { exitCode } from '../exit-code.js';
import { type ComponentHost, startComponentHost, startWorkload } from '../host/component-host.js';
import { exportsInterface } from '../host/exports-interface.js';
import { componentWorkload } from '../host/workload-spec.js';
import { buildProject } from '../project/build-project.js';
import { watchSources } from '../project/watch-sources.js';
import { readAddress } from '../settings.js';
import { UserError } from '../user-error.js';

/** `lodge dev`: builds and serves a project, and again after each change, until a signal. */
export const run: RunCommand = async ({ positionals, options }, context) => {
  const { reporter, shutdown, workingFolder } = context;
  const project = await loadProject(resolve(workingFolder, positionals[0] ?? '.'));
  for (const note of project.notes) reporter.progress(note);
  const http = readAddress('--http', options.get('http')) ?? project.http;
  const logger = consoleLogger({ level: reporter.isVerbose ? 'debug' : 'info' });
  // Before the first build, which may take long: a port in use is known at once.
  const server = await startComponentHost({ http, hasHttp: true, logger });
  try {
    const watcher = await watchSources(project, () => {
      reporter.progress(`${project.configPath} has changed: start lodge dev again to use it`);
    });
    try {
      const deployment = createDeployment(project, server, context);
      while (!shutdown.signal.aborted) {
        await deployment.refresh();
        // A build that does not name its sources may write among them: its own changes must not start the next one.
        if (project.build?.sources === undefined && project.build !== undefined) watcher.forget();
        await watcher.next(shutdown.signal);
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

/** The project as it is served now. */
interface Deployment {
  /** Builds, and puts what came out in the place of what is served. What fails is told, and changes nothing. */
  refresh(): Promise<void>;
}

function createDeployment(
  project: Project,
  { host, engine, plugins, url }: ComponentHost,
  { reporter, shutdown: { signal } }: CommandContext,
): Deployment {
  const { componentPath, resources, poolSize, maxInvocations } = project;
  let served: { readonly workloadId: string; readonly bytes: Uint8Array } | undefined;
  let generation = 0;

  async function deploy(): Promise<void> {
    const bytes = await readComponent(componentPath);
    if (
      served !== undefined &&
      Buffer.from(served.bytes.buffer, served.bytes.byteOffset, served.bytes.byteLength).equals(bytes)
    )
      return;
    const shape = await engine.inspect(bytes, { signal });
    if (!exportsInterface(shape, 'wasi:http/incoming-handler')) {
      throw new UserError(`${componentPath} does not export wasi:http/incoming-handler; lodge run runs commands.`);
    }
    const workloadId = `dev-${++generation}`;
    const workload = componentWorkload({
      bytes,
      shape,
      plugins,
      resources,
      ...(poolSize !== undefined && { poolSize }),
      ...(maxInvocations !== undefined && { maxInvocations }),
    });
    await startWorkload(host, workloadId, workload);
    const previous = served;
    served = { workloadId, bytes };
    reporter.event(previous ? 'reloaded' : 'listening', previous ? 'reloaded' : `listening on ${url}`, { url });
    // The router sends new requests to the new workload by now; those that run may end.
    if (previous !== undefined) await host.workloadStop(previous.workloadId);
  }

  return {
    async refresh() {
      try {
        await buildProject(project, {
          force: false,
          signal,
          onCommand: (command) => reporter.event('building', `building: ${command}`, { command }),
        });
        await deploy();
      } catch (error) {
        if (signal.aborted) return;
        reporter.error(error);
        reporter.progress(served ? 'the last good build goes on serving' : 'waiting for a change');
      }
    },
  };
}
