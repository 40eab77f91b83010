import type { HostInterfaceSpec } from '@lodge/core';
import type { CommandContext } from '../command.js';
import { readComponent } from '../component-file.js';
import type { Project } from '../config/project.js';
import { type ComponentHost, startWorkload } from '../host/component-host.js';
import { exportsInterface } from '../host/exports-interface.js';
import { isServed } from '../host/granted-interfaces.js';
import { type ComponentSettings, componentWorkload } from '../host/workload-spec.js';
import { reportServing } from '../serving.js';
import { UserError } from '../user-error.js';
import { buildProject } from './build-project.js';

/** How an attempt ended: `unreachable` when all that is missing is the NATS server. */
export type DeploymentOutcome = 'done' | 'failed' | 'unreachable';

/** The project as it is served now. What fails is told, and changes nothing. */
export interface Deployment {
  /** Builds, then as {@link deploy}. */
  refresh(): Promise<DeploymentOutcome>;
  /** Puts what was built in the place of what is served. */
  deploy(): Promise<DeploymentOutcome>;
}

/** Serves a project on `server`; nothing happens before the first refresh. */
export function createDeployment(
  project: Project,
  server: ComponentHost,
  { reporter, shutdown: { signal } }: CommandContext,
): Deployment {
  const { host, plugins, url } = server;
  let served: { readonly workloadId: string; readonly components: readonly ComponentSettings[] } | undefined;
  let generation = 0;
  let lastFailure: string | undefined;
  const notes = new Set<string>();

  function fail(error: unknown, outcome: 'failed' | 'unreachable'): DeploymentOutcome {
    const failure = `${outcome}: ${String(error)}`;
    // What is tried again every few seconds is told once.
    const isTold = outcome === 'unreachable' && failure === lastFailure;
    lastFailure = failure;
    if (signal.aborted || isTold) return outcome;
    reporter.error(error);
    reporter.progress(served ? 'the last good build goes on serving' : waiting[outcome]);
    return outcome;
  }

  async function replace(components: readonly ComponentSettings[]): Promise<void> {
    const workloadId = `dev-${++generation}`;
    const { identity, hostInterfaces } = project;
    const { spec, unused } = componentWorkload(components, { plugins, identity, hostInterfaces });
    for (const entry of unused) {
      const note = describeUnused(project, entry);
      if (!notes.has(note)) reporter.progress(note);
      notes.add(note);
    }
    await startWorkload(host, workloadId, spec);
    const previous = served;
    served = { workloadId, components };
    const isWeb = components.some(({ shape }) => exportsInterface(shape, 'wasi:http/incoming-handler'));
    if (previous === undefined) reportServing(reporter, isWeb ? url : undefined);
    else reporter.event('reloaded', 'reloaded', isWeb ? { url } : {});
    // The router sends new requests to the new workload by now; those that run may end.
    if (previous !== undefined) await host.workloadStop(previous.workloadId);
  }

  async function deploy(): Promise<DeploymentOutcome> {
    try {
      const components = await readComponents(project, server, signal);
      if (served !== undefined && hasSameBytes(served.components, components)) return 'done';
      const shapes = components.map(({ shape }) => shape);
      if (!shapes.some((shape) => isServed(shape, plugins))) throw nothingToServe(project);
      try {
        await server.prepare(shapes, signal);
      } catch (error) {
        return fail(error, 'unreachable');
      }
      await replace(components);
      lastFailure = undefined;
      return 'done';
    } catch (error) {
      return fail(error, 'failed');
    }
  }

  return {
    deploy,
    async refresh() {
      try {
        await buildProject(project, {
          force: false,
          signal,
          onCommand: (command) => reporter.event('building', `building: ${command}`, { command }),
        });
      } catch (error) {
        return fail(error, 'failed');
      }
      return deploy();
    },
  };
}

const waiting = { failed: 'waiting for a change', unreachable: 'trying again every 2 seconds' } as const;

function nothingToServe({ components: [{ path }] }: Project): UserError {
  const wanted = 'exports nothing that is served, such as wasi:http/incoming-handler';
  return new UserError(`${path} ${wanted}; lodge run runs commands.`);
}

function describeUnused({ configPath }: Project, entry: HostInterfaceSpec): string {
  const label = entry.name === undefined ? '' : ` named '${entry.name}'`;
  return `${configPath}: no component uses the entry of ${entry.namespace}:${entry.package}${label} in hostInterfaces`;
}

async function readComponents(
  { components }: Project,
  { engine }: ComponentHost,
  signal: AbortSignal,
): Promise<ComponentSettings[]> {
  return Promise.all(
    components.map(async ({ name, path, resources, poolSize, maxInvocations }) => {
      const bytes = await readComponent(path);
      return { name, bytes, shape: await engine.inspect(bytes, { signal }), resources, poolSize, maxInvocations };
    }),
  );
}

function hasSameBytes(before: readonly ComponentSettings[], now: readonly ComponentSettings[]): boolean {
  return before.every(({ bytes }, index) => {
    const other = now[index]?.bytes;
    return other !== undefined && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).equals(other);
  });
}
