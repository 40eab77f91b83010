import { HostError } from '@lodge/core';
import { watComponent } from '@lodge-internal/fixtures';
import { describe, expect, test } from 'vitest';
import { scanNames } from './name-scan.js';
import { readShape } from './read-shape.js';

const dangerous = [
  `quote'`,
  'quote\\"',
  'backslash\\\\',
  'back`tick',
  'line\\nbreak',
  'nul\\00',
  '\\u{2028}',
  '\\u{2029}',
  '$' + '{x}',
];

describe('scanNames', () => {
  test.each(dangerous)('refuses %s as the name of an export of a core module', async (name) => {
    await expectRefusal(`(component (core module (func (export "${name}"))))`);
  });

  test.each(dangerous)('refuses %s as the name of an import of a nested core module', async (name) => {
    await expectRefusal(`(component (component (core module (import "${name}" "f" (func)))))`);
    await expectRefusal(`(component (component (core module (import "m" "${name}" (func)))))`);
  });

  test.each(dangerous)('refuses %s as the name of an argument of a core instance', async (name) => {
    await expectRefusal(`(component
      (core module $m (func (export "f")))
      (core instance $m (instantiate $m))
      (alias core export $m "f" (core func $f))
      (core instance (export "${name}" (func $f))))`);
  });

  test('accepts the names that tools write', async () => {
    const names = ['cabi_post_wasi:cli/run@0.2.3#run', '[method]thing.id', '$imports', 'mangled.name-1_2', 'größe'];
    const exports = names.map((name) => `(func (export "${name}"))`).join(' ');
    await expect(
      scanNames(readShape(await watComponent(`(component (core module ${exports}))`))),
    ).resolves.toBeUndefined();
  });

  test('refuses a core module that V8 refuses', async () => {
    const bytes = (await watComponent('(component (core module (func (result i32) i32.const 7)))')).slice();
    bytes[bytes.lastIndexOf(0x41)] = 0x1a;
    await expect(scanNames(readShape(bytes))).rejects.toSatisfy((error) =>
      HostError.is(error, 'ERR_COMPONENT_INVALID'),
    );
  });
});

async function expectRefusal(text: string): Promise<void> {
  const reading = readShape(await watComponent(text));
  await expect(scanNames(reading)).rejects.toSatisfy((error) => HostError.is(error, 'ERR_COMPONENT_UNSUPPORTED'));
}
