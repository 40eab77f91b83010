import { readdir, readFile } from 'node:fs/promises';
import type { ComponentInfo } from '@lodge/core';
import { expect, test } from 'vitest';
import { systemClock } from './clocks/clock.js';
import { createInterfaces, providedInterfaces } from './interfaces.js';
import { byteCollector } from './io/sinks.js';
import { emptySource } from './io/sources.js';

const folder = new URL('../wit/', import.meta.url);

/** Everything that the WIT files state: `wasi:io/streams@0.2.12` with `OutputStream.checkWrite` and so on. */
async function statedMembers(): Promise<Map<string, string[]>> {
  const stated = new Map<string, string[]>();
  for (const file of await readdir(folder)) {
    const text = await readFile(new URL(file, folder), 'utf8');
    const [, name, version] = /^package ([a-z:]+)@([0-9.]+);/.exec(text) ?? [];
    for (const [, interfaceName, body = ''] of text.matchAll(/^interface ([a-z-]+) \{\n(.*?)^\}/gms)) {
      stated.set(`${name}/${interfaceName}@${version}`, membersOf(body));
    }
  }
  return stated;
}

function membersOf(body: string): string[] {
  const members: string[] = [];
  let resource = '';
  for (const line of body.split('\n')) {
    const [, opened] = /^ {2}resource ([a-z-]+)/.exec(line) ?? [];
    if (opened !== undefined) {
      const name = toCamelCase(opened);
      resource = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
      members.push(resource);
    }
    const [, indent = '', name] = /^( +)%?([a-z0-9-]+): func\(/.exec(line) ?? [];
    if (name !== undefined) members.push(indent.length > 2 ? `${resource}.${toCamelCase(name)}` : toCamelCase(name));
  }
  return members;
}

function toCamelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

test('the WIT files state what is provided, and every function of them is there', async () => {
  const component = {
    name: 'front',
    workload: { id: 'w', namespace: 'n', name: 'w', annotations: {} },
    localResources: { environment: {}, arguments: [] },
  } as unknown as ComponentInfo;
  const interfaces = createInterfaces(component, {
    stdin: emptySource,
    stdout: () => byteCollector(1),
    stderr: () => byteCollector(1),
    clock: systemClock,
    terminals: {},
    maxRandomBytes: 1,
    maxPollables: 1,
  }) as unknown as Record<string, Record<string, { readonly prototype: object }>>;

  const stated = await statedMembers();
  expect([...stated.keys()].sort()).toEqual(providedInterfaces.map(({ id }) => id as string).sort());
  for (const [id, members] of stated) {
    expect(members.length).toBeGreaterThan(0);
    for (const member of members) {
      const [name = '', method] = member.split('.');
      const value = interfaces[id.replace(/@.*/, '')]?.[name];
      expect(value, `${id} ${name}`).toBeTypeOf('function');
      if (method !== undefined) expect(value?.prototype, `${id} ${name}`).toHaveProperty(method);
    }
  }
});
