import { HostError } from '@lodge/core';
import { lodgeEngine } from '@lodge/engine';
import { echoComponent, echoInterface, type ValueType, watComponent } from '@lodge-internal/fixtures';
import { describe, expect, it } from 'vitest';
import { compileBytes, compileText, type Opened } from './start.js';

const trapped = expect.objectContaining({ code: 'ERR_GUEST_TRAPPED' });
const text = (value: string): number[] => [value.length, ...new TextEncoder().encode(value)];

describe('an import with a label', () => {
  it('is known by the label, and has the id that it says it implements', async () => {
    const head = await watComponent('(component (type (instance (export "f" (func)))))');
    const item = [0x02, ...text('backup'), 1, 0x00, ...text('lodge:test/store@0.2.0'), 0x05, 0x00];
    const bytes = Uint8Array.from([...head, 10, item.length + 1, 1, ...item]);
    const { imports } = await lodgeEngine().inspect(bytes);
    expect(imports).toMatchObject([{ externName: 'backup', id: 'lodge:test/store@0.2.0', functions: [{ name: 'f' }] }]);
  });
});

describe('a start function', () => {
  const starting = `(component
    (import "h" (func $h (param "n" u32) (result u32))) (core func $h (canon lower (func $h)))
    (core module $m (import "h" "h" (func $h (param i32) (result i32))) (global $g (mut i32) (i32.const 0))
      (func $s (global.set $g (call $h (i32.const 4)))) (start $s) (func (export "f") (result i32) (global.get $g)))
    (core instance $i (instantiate $m (with "h" (instance (export "h" (func $h))))))
    (func (export "f") (result u32) (canon lift (core func $i "f"))))`;

  it('may call the host', async () => {
    const { open } = await compileText(starting);
    expect(open({ h: (n: number) => n * 2 }).call('f')).toBe(8);
  });

  it('may call a host function that could wait and does not', async () => {
    const { open } = await compileText(starting, { suspendingImports: new Set(['#h']) });
    expect(await open({ h: (n: number) => n * 2 }).call('f')).toBe(8);
  });

  it('traps when the host function waits', async () => {
    const { open } = await compileText(starting, { suspendingImports: new Set(['#h']) });
    expect(() => open({ h: () => Promise.resolve(1) })).toThrow(trapped);
  });

  it('fails with the cause when the host function does', async () => {
    const { open } = await compileText(starting);
    const cause = new Error('no');
    const h = (): never => {
      throw cause;
    };
    expect(() => open({ h })).toThrow(expect.objectContaining({ code: 'ERR_HOST_CALL_FAILED', cause }));
  });
});

describe('a host function', () => {
  it.each(['u32', '(result u32 (error u32))'])('that throws a HostError ends the guest, also with %s', async (type) => {
    const { open } = await compileText(`(component
      (import "h" (func $h (result ${type}))) (core module $memory (memory (export "memory") 1)) (core instance $memory (instantiate $memory))
      (core func $h (canon lower (func $h) (memory (core memory $memory "memory"))))
      (core module $m (import "h" "h" (func $h ${type === 'u32' ? '(result i32)' : '(param i32)'}))
        (func (export "f") ${type === 'u32' ? '(drop (call $h))' : '(call $h (i32.const 0))'}))
      (core instance $i (instantiate $m (with "h" (instance (export "h" (func $h))))))
      (func (export "f") (canon lift (core func $i "f"))))`);
    const cause = new HostError('ERR_CALL_ABORTED', 'The host is tired.');
    const { instance, call } = open({
      h: () => {
        throw cause;
      },
    });
    expect(() => call('f')).toThrow(expect.objectContaining({ code: 'ERR_HOST_CALL_FAILED', cause }));
    expect(instance.isPoisoned).toBe(true);
  });
});

async function echoes(type: ValueType, values: readonly unknown[]): Promise<void> {
  const { compiled } = await compileBytes(await echoComponent([{ name: 'echo', params: [type], result: type }]));
  const received: unknown[] = [];
  const echo = (value: unknown): unknown => {
    received.push(value);
    return value;
  };
  const instance = await compiled.instantiate(new Map([['subject', { [echoInterface]: { echo } }]]), {} as never);
  const { echo: call } = instance.exports[echoInterface] as Record<string, (value: unknown) => unknown>;
  for (const value of values) expect(call?.(value)).toEqual(value);
  expect(received).toEqual(values);
}

describe('options', () => {
  it('are tagged wherever their payload is an option, three deep too', async () => {
    const option = (some: ValueType): ValueType => ({ kind: 'option', some });
    await echoes(option(option(option({ kind: 'u8' }))), [
      { tag: 'none' },
      { tag: 'some', val: { tag: 'none' } },
      { tag: 'some', val: { tag: 'some', val: undefined } },
      { tag: 'some', val: { tag: 'some', val: 7 } },
    ]);
  });
});

describe('parameters that pass through memory', () => {
  it('may be lists of lists and texts', async () => {
    const list: ValueType = { kind: 'list', element: { kind: 'list', element: { kind: 'string' } } };
    await echoes({ kind: 'tuple', elements: Array.from({ length: 12 }, () => list) }, [
      Array.from({ length: 12 }, (_, index) => [[], ['', `text ${index}`], Array(index).fill('é')]),
    ]);
  });
});

/** Functions that give what their arguments say: pointers and lengths straight from the guest. */
async function pointing(encoding = 'utf8'): Promise<Opened> {
  const options = `(memory (core memory $i "memory")) string-encoding=${encoding}`;
  const { open } = await compileText(`(component
    (core module $m (memory (export "memory") 1)
      (func (export "pair") (param i32) (result i32) (local.get 0))
      (func (export "sequence") (param i32 i32) (result i32)
        (i32.store (i32.const 64) (local.get 0)) (i32.store (i32.const 68) (local.get 1)) (i32.const 64)))
    (core instance $i (instantiate $m))
    (func (export "pair") (param "p" u32) (result (tuple u32 u32)) (canon lift (core func $i "pair") ${options}))
    (func (export "text") (param "p" u32) (param "n" u32) (result string) (canon lift (core func $i "sequence") ${options}))
    (func (export "bytes") (param "p" u32) (param "n" u32) (result (list u8)) (canon lift (core func $i "sequence") ${options}))
    (func (export "numbers") (param "p" u32) (param "n" u32) (result (list u64)) (canon lift (core func $i "sequence") ${options}))
    (func (export "records") (param "p" u32) (param "n" u32) (result (list (tuple u32 char))) (canon lift (core func $i "sequence") ${options})))`);
  return open();
}

describe('pointers', () => {
  it('of a result may end with the memory, and not one byte later', async () => {
    expect((await pointing()).call('pair', 65_528)).toEqual([0, 0]);
    for (const pointer of [65_529, 65_530, 65_532, 65_536, 0xffff_fff8, 1, 2]) {
      const { call } = await pointing();
      expect(() => call('pair', pointer), String(pointer)).toThrow(trapped);
    }
  });

  it.each([
    ['bytes', 1],
    ['numbers', 8],
    ['records', 8],
    ['text', 1],
  ])('of %s that are none may be the end of the memory, and not beyond it', async (name, align) => {
    expect((await pointing()).call(name, 65_536, 0)).toHaveLength(0);
    for (const [pointer, length] of [
      [65_536 + align, 0],
      [65_536, 1],
      [0xffff_fff8, 0],
      [65_536 - align, 2],
    ] as const) {
      const { call } = await pointing();
      expect(() => call(name, pointer, length), `${pointer} ${length}`).toThrow(trapped);
    }
  });

  it.each(['numbers', 'records'])('of %s that are none must be aligned', async (name) => {
    const { call } = await pointing();
    expect(() => call(name, 65_534, 0)).toThrow(trapped);
  });

  it('of a result of the host must fit it to the byte', async () => {
    const { open } = await compileText(`(component
      (import "h" (func $h (result (tuple u32 u32))))
      (core module $memory (memory (export "memory") 1)) (core instance $memory (instantiate $memory))
      (core func $h (canon lower (func $h) (memory (core memory $memory "memory"))))
      (core module $m (import "h" "h" (func $h (param i32))) (func (export "f") (param i32) (call $h (local.get 0))))
      (core instance $i (instantiate $m (with "h" (instance (export "h" (func $h))))))
      (func (export "f") (param "p" u32) (canon lift (core func $i "f"))))`);
    expect(open({ h: () => [1, 2] }).call('f', 65_528)).toBeUndefined();
    for (const pointer of [65_529, 65_532, 65_536, 0xffff_fffc, 2]) {
      const { call } = open({ h: () => [1, 2] });
      expect(() => call('f', pointer), String(pointer)).toThrow(trapped);
    }
  });
});

describe('texts in latin1+utf16', () => {
  const tag = 0x8000_0000;

  it.each([
    [65_536, 0, ''],
    [65_536, tag, ''],
    [65_534, tag + 1, '\0'],
    [65_534, 2, '\0\0'],
  ])('at %i of tagged length %i are read', async (pointer, length, expected) => {
    expect((await pointing('latin1+utf16')).call('text', pointer, length)).toBe(expected);
  });

  it.each([
    [65_535, 0],
    [65_535, 1],
    [65_534, tag + 2],
    [65_534, 3],
    [0, tag - 1],
    [0, 0xffff_ffff],
    [65_538, tag],
  ])('at %i of tagged length %i trap', async (pointer, length) => {
    const { call } = await pointing('latin1+utf16');
    expect(() => call('text', pointer, length)).toThrow(trapped);
  });
});

class Thing {}

/** Does with handles what it is told. */
async function handling(): Promise<Opened> {
  const { open } = await compileText(`(component
    (import "lodge:test/things" (instance $things
      (export "thing" (type $thing (sub resource)))
      (export "make" (func (result (own $thing))))
      (export "look" (func (param "thing" (borrow $thing))))
      (export "take" (func (param "thing" (own $thing))))
      (export "both" (func (param "lent" (borrow $thing)) (param "given" (own $thing))))))
    (alias export $things "thing" (type $thing))
    (core func $make (canon lower (func $things "make"))) (core func $look (canon lower (func $things "look")))
    (core func $take (canon lower (func $things "take"))) (core func $both (canon lower (func $things "both")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "h" "make" (func $make (result i32))) (import "h" "look" (func $look (param i32))) (import "h" "take" (func $take (param i32)))
      (import "h" "both" (func $both (param i32 i32))) (import "h" "drop" (func $drop (param i32)))
      (func (export "look") (param i32) (call $look (local.get 0)))
      (func (export "take") (param i32) (call $take (local.get 0)))
      (func (export "drop") (param i32) (call $drop (local.get 0)))
      (func (export "make") (result i32) (call $make))
      (func (export "both") (param i32 i32) (call $both (local.get 0) (local.get 1)))
      (func (export "lent-look") (param i32) (call $look (local.get 0)) (call $drop (local.get 0)))
      (func (export "lent-take") (param i32) (call $take (local.get 0)))
      (func (export "lent-drop-twice") (param i32) (call $drop (local.get 0)) (call $drop (local.get 0)))
      (func (export "lent-give") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "look" (func $look))
      (export "take" (func $take)) (export "both" (func $both)) (export "drop" (func $drop))))))
    (func (export "make") (result u32) (canon lift (core func $i "make")))
    (func (export "look") (param "h" u32) (canon lift (core func $i "look")))
    (func (export "take") (param "h" u32) (canon lift (core func $i "take")))
    (func (export "drop") (param "h" u32) (canon lift (core func $i "drop")))
    (func (export "both") (param "a" u32) (param "b" u32) (canon lift (core func $i "both")))
    (func (export "give") (param "h" u32) (result (own $thing)) (canon lift (core func $i "lent-give")))
    (func (export "lent-look") (param "t" (borrow $thing)) (canon lift (core func $i "lent-look")))
    (func (export "lent-take") (param "t" (borrow $thing)) (canon lift (core func $i "lent-take")))
    (func (export "lent-drop-twice") (param "t" (borrow $thing)) (canon lift (core func $i "lent-drop-twice")))
    (func (export "lent-give") (param "t" (borrow $thing)) (result (own $thing)) (canon lift (core func $i "lent-give"))))`);
  return open({
    'lodge:test/things': { Thing, make: () => new Thing(), look: () => {}, take: () => {}, both: () => {} },
  });
}

describe('handles', () => {
  it.each(['look', 'take', 'drop', 'give'])('with the index 0 are none: %s', async (name) => {
    const { call } = await handling();
    call('make');
    expect(() => call(name, 0)).toThrow(trapped);
  });

  it.each([-1, 2 ** 31, 2 ** 32 - 1, 2])('with the index %i are none where one was made', async (index) => {
    for (const name of ['look', 'take', 'drop', 'give']) {
      const { call } = await handling();
      expect(call('make')).toBe(1);
      expect(() => call(name, index >>> 0), name).toThrow(trapped);
    }
  });

  it('that own may be lent', async () => {
    const { call } = await handling();
    expect(call('look', call('make'))).toBeUndefined();
  });

  it('that are lent may be lent on', async () => {
    const { call } = await handling();
    expect(call('lentLook', new Thing())).toBeUndefined();
  });

  it.each(['lentTake', 'lentGive', 'lentDropTwice'])('that are lent cannot be given away: %s', async (name) => {
    const { call } = await handling();
    expect(() => call(name, new Thing())).toThrow(trapped);
  });

  it('cannot be given away in the call that they are lent to', async () => {
    const { call } = await handling();
    const handle = call('make');
    expect(() => call('both', handle, handle)).toThrow(trapped);
  });

  it('may be lent and given away in one call when they are two', async () => {
    const { call } = await handling();
    expect(call('both', call('make'), call('make'))).toBeUndefined();
  });
});
