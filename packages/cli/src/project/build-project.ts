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
 * Builds the component of a project, unless its sources are those of the last time. Answers whether the command ran.
 *
 * @throws UserError when the command fails, or leaves no component.
 */
export async function buildProject(project: Project, { force, signal, onCommand }: BuildOptions): Promise<boolean> {
  const { build, componentPath } = project;
  if (build === undefined) {
    await expectComponent(componentPath, 'there is no build.command that would make it');
    return false;
  }
  const sources = await digestSources(project);
  if (!force && sources !== undefined && (await isUpToDate(componentPath, sources))) return false;
  onCommand(build.command);
  await mkdir(dirname(componentPath), { recursive: true });
  await runBuildCommand(build, project.folder, signal);
  await expectComponent(componentPath, 'the build command succeeded but did not leave it there');
  if (sources !== undefined) await writeStamp(componentPath, sources);
  return true;
}

async function expectComponent(path: string, problem: string): Promise<void> {
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) throw new UserError(`there is no component at ${path}: ${problem}.`);
}
