import { fixture } from '@lodge-internal/fixtures';
import { expect, test } from 'vitest';
import { withMetadata } from '../../test/support/with-metadata.js';
import { componentAnnotations } from './component-metadata.js';

const component = await fixture('lean');

test('every section that tools write becomes its annotation', () => {
  const texts = {
    name: 'hello',
    description: 'Says hello.',
    authors: 'Ann <ann@example.com>',
    source: 'https://example.com/hello.git',
    homepage: 'https://example.com',
    version: '1.2.3',
    revision: 'abc',
    licenses: 'Apache-2.0',
  };
  const { name, homepage, ...rest } = texts;
  const expected = Object.entries({ ...rest, title: name, url: homepage }).map(([key, value]) => [
    `org.opencontainers.image.${key}`,
    value,
  ]);
  expect(componentAnnotations(withMetadata(component, texts))).toEqual(Object.fromEntries(expected));
});

test('sections of other names, those of inner modules, and what is no text or too long are left out', () => {
  const texts = { producers: 'x', constructor: 'x', description: 'x'.repeat(5_000), version: '1' };
  const broken = Buffer.concat([
    withMetadata(component, texts),
    Uint8Array.of(0, 10, 8, ...Buffer.from('revision'), 0xff),
  ]);
  expect(componentAnnotations(broken)).toEqual({ 'org.opencontainers.image.version': '1' });
});

test('damaged bytes give what stands before the damage, and never throw', () => {
  const whole = withMetadata(component, { version: '1', name: 'hello' });
  for (let end = 0; end < whole.byteLength; end += 7) {
    const { length } = Object.keys(componentAnnotations(whole.subarray(0, end)));
    expect(length).toBeLessThanOrEqual(2);
  }
  const endless = Buffer.concat([component, Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)]);
  expect(componentAnnotations(endless)).toEqual(componentAnnotations(component));
});
