import {
  type ComponentBinding,
  type HookOptions,
  HostError,
  type HostPlugin,
  type InterfaceRequest,
  type PluginContext,
  type ResolvedWorkload,
  type WorkloadInfo,
} from '@lodge/core';
import type { Guest, HostPluginSetup } from '../setup.js';

export const notesId = 'test:notes/notes@1.0.0';
export const readerId = 'test:notes/reader@1.0.0';

/** The notes of one workload, and what they cost its plugin. */
export interface Notes {
  readonly title: string;
  readonly texts: string[];
  isOpen: boolean;
}

/** A plugin that keeps every rule: each workload has notes of its own, under the title of its config. */
export interface NotesPlugin extends HostPlugin<Notes> {
  /** Workloads that hold a page now. */
  pages: number;
}

export function notesPlugin(): NotesPlugin {
  class Page {
    text(): string {
      return 'blank';
    }
    static size(): number {
      return 1;
    }
  }
  return {
    specVersion: 1,
    id: 'test-notes',
    world: { provides: [{ id: notesId, suspends: ['wait'] }], calls: [{ id: readerId }] },
    pages: 0,
    async start(_context: PluginContext, { signal }: HookOptions): Promise<void> {
      signal.throwIfAborted();
    },
    async onWorkloadBind(_workload: WorkloadInfo, requests: readonly InterfaceRequest[]): Promise<Notes> {
      const title = requests[0]?.config['title'] ?? 'untitled';
      if (requests.some(({ config }) => config['title'] === ''))
        throw new HostError('ERR_CONFIG_INVALID', 'title must not be empty');
      this.pages += 1;
      return { title, texts: [], isOpen: true };
    },
    async bindComponent(_component, requests, notes): Promise<ComponentBinding> {
      const functions = Object.freeze({
        title: () => notes.title,
        addText: (text: string) => notes.texts.push(text),
        wait: async () => 0,
        Page,
      });
      const names = requests.flatMap(({ direction, externName }) => (direction === 'import' ? [externName] : []));
      const imports = Object.freeze(Object.fromEntries(names.map((name) => [name, functions])));
      return { importsFor: () => imports };
    },
    async onWorkloadResolved(workload: ResolvedWorkload): Promise<void> {
      workload.exports(readerId, 'read');
    },
    async onWorkloadUnbind(_workload: WorkloadInfo, notes: Notes): Promise<void> {
      if (notes.isOpen) this.pages -= 1;
      notes.isOpen = false;
    },
    async stop(): Promise<void> {},
    describe: () => ({}),
  };
}

/** How the notes are tested; `change` puts a fault into each new plugin. */
export function notesSetup(change: (plugin: NotesPlugin) => void = () => {}): HostPluginSetup {
  const setup: HostPluginSetup<NotesPlugin> = {
    create() {
      const plugin = notesPlugin();
      change(plugin);
      return plugin;
    },
    createUnstartable() {
      const plugin = notesPlugin();
      plugin.start = async () => {
        throw new HostError('ERR_CONFIG_INVALID', 'there is no paper');
      };
      change(plugin);
      return plugin;
    },
    interfaces: [
      {
        id: notesId,
        functions: ['title', 'add-text', 'wait', '[constructor]page', '[method]page.text', '[static]page.size'],
      },
    ],
    workloads: [{ config: { title: 'first' } }, { config: { title: 'second' } }],
    refused: [{ config: { title: '' } }],
    held: (plugin) => plugin.pages,
    observe,
  };
  return setup as unknown as HostPluginSetup;
}

async function observe(guest: Guest): Promise<unknown> {
  const notes = guest.imports('test:notes/notes');
  await notes['wait']?.();
  return { title: notes['title']?.(), count: notes['addText']?.('hello') };
}
