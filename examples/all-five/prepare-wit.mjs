import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

// Puts the world and the packages that it speaks of side by side, as `jco componentize` wants them. The JavaScript engine that it
// puts into the component speaks WASI 0.2.10; what the component needs reads the same in every 0.2, so the version is all that
// changes. The worlds go because they name packages that are not needed.
const wasi = new URL('../lib/wit/builtin/0.2.12/', import.meta.resolve('@bytecodealliance/jco'));
const target = new URL('.cache/wit/', import.meta.url);
const manifests = {
  config: import.meta.resolve('@lodge/plugin-config/package.json'),
  logging: import.meta.resolve('@lodge/plugin-logging/package.json'),
  draft: import.meta.resolve('@lodge/plugin-keyvalue/package.json'),
  blobstore: import.meta.resolve('@lodge/plugin-blobstore/package.json'),
  messaging: import.meta.resolve('@lodge/plugin-messaging/package.json'),
};

rmSync(target, { recursive: true, force: true });
cpSync(new URL('wit/', import.meta.url), target, { recursive: true });
for (const name of ['wasi-io', 'wasi-clocks', 'wasi-http']) write(name, new URL(`${name}/package.wit`, wasi));
for (const [name, manifest] of Object.entries(manifests)) write(name, new URL(`wit/${name}.wit`, manifest));

/** @param {string} name @param {URL} file */
function write(name, file) {
  const text = readFileSync(file, 'utf8')
    .replaceAll(/(wasi:(?:io|clocks|http)[^@;]*@)0\.2\.\d+/g, '$10.2.10')
    .replaceAll(/^world [^{]*\{.*?^\}\n?/gms, '');
  mkdirSync(new URL(`deps/${name}/`, target), { recursive: true });
  writeFileSync(new URL(`deps/${name}/package.wit`, target), text);
}
