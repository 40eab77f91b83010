import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function sources(): string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing'),
  );
}

it('core imports nothing but its own files and the OpenTelemetry API', () => {
  const imported = sources().flatMap((file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8');
    return [...text.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, specifier]) => specifier);
  });
  const outside = new Set(imported.filter((specifier) => !specifier?.startsWith('.')));
  expect([...outside]).toEqual(['@opentelemetry/api']);
});

it('core uses no global that only Node has', () => {
  const guilty = sources().filter((file) =>
    /(?<![\w.'])(?:process|Buffer|setImmediate|require|__dirname|global)(?=[.(])/.test(
      readFileSync(join(root, 'src', file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, ''),
    ),
  );
  expect(guilty).toEqual([]);
});
