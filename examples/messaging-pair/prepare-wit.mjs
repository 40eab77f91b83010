import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

// Puts the worlds and the packages that they speak of side by side, as `jco componentize` wants them. jco brings WASI
// 0.2.12; the JavaScript engine that it puts into a component serves `wasi:http` as 0.2.10. What the components
// need reads the same in both, so the version is all that changes. The worlds go because they name packages that are not needed.
const wasi = new URL('../lib/wit/builtin/0.2.12/', import.meta.resolve('@bytecodealliance/jco'));
const messaging = new URL('wit/messaging.wit', import.meta.resolve('@lodge/plugin-messaging/package.json'));
const target = new URL('.cache/wit/', import.meta.url);

rmSync(target, { recursive: true, force: true });
cpSync(new URL('wit/', import.meta.url), target, { recursive: true });
for (const name of ['wasi-io', 'wasi-clocks', 'wasi-http']) {
  write(name, readFileSync(new URL(`${name}/package.wit`, wasi), 'utf8').replaceAll('0.2.12', '0.2.10'));
}
write('wasmcloud-messaging', readFileSync(messaging, 'utf8'));

/** @param {string} name @param {string} text */
function write(name, text) {
  mkdirSync(new URL(`deps/${name}/`, target), { recursive: true });
  writeFileSync(new URL(`deps/${name}/package.wit`, target), text.replaceAll(/^world [^{]*\{.*?^\}\n?/gms, ''));
}
