import { basename } from 'node:path';
import { watch } from 'chokidar';
import type { Project } from '../config/project.js';
import { outputPaths } from './build-stamp.js';

/** Milliseconds without a further change after which a change counts: editors and version control write many files at once. */
const quietMs = 100;

/** Folders that hold what tools make. */
const ignoredFolders: ReadonlySet<string> = new Set(['node_modules', '.git', '.cache', '.turbo', 'dist', 'target']);

/** Tells when the sources of a project change. */
export interface SourceWatcher {
  /** Settles when something has changed since the last call, or when `signal` aborts; answers whether something has changed. */
  next(signal: AbortSignal): Promise<boolean>;
  /** Forgets what has changed so far. */
  forget(): void;
  close(): Promise<void>;
}

/**
 * Watches the sources of a project; its whole folder where it does not name them. Answers once the watch stands.
 *
 * @param onConfigChange called when the config file changes, which is not a source
 */
export async function watchSources(project: Project, onConfigChange: () => void): Promise<SourceWatcher> {
  const { folder, configPath, build, components } = project;
  const outputs = outputPaths(components);
  const sources = build === undefined ? components.map(({ path }) => path) : (build.sources ?? [folder]);
  const watcher = watch([configPath, ...sources], {
    ignoreInitial: true,
    ignored: (path) =>
      path !== folder && (ignoredFolders.has(basename(path)) || (build !== undefined && outputs.has(path))),
  });
  let isChanged = false;
  let timer: NodeJS.Timeout | undefined;
  let wake = () => {};
  watcher.on('all', (_, path) => {
    if (path === configPath) {
      onConfigChange();
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(() => {
      isChanged = true;
      wake();
    }, quietMs);
  });
  await new Promise<void>((resolve, reject) => {
    watcher.once('ready', resolve);
    watcher.once('error', reject);
  });
  return {
    async next(signal) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (isChanged || signal.aborted) resolve();
      });
      wake = () => {};
      const hadChanged = isChanged;
      isChanged = false;
      return hadChanged;
    },
    forget() {
      clearTimeout(timer);
      isChanged = false;
    },
    close() {
      clearTimeout(timer);
      return watcher.close();
    },
  };
}
