import type { LogFields } from '@lodge/core';
import { expect, test } from 'vitest';
import { quietLogger } from './quiet-logger.js';

test('a message that comes without end comes some times, and then with a count of what was left out', () => {
  const lines: (readonly [string, LogFields | undefined])[] = [];
  let time = 0;
  const logger = { log: (_level: string, message: string, fields?: LogFields) => void lines.push([message, fields]) };
  const quiet = quietLogger(logger, { burst: 3, perSecond: 1, now: () => time });
  for (let index = 0; index < 100; index++) quiet.log('warn', 'flood', { index });
  expect(lines).toEqual([0, 1, 2].map((index) => ['flood', { index }]));
  quiet.log('warn', 'another');
  expect(lines.at(-1)).toEqual(['another', undefined]);
  time = 1_000;
  quiet.log('warn', 'flood', { index: 100 });
  expect(lines.at(-1)).toEqual(['flood', { index: 100, suppressed: 97 }]);
  time = 2_000;
  quiet.log('warn', 'flood', { index: 101 });
  expect(lines.at(-1)).toEqual(['flood', { index: 101 }]);
});
