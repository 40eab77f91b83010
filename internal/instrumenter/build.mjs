import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { main } from 'assemblyscript/asc';

// Compiles `assembly/` and writes it as a string into a module, so that it travels inside of the package that uses it.
const base = fileURLToPath(new URL('.', import.meta.url));
const options = [
  '--optimizeLevel',
  '3',
  '--shrinkLevel',
  '0',
  '--converge',
  '--noAssert',
  '--runtime',
  'stub',
  '--use',
  'abort=',
];
let binary;
const { error, stderr } = await main(['assembly/index.ts', '--baseDir', base, '--outFile', 'out.wasm', ...options], {
  writeFile(_name, contents) {
    binary = Buffer.from(contents);
  },
});
process.stderr.write(stderr.toString());
if (error !== null || binary === undefined) process.exit(1);
await mkdir(new URL('dist', import.meta.url), { recursive: true });
const text = `const code = '${binary.toString('base64')}';\n\nexport const instrumenterCode = () => Buffer.from(code, 'base64');\n`;
await writeFile(new URL('dist/index.js', import.meta.url), text);
