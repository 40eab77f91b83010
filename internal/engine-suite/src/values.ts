import assert from 'node:assert/strict';
import {
  type EchoFunction,
  echoComponent,
  echoInterface,
  type StringEncoding,
  type ValueType,
} from '@lodge-internal/fixtures';
import { RandomTypes } from './random-types.js';
import { samples, texts, wrongValues } from './samples.js';
import { type Bench, failureOf, normalize, type StartedComponent, type Suite } from './suite.js';

const u32: ValueType = { kind: 'u32' };
const manyParams: readonly ValueType[] = Array.from(
  { length: 18 },
  (_, index) => ({ kind: index % 3 === 0 ? 'string' : 'u64' }) as const,
);

const echoes: readonly EchoFunction[] = [
  ...samples.map(({ name, type }) => ({ name: `echo-${name}`, params: [type], result: type })),
  { name: 'many-params', params: manyParams, result: { kind: 'tuple', elements: manyParams } },
  { name: 'sixteen-params', params: Array.from({ length: 16 }, () => u32), result: u32 },
  { name: 'seventeen-params', params: Array.from({ length: 17 }, () => u32), result: u32 },
  { name: 'nothing', params: [], result: undefined },
];

/** Values of every type, in both directions: host, guest, host, guest, host. */
export function testValues(suite: Suite): void {
  suite.describe('values', () => {
    for (const { name, type, values } of samples) {
      suite.test(`${name} travels through a guest and back`, async (bench) => {
        const echo = await startEcho(bench, echoes);
        for (const value of values) await echo.expect(`echo-${name}`, [value], value);
        assert.deepEqual(echo.shapeOf(`echo-${name}`), type);
      });
    }

    suite.test('more than sixteen core parameters travel through memory', async (bench) => {
      const echo = await startEcho(bench, echoes);
      const args = manyParams.map((type, index) => (type.kind === 'string' ? `text ${index}` : BigInt(index)));
      await echo.expect('many-params', args, args, (...given) => given);
    });

    for (const [word, count] of [
      ['sixteen', 16],
      ['seventeen', 17],
    ] as const) {
      suite.test(`${word} parameters arrive in order`, async (bench) => {
        const echo = await startEcho(bench, echoes);
        const args = Array.from({ length: count }, (_, index) => index * 3);
        await echo.expect(`${word}-params`, args, 42, () => 42);
      });
    }

    suite.test('a function without parameters and result gives undefined', async (bench) => {
      const echo = await startEcho(bench, echoes);
      await echo.expect('nothing', [], undefined, () => undefined);
    });

    suite.test('a plain array of numbers serves as a list of numbers', async (bench) => {
      const echo = await startEcho(bench, echoes);
      await echo.expect('echo-list-u8', [[1, 2, 3]], Uint8Array.of(1, 2, 3), () => [1, 2, 3]);
    });

    suite.test('a list of bytes that the host got is its own copy', async (bench) => {
      const seen: Uint8Array[] = [];
      const echo = await startEcho(bench, echoes);
      for (const first of [1, 2]) {
        await echo.expect('echo-list-u8', [Uint8Array.of(first, 9)], Uint8Array.of(first, 9), (given) => {
          seen.push(given as Uint8Array);
          return given;
        });
      }
      assert.deepEqual(seen, [Uint8Array.of(1, 9), Uint8Array.of(2, 9)]);
    });

    for (const { name, value } of wrongValues) {
      suite.test(`a wrong argument for ${name} is a TypeError and leaves the instance usable`, async (bench) => {
        const echo = await startEcho(bench, echoes);
        const error = await failureOf(() => echo.call(`echo-${name}`, [value]));
        assert(error instanceof TypeError, `expected a TypeError, got ${String(error)}`);
        await echo.expect('echo-u8', [5], 5);
      });
    }

    suite.test('types made at random travel through a guest and back', async (bench) => {
      const random = new RandomTypes(20_261_122);
      const types = Array.from({ length: suite.options.randomTypes ?? 40 }, () => random.type(3));
      const functions = types.map((type, index) => ({
        name: `random-${word(index)}`,
        params: [type],
        result: { kind: 'tuple', elements: [type] } as const,
      }));
      const echo = await startEcho(bench, functions);
      for (const [index, type] of types.entries()) {
        for (let round = 0; round < 3; round++) {
          const value = random.value(type);
          await echo.expect(`random-${word(index)}`, [value], [value], (given) => [given]);
        }
      }
    });
  });

  suite.describe('strings', () => {
    for (const encoding of ['utf8', 'utf16', 'compact-utf16'] as const) {
      testStrings(suite, encoding);
    }
  });
}

function testStrings(suite: Suite, encoding: StringEncoding): void {
  const string = { kind: 'string' } as const;
  const functions: readonly EchoFunction[] = [
    { name: 'echo', params: [string], result: string },
    { name: 'echo-list', params: [{ kind: 'list', element: string }], result: { kind: 'list', element: string } },
  ];
  suite.test(`strings in ${encoding} keep every character`, async (bench) => {
    const echo = await startEcho(bench, functions, encoding);
    for (const text of texts) await echo.expect('echo', [text], text);
  });
  suite.test(`lists of strings in ${encoding} keep every character`, async (bench) => {
    const echo = await startEcho(bench, functions, encoding);
    await echo.expect('echo-list', [texts], texts);
  });
  suite.test(`a byte order mark at the beginning of a text stays in ${encoding}`, async (bench) => {
    const echo = await startEcho(bench, functions, encoding);
    await echo.expect('echo', ['\u{feff}text'], '\u{feff}text');
  });
  suite.test(`half a surrogate pair from the host arrives as U+FFFD in ${encoding}`, async (bench) => {
    const echo = await startEcho(bench, functions, encoding);
    const seen: unknown[] = [];
    await echo.expect('echo', ['a\ud83eb'], 'c\ufffdd', (given) => {
      seen.push(given);
      return 'c\udd8ad';
    });
    assert.deepEqual(seen, ['a\ufffdb']);
  });
}

interface Echo {
  call(name: string, args: readonly unknown[]): unknown;
  /** Calls the export; both what the host function got (unless it makes its own answer) and what comes back must be as expected. */
  expect(
    name: string,
    args: readonly unknown[],
    expected: unknown,
    answer?: (...given: unknown[]) => unknown,
  ): Promise<void>;
  shapeOf(name: string): unknown;
}

async function startEcho(
  { engine, start }: Bench,
  functions: readonly EchoFunction[],
  encoding: StringEncoding = 'utf8',
): Promise<Echo> {
  let answer: (...given: unknown[]) => unknown = (given) => given;
  let received: readonly unknown[] = [];
  const host = Object.fromEntries(
    functions.map((fn) => [
      member(fn.name),
      (...given: unknown[]) => {
        received = given;
        return answer(...given);
      },
    ]),
  );
  const bytes = await echoComponent(functions, encoding);
  const started: StartedComponent = await start(bytes, { imports: { [echoInterface]: host } });
  const guest = started.exported(echoInterface);
  const shape = await engine.inspect(bytes);
  const call = (name: string, args: readonly unknown[]): unknown => guest[member(name)]?.(...args);
  return {
    call,
    async expect(name, args, expected, makeAnswer) {
      answer = makeAnswer ?? ((given) => given);
      const result = await call(name, args);
      if (makeAnswer === undefined) assert.deepStrictEqual(normalize(received[0]), normalize(expected));
      else assert.equal(received.length, args.length);
      assert.deepStrictEqual(normalize(result), normalize(expected));
    },
    shapeOf: (name) => shape.imports[0]?.functions.find((fn) => fn.name === name)?.params[0]?.type,
  };
}

function member(witName: string): string {
  return witName.replace(/-(.)/g, (_, first: string) => first.toUpperCase());
}

/** `0` -> `aa`: WIT names have no part that begins with a digit. */
function word(index: number): string {
  return String.fromCharCode(97 + Math.trunc(index / 26), 97 + (index % 26));
}
