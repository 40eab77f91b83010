import { resolve } from 'node:path';
import type { RunCommand } from '../command.js';
import { loadProject } from '../config/load-project.js';
import { exitCode } from '../exit-code.js';
import { buildProject } from '../project/build-project.js';

/** `lodge build`: makes the component of a project. */
export const run: RunCommand = async ({ positionals, options }, { reporter, shutdown, workingFolder }) => {
  const project = await loadProject(resolve(workingFolder, positionals[0] ?? '.'));
  const isBuilt = await buildProject(project, {
    force: options.has('force'),
    signal: shutdown.signal,
    onCommand: (command) => reporter.progress(`building: ${command}`),
  });
  const { folder } = project;
  const [{ path: componentPath }] = project.components;
  reporter.result(isBuilt ? `built ${componentPath}` : `${componentPath} is up to date`, {
    componentPath,
    projectPath: folder,
    isBuilt,
  });
  return exitCode.success;
};
