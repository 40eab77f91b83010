import { mkdir, writeFile } from 'node:fs/promises';
import { createHost } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { configPlugin } from '@lodge/plugin-config';
import { fileOf, jsonConfig } from './json-config.ts';

await mkdir('config', { recursive: true });
await writeFile(`config/${fileOf({ namespace: 'default', store: 'config' })}`, '{ "greeting": "hello" }');

const host = createHost({ engine: lodgeEngine(), plugins: [configPlugin({ backends: [jsonConfig('config')] })] });
await host.start();
console.log(`${host.heartbeat().friendlyName} reads its configuration from JSON files`);
await host.stop();
