import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type ComponentShape, HostError, type InterfaceShape } from '@lodge/core';
import { type ComponentPlan, explainComponent, lodgeEngine } from '@lodge/engine';
import type { RunCommand } from '../command.js';
import { readComponent, unreadable } from '../component-file.js';
import { loadProject } from '../config/load-project.js';
import { exitCode } from '../exit-code.js';
import { formatBytes } from '../format-bytes.js';
import { describePlugins } from '../host/component-host.js';
import { findServer, findSuspendingImports, type KnownPlugin } from '../host/plugins.js';
import { printable } from '../printable.js';
import { formatNewState } from './format-new-state.js';
import { formatPlan } from './format-plan.js';

/** `lodge inspect`: says what a component wants and offers, or each of a project. Runs nothing of them. */
export const run: RunCommand = async ({ positionals, options }, { reporter, shutdown, workingFolder }) => {
  const [path, ...others] = await findComponents(resolve(workingFolder, positionals[0] ?? ''));
  const lookOptions = { hasPlan: options.has('plan'), signal: shutdown.signal };
  const { text, report } = await look(path, lookOptions);
  const siblings: Look[] = [];
  for (const other of others) siblings.push(await look(other, lookOptions));
  const texts = [text, ...siblings.map((sibling) => sibling.text), ...(siblings.length > 0 ? [sharedState] : [])];
  reporter.result(texts.join('\n\n'), {
    ...report,
    ...(siblings.length > 0 && { siblings: siblings.map((sibling) => sibling.report) }),
  });
  return exitCode.success;
};

const sharedState =
  'Components that call each other get new state together: by reset only where each of them would alone.';

/** What there is to say of one component: for people, and for tools. */
interface Look {
  readonly text: string;
  readonly report: ComponentReport;
}

interface LookOptions {
  readonly hasPlan: boolean;
  readonly signal: AbortSignal;
}

async function look(path: string, { hasPlan, signal }: LookOptions): Promise<Look> {
  const bytes = await readComponent(path);
  const shape = await lodgeEngine().inspect(bytes, { signal });
  const plugins = await describePlugins(shape);
  const world = describe(path, bytes, shape, plugins);
  try {
    const suspendingImports = findSuspendingImports(shape, plugins);
    const plan = await explainComponent(bytes, { name: 'component', suspendingImports, signal });
    const { newState, resetExceptions } = plan;
    const report = { ...world, newState, resetExceptions };
    const text = format(world, formatNewState(plan));
    return hasPlan ? { text: `${text}\n${formatPlan(plan)}`, report: { ...report, plan } } : { text, report };
  } catch (error) {
    // What the engine cannot run still has a world.
    if (hasPlan || signal.aborted || !HostError.is(error)) throw error;
    const text = format(world, [`not known, since it cannot be run: ${printable(error.message)}`]);
    return { text, report: { ...world, newState: null, resetExceptions: [] } };
  }
}

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

/** The world of a component. */
interface WorldReport {
  readonly path: string;
  readonly bytes: number;
  readonly imports: readonly ImportReport[];
  readonly exports: readonly InterfaceReport[];
  readonly importedFunctions: readonly string[];
  readonly exportedFunctions: readonly string[];
}

/** What `-o json` gives as `data`, with the same of each sibling as `siblings`. */
interface ComponentReport extends WorldReport {
  /** Null: the engine cannot run the component. */
  readonly newState: ComponentPlan['newState'] | null;
  readonly resetExceptions: ComponentPlan['resetExceptions'];
  /** With `--plan`. */
  readonly plan?: ComponentPlan;
}

/** The component that `path` names, or those of the project in it. */
async function findComponents(path: string): Promise<readonly [string, ...string[]]> {
  const stats = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!stats.isDirectory()) return [path];
  const [first, ...others] = (await loadProject(path)).components;
  return [first.path, ...others.map((component) => component.path)];
}

function describe(
  path: string,
  bytes: Uint8Array,
  shape: ComponentShape,
  plugins: readonly KnownPlugin[],
): WorldReport {
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

function format(world: WorldReport, newState: readonly string[]): string {
  const { path, bytes, imports, exports, importedFunctions, exportedFunctions } = world;
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
    ...section('new state per call', newState),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return [`${title}:`, ...(lines.length === 0 ? ['  none'] : lines.map((line) => `  ${line}`))];
}
