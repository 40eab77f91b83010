import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Project } from '../config/project.js';
import { UserError } from '../user-error.js';
import { isUpToDate, writeStamp } from './build-stamp.js';
import { runBuildCommand } from './run-build-command.js';
import { digestSources } from './source-digest.js';

/** Options of {@link buildProject}. */
export interface BuildOptions {
  /** Build although no source has changed. */
  readonly force: boolean;
  /** Aborting it ends the build command. */
  readonly signal: AbortSignal;
  /** Told before the command runs, not when there is nothing to do. */
  readonly onCommand: (command: string) => void;
}

/**
 * Builds the components of a project, unless its sources are those of the last time. Answers whether the command ran.
 *
 * @throws UserError when the command fails, or leaves a component out.
 */
export async function buildProject(project: Project, { force, signal, onCommand }: BuildOptions): Promise<boolean> {
  const { build, components } = project;
  if (build === undefined) {
    await expectComponents(components, 'there is no build.command that would make it');
    return false;
  }
  const sources = await digestSources(project);
  if (!force && sources !== undefined && (await isUpToDate(components, sources))) return false;
  onCommand(build.command);
  for (const { path } of components) await mkdir(dirname(path), { recursive: true });
  await runBuildCommand(build, project.folder, signal);
  await expectComponents(components, 'the build command succeeded but did not leave it there');
  if (sources !== undefined) await writeStamp(components, sources);
  return true;
}

async function expectComponents(components: Project['components'], problem: string): Promise<void> {
  for (const { path } of components) {
    const stats = await stat(path).catch(() => undefined);
    if (!stats?.isFile()) throw new UserError(`there is no component at ${path}: ${problem}.`);
  }
}
