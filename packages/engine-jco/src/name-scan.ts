import { HostError } from '@lodge/core';
import { invalidComponent, type Reading } from './read-shape.js';

/**
 * The translation writes names of core modules into JavaScript text without escaping them. So whatever could end a
 * string, or a line, is refused before.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const dangerous = /['"`\\\u0000-\u001f\u007f\u2028\u2029]|\$\{/;

/**
 * Refuses a component with a name that is not safe inside generated text.
 *
 * @throws HostError `ERR_COMPONENT_UNSUPPORTED` for such a name, `ERR_COMPONENT_INVALID` for a core module that V8 refuses
 */
export async function scanNames(reading: Reading): Promise<void> {
  for (const name of reading.names) check(name);
  for (const bytes of reading.modules) {
    const module = await compileModule(bytes);
    for (const entry of WebAssembly.Module.imports(module)) {
      check(entry.module);
      check(entry.name);
    }
    for (const entry of WebAssembly.Module.exports(module)) check(entry.name);
  }
}

async function compileModule(bytes: Uint8Array): Promise<WebAssembly.Module> {
  try {
    return await WebAssembly.compile(bytes.slice());
  } catch (error) {
    throw invalidComponent('a component with an invalid core module', error);
  }
}

function check(name: string): void {
  if (!dangerous.test(name)) return;
  const shown = JSON.stringify(name.slice(0, 60));
  throw new HostError(
    'ERR_COMPONENT_UNSUPPORTED',
    `The jco engine refuses the name ${shown} in this component: it has a quote, a backslash or a control character. Use the default engine.`,
    { details: { name: name.slice(0, 60) } },
  );
}
