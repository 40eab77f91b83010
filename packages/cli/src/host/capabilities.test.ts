import { silentLogger } from '@lodge/core';
import { expect, test } from 'vitest';
import { capabilities } from './capabilities.js';
import { findServer } from './plugins.js';

test.each(capabilities)('$packageName serves nothing but $interfaces, and is known by its name', async (capability) => {
  const plugin = await capability.describe();
  for (const { id } of plugin.world.provides) {
    expect(id).toMatch(new RegExp(`^${capability.interfaces}/`));
    expect(findServer(id, [plugin])?.packageName).toBe(capability.packageName);
  }
  for (const { id } of plugin.world.calls ?? []) expect(id).toMatch(new RegExp(`^${capability.interfaces}/`));
});

test.each(capabilities)('what is known of $packageName is what its plugin says', async ({ describe, load }) => {
  const { id, world } = await load({ nats: undefined, guestLogger: silentLogger });
  expect(await describe()).toMatchObject({ id, world });
});
