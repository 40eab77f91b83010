import { silentLogger } from '@lodge/core';
import { expect, test } from 'vitest';
import { capabilities } from './capabilities.js';

test.each(capabilities)('what is written of $packageName is what its plugin says', async ({ id, world, load }) => {
  const plugin = await load({ natsUrl: undefined, guestLogger: silentLogger });
  expect({ id: plugin.id, world: plugin.world }).toEqual({ id, world });
});
