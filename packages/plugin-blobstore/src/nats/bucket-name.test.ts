import { expect, test } from 'vitest';
import { oddNames } from '../conformance/container-rules.js';
import { bucketName, nameToken, tokenName } from './bucket-name.js';

test('an ordinary container has a name that every client of object stores takes', () => {
  const name = bucketName({ namespace: 'shop', store: 'default', container: 'photos-2026' });
  expect(name).toBe('shop__default__photos-2026');
});

test('a shared container of legal characters has its own name', () => {
  for (const container of ['photos', 'my_photos', 'A-1']) {
    expect(bucketName({ namespace: undefined, store: undefined, container })).toBe(container);
  }
});

test('a shared container is never one of a namespace', () => {
  const own = bucketName({ namespace: 'shop', store: 'default', container: 'photos' });
  const name = bucketName({ namespace: undefined, store: undefined, container: own });
  expect(name).toBe('shop=5F_default=5F_photos');
});

test('no two containers have one name, and all names fit into a stream and a file', () => {
  const parts = ['', 'a', '_', '__', 'a_', '_a', '=', '=41', '5F', 'h', 's', 'x'.repeat(100), 'é'.repeat(512)];
  const containers = [...new Set([...parts, ...oddNames])];
  const names = parts.flatMap((namespace) =>
    parts.flatMap((store) => containers.map((container) => bucketName({ namespace, store, container }))),
  );
  // A shared container may be called what another one's bucket is called.
  const shared = [...new Set([...containers, ...names])];
  names.push(...shared.map((container) => bucketName({ namespace: undefined, store: undefined, container })));
  expect(new Set(names).size).toBe(parts.length ** 2 * containers.length + shared.length);
  for (const name of names) expect(name).toMatch(/^[-=\w]{1,200}$/);
});

test('the token of a name is that of other clients, and leads back to the name', () => {
  expect(nameToken('cat.png')).toBe('Y2F0LnBuZw==');
  for (const name of oddNames) {
    const token = nameToken(name);
    expect(token).toMatch(/^[-=\w]+$/);
    expect(tokenName(token)).toBe(name);
  }
  expect(new Set(oddNames.map(nameToken)).size).toBe(oddNames.length);
  for (const token of ['a', '====', 'YQ', 'YQ==x']) expect(tokenName(token)).toBeUndefined();
});
