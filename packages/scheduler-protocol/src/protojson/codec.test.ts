import { HostError } from '@lodge/core';
import { describe, expect, test } from 'vitest';
import { hostHeartbeat } from '../messages/host-heartbeat.js';
import { volume, workload } from '../messages/workload.js';
import { workloadStartRequest, workloadStatusRequest } from '../messages/workload-service.js';
import { decodeMessage, encodeMessage } from './codec.js';
import type { MessageType } from './message-type.js';

function refusalOf(run: () => unknown): { readonly message: string; readonly path: unknown } {
  try {
    run();
  } catch (error) {
    if (HostError.is(error, 'ERR_MESSAGE_INVALID')) return { message: error.message, path: error.details['path'] };
    throw error;
  }
  throw new Error('nothing was refused');
}

const oneComponent = (fields: string): string =>
  `{"workload":{"wit_world":{"components":[{"name":"a"},{${fields}}]}},"workload_id":"w"}`;
const place = 'workload.witWorld.components[1]';

/** What stands in the message, where, and what is said about it. */
const wrongFields: readonly (readonly [string, string, string, string])[] = [
  ['text that is a number', '"name":5', `${place}.name`, 'must be a string, not a number'],
  ['text that is half a surrogate pair', '"name":"\\ud800"', `${place}.name`, 'must be well-formed Unicode'],
  ['a number that is text', '"poolSize":"many"', `${place}.poolSize`, 'must be a whole number, not "many"'],
  ['a number that is NaN', '"poolSize":"NaN"', `${place}.poolSize`, 'must be a whole number, not "NaN"'],
  ['half a number', '"pool_size":1.5', `${place}.poolSize`, 'must be a whole number, not 1.5'],
  ['a number too large', '"poolSize":2147483648', `${place}.poolSize`, 'must be -2147483648 to 2147483647'],
  ['a number far too large', '"poolSize":1e400', `${place}.poolSize`, 'must be a whole number'],
  ['an enum that is unknown', '"imagePullPolicy":"SOMETIMES"', `${place}.imagePullPolicy`, 'must be one of IMAGE_PULL'],
  ['the number of an unknown enum', '"imagePullPolicy":9', `${place}.imagePullPolicy`, 'must be one of IMAGE_PULL'],
  [
    'a property of a list as enum',
    '"imagePullPolicy":"length"',
    `${place}.imagePullPolicy`,
    'must be one of IMAGE_PULL',
  ],
  ['a list that is a message', '"localResources":[]', `${place}.localResources`, 'must be an object, not a list'],
  ['a message that is text', '"localResources":"x"', `${place}.localResources`, 'must be an object, not a string'],
  [
    'a list that is an object',
    '"localResources":{"allowedHosts":{}}',
    `${place}.localResources.allowedHosts`,
    'must be a list, not an object',
  ],
  [
    'null in a list',
    '"localResources":{"allowed_hosts":["a",null]}',
    `${place}.localResources.allowedHosts[1]`,
    'must not be null',
  ],
  [
    'a value of a map that is no text',
    '"localResources":{"config":{"a b":1}}',
    `${place}.localResources.config["a b"]`,
    'must be a string, not a number',
  ],
  ['a field in both spellings', '"poolSize":1,"pool_size":1', `${place}.poolSize`, 'is given twice'],
];

describe('a wrong message is refused with the path of the field', () => {
  test.each(wrongFields)('%s', (_name, fields, path, problem) => {
    const refusal = refusalOf(() => decodeMessage(workloadStartRequest, oneComponent(fields)));
    expect(refusal).toEqual({ path, message: expect.stringContaining(`${path} ${problem}`) });
  });

  test.each([
    ['"startedAt":"yesterday"', 'startedAt'],
    ['"startedAt":"2026-02-30T00:00:00Z"', 'startedAt'],
    ['"startedAt":"2026-01-01T00:00:00"', 'startedAt'],
    ['"startedAt":"2026-01-01T24:00:00Z"', 'startedAt'],
    ['"startedAt":"0001-01-01T00:00:00+01:00"', 'startedAt'],
    ['"startedAt":1755684672', 'startedAt'],
    ['"systemMemoryTotal":-1', 'systemMemoryTotal'],
    ['"systemMemoryTotal":"18446744073709551616"', 'systemMemoryTotal'],
    ['"systemMemoryTotal":18446744073709551616', 'systemMemoryTotal'],
    ['"systemMemoryTotal":0.5', 'systemMemoryTotal'],
    ['"systemCpuUsage":1e39', 'systemCpuUsage'],
    ['"systemCpuUsage":true', 'systemCpuUsage'],
    ['"httpPort":-1', 'httpPort'],
    ['"labels":[]', 'labels'],
  ])('%s', (field, path) => {
    expect(refusalOf(() => decodeMessage(hostHeartbeat, `{${field}}`)).path).toBe(path);
  });

  test('two kinds of volume at once', () => {
    const both = '{"name":"v","hostPath":{},"emptyDir":{}}';
    expect(refusalOf(() => decodeMessage(volume, both)).message).toContain('hostPath and emptyDir; only one of them');
    expect(refusalOf(() => encodeMessage(volume, { hostPath: {}, emptyDir: {} })).message).toContain(
      'only one of them',
    );
  });
});

describe('what is no message', () => {
  test.each([
    ['', 'is empty'],
    ['{', 'is not JSON'],
    ['null', 'must be an object, not null'],
    ['[]', 'must be an object, not a list'],
    ['"x"', 'must be an object, not a string'],
    ['{"workloadId":"w"} trailing', 'is not JSON'],
  ])('%j', (text, problem) => {
    const { message } = refusalOf(() => decodeMessage(workloadStatusRequest, text));
    expect(message).toMatch(new RegExp(`^the message ${problem}`));
  });

  test('bytes that are not UTF-8', () => {
    const data = Uint8Array.of(0x22, 0xff, 0x22);
    expect(refusalOf(() => decodeMessage(workloadStatusRequest, data)).message).toBe('the message is not UTF-8');
  });

  test('more bytes than the bound', () => {
    const decode = (): unknown => decodeMessage(workloadStatusRequest, '{"workloadId":"w"}', { maxBytes: 10 });
    expect(refusalOf(decode).message).toBe('the message has 18 bytes; at most 10 are read');
  });

  test('a secret in it is not repeated', () => {
    const broken = '{"workload":{"service":{"imagePullSecret":{"password":"hunter2",}}}}';
    expect(refusalOf(() => decodeMessage(workloadStartRequest, broken)).message).not.toContain('hunter2');
    const wrong = '{"workload":{"service":{"imagePullSecret":{"password":7777777}}}}';
    expect(refusalOf(() => decodeMessage(workloadStartRequest, wrong)).message).not.toContain('7777777');
  });
});

describe('hostile messages', () => {
  test('a million levels of unknown content are ignored or refused, and never a crash', () => {
    const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`;
    for (const text of [`{"x":${deep},"workloadId":"w"}`, `{"x":${deep},"n":12345678901234567890}`]) {
      try {
        expect(decodeMessage(workloadStatusRequest, text, { maxBytes: 2_000_000 })).toBeDefined();
      } catch (error) {
        expect(HostError.is(error, 'ERR_MESSAGE_INVALID')).toBe(true);
      }
    }
  });

  test('__proto__ reaches no prototype, as a field or as a key of a map', () => {
    const text = '{"__proto__":{"workloadId":"evil","polluted":1},"annotations":{"__proto__":"p"}}';
    const decoded = decodeMessage(workload, text);
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    expect(Object.entries(decoded.annotations)).toEqual([['__proto__', 'p']]);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('an error stays short, whatever it is about', () => {
    const long = 'x'.repeat(900_000);
    for (const text of [
      oneComponent(`"imagePullPolicy":"${long}"`),
      oneComponent(`"localResources":{"config":{"${long}":1}}`),
    ]) {
      const { message, path } = refusalOf(() => decodeMessage(workloadStartRequest, text));
      expect(message.length + String(path).length).toBeLessThan(1_000);
    }
  });

  test('a million small parts are refused before they cost anything', () => {
    const many = (part: (index: number) => string): string =>
      Array.from({ length: 60_000 }, (_, index) => part(index)).join();
    for (const [text, problem] of [
      [`{"workload":{"witWorld":{"components":[${many(() => '{}')}]}}}`, 'components has 60000 entries; at most 10000'],
      [`{"workload":{"annotations":{${many((index) => `"${index}":""`)}}}}`, 'annotations has 60000 entries'],
      [`{"workload":{"annotations":{${many((index) => `"\\n${index}":""`)}}}}`, 'too many keys with escapes'],
    ] as const) {
      const { message } = refusalOf(() => decodeMessage(workloadStartRequest, text, { maxBytes: 2_000_000 }));
      expect(message).toContain(problem);
    }
  });

  test('numbers with endless digits cost nothing', () => {
    const digits = '9'.repeat(1_000_000);
    const started = performance.now();
    for (const value of [digits, `"${digits}"`]) {
      const text = `{"systemMemoryTotal":${value}}`;
      expect(() => decodeMessage(hostHeartbeat, text, { maxBytes: 2_000_000 })).toThrow(/systemMemoryTotal/);
    }
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('writing is strict', () => {
  const wrong: readonly (readonly [string, object, string])[] = [
    ['a field that does not exist', { workloadId: 'w', workload_id: 'w' }, 'workload_id'],
    [
      'a misspelt field',
      { workload: { witWorld: { components: [{ poolsize: 1 }] } } },
      'workload.witWorld.components[0].poolsize',
    ],
    [
      'a number as text',
      { workload: { witWorld: { components: [{ poolSize: '1' }] } } },
      'workload.witWorld.components[0].poolSize',
    ],
    [
      'a number that is NaN',
      { workload: { witWorld: { components: [{ poolSize: Number.NaN }] } } },
      'workload.witWorld.components[0].poolSize',
    ],
    ['a number where a bigint is due', { workload: { service: { maxRestarts: 1 } } }, 'workload.service.maxRestarts'],
    ['an enum by number', { workload: { service: { imagePullPolicy: 1 } } }, 'workload.service.imagePullPolicy'],
    ['null', { workloadId: null }, 'workloadId'],
    ['half a surrogate pair', { workloadId: '\udc00' }, 'workloadId'],
    [
      'half a surrogate pair as a key',
      { workload: { annotations: { '\udc00': '' } } },
      'workload.annotations["\\udc00"]',
    ],
  ];

  test.each(wrong)('%s is refused', (_name, message, path) => {
    const type = workloadStartRequest as unknown as MessageType<unknown>;
    expect(refusalOf(() => encodeMessage(type, message)).path).toBe(path);
  });
});
