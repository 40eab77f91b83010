import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { ConfigBackend, ConfigPlace } from '@lodge/plugin-config';
import { testConfigBackend } from '@lodge/plugin-config/conformance';
import { fileOf, jsonConfig } from '../src/json-config.ts';

const folders = new WeakMap<ConfigBackend, string>();

testConfigBackend(
  { describe, test },
  {
    // Each rule gets a backend on storage of its own.
    async create() {
      const folder = await mkdtemp(join(tmpdir(), 'json-config-'));
      const backend = jsonConfig(folder);
      folders.set(backend, folder);
      return backend;
    },
    supports: { changes: false },
    // What an operator would do.
    put: (backend, place, key, value) => change(backend, place, (values) => values.set(key, value)),
    remove: (backend, place, key) => change(backend, place, (values) => values.delete(key)),
    dispose: (backend) => rm(folders.get(backend) ?? '', { recursive: true, force: true }),
  },
);

async function change(backend: ConfigBackend, place: ConfigPlace, edit: (values: Map<string, string>) => void) {
  const path = join(folders.get(backend) ?? '', fileOf(place));
  const text = await readFile(path, 'utf8').catch(() => '{}');
  const values = new Map<string, string>(Object.entries(JSON.parse(text)));
  edit(values);
  await writeFile(path, JSON.stringify(Object.fromEntries(values)));
}
