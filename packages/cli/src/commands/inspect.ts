import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ComponentShape, InterfaceShape } from '@lodge/core';
import { explainComponent, lodgeEngine } from '@lodge/engine';
import type { RunCommand } from '../command.js';
import { readComponent, unreadable } from '../component-file.js';
import { loadProject } from '../config/load-project.js';
import { exitCode } from '../exit-code.js';
import { formatBytes } from '../format-bytes.js';
import { describePlugins } from '../host/component-host.js';
import { findServer, findSuspendingImports, type KnownPlugin } from '../host/plugins.js';
import { formatPlan } from './format-plan.js';

/** `lodge inspect`: says what a component wants and offers. Runs nothing of it. */
export const run: RunCommand = async ({ positionals, options }, { reporter, shutdown, workingFolder }) => {
  const path = await findComponent(resolve(workingFolder, positionals[0] ?? ''));
  const bytes = await readComponent(path);
  const shape = await lodgeEngine().inspect(bytes, { signal: shutdown.signal });
  const plugins = await describePlugins(shape);
  const report = describe(path, bytes, shape, plugins);
  if (options.has('plan')) {
    const suspendingImports = findSuspendingImports(shape, plugins);
    const plan = await explainComponent(bytes, { name: 'component', suspendingImports, signal: shutdown.signal });
    reporter.result(`${format(report)}\n${formatPlan(plan)}`, { ...report, plan });
  } else reporter.result(format(report), { ...report });
  return exitCode.success;
};

/** One interface, as the report shows it. */
interface InterfaceReport {
  readonly name: string;
  /** The interface behind a label. */
  readonly id: string | null;
  readonly functions: readonly string[];
  readonly resources: readonly string[];
}

interface ImportReport extends InterfaceReport {
  /** The npm package that serves it; null where Lodge has none. */
  readonly servedBy: string | null;
}

/** What `-o json` gives as `data`. */
interface ComponentReport {
  readonly path: string;
  readonly bytes: number;
  readonly imports: readonly ImportReport[];
  readonly exports: readonly InterfaceReport[];
  readonly importedFunctions: readonly string[];
  readonly exportedFunctions: readonly string[];
}

async function findComponent(path: string): Promise<string> {
  const stats = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return stats.isDirectory() ? (await loadProject(path)).components[0].path : path;
}

function describe(
  path: string,
  bytes: Uint8Array,
  shape: ComponentShape,
  plugins: readonly KnownPlugin[],
): ComponentReport {
  return {
    path,
    bytes: bytes.byteLength,
    imports: shape.imports.map((item) => ({
      ...describeInterface(item),
      servedBy: (item.id !== undefined && findServer(item.id, plugins)?.packageName) || null,
    })),
    exports: shape.exports.map(describeInterface),
    importedFunctions: shape.importedFunctions.map(({ name }) => name),
    exportedFunctions: shape.exportedFunctions.map(({ name }) => name),
  };
}

function describeInterface({ externName, id, functions, resources }: InterfaceShape): InterfaceReport {
  return { name: externName, id: id ?? null, functions: functions.map(({ name }) => name), resources };
}

function format({ path, bytes, imports, exports, importedFunctions, exportedFunctions }: ComponentReport): string {
  const width = Math.max(0, ...imports.map(({ name }) => name.length));
  return [
    `${path}: a component of ${formatBytes(bytes)}`,
    ...section('imports', [
      ...imports.map(({ name, servedBy }) => `${name.padEnd(width)}  ${servedBy ?? 'nothing serves this yet'}`),
      ...importedFunctions.map((name) => `${name} (a function)`),
    ]),
    ...section('exports', [
      ...exports.map(({ name }) => name),
      ...exportedFunctions.map((name) => `${name} (a function)`),
    ]),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return [`${title}:`, ...(lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`))];
}
