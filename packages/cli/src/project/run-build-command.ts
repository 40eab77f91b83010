import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import type { ProjectBuild } from '../config/project.js';
import { UserError } from '../user-error.js';

const isWindows = process.platform === 'win32';

/**
 * Runs a build command with the system's shell in the project's folder. What it prints goes to standard error, since standard
 * output belongs to results. Programs of the project's `node_modules` are found as in an npm script.
 *
 * @throws UserError when it fails or cannot be started.
 */
export async function runBuildCommand(build: ProjectBuild, folder: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw stopped();
  const path = [join(folder, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const child = spawn(build.command, {
    cwd: folder,
    env: { ...process.env, PATH: path, ...build.env },
    shell: true,
    stdio: ['ignore', 2, 2],
    // A group of its own, so that ending it ends what the shell has started, too.
    detached: !isWindows,
  });
  const kill = (signalName: NodeJS.Signals) => {
    if (child.pid === undefined) return;
    try {
      process.kill(isWindows ? child.pid : -child.pid, signalName);
    } catch {
      // It has just ended by itself.
    }
  };
  const end = () => kill('SIGTERM');
  // A second signal ends lodge at once: nothing of the build may stay behind.
  const endAtOnce = () => kill('SIGKILL');
  signal.addEventListener('abort', end);
  process.once('exit', endAtOnce);
  try {
    const outcome = await new Promise<string | undefined>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new UserError(`the build command could not be started: ${error.message}.`)),
      );
      child.once('close', (code, signalName) => resolve(code === 0 ? undefined : `exit code ${code ?? signalName}`));
    });
    if (signal.aborted) throw stopped();
    if (outcome !== undefined) throw new UserError(`the build command failed with ${outcome}: ${build.command}`);
  } finally {
    signal.removeEventListener('abort', end);
    process.off('exit', endAtOnce);
  }
}

function stopped(): UserError {
  return new UserError('the build was stopped.');
}
