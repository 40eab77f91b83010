import assert from 'node:assert/strict';
import { HostError } from '@lodge/core';
import { fixture, fixtureNames, watComponent } from '@lodge-internal/fixtures';
import { Random } from './random-types.js';
import { type Bench, expectHostError, nextTurn, type Suite } from './suite.js';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

const inputs: readonly { readonly what: string; readonly bytes: () => Promise<Uint8Array>; readonly says: RegExp }[] = [
  { what: 'no bytes', bytes: async () => new Uint8Array(), says: /empty/i },
  { what: 'text', bytes: async () => text('just some text, not a component\n'), says: /text/i },
  { what: 'the text format', bytes: async () => text('(component (core module))'), says: /text/i },
  { what: 'a core module', bytes: () => watComponent('(module (func))'), says: /core/i },
  {
    what: 'an image',
    bytes: async () => Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13),
    says: /./,
  },
  {
    what: 'a header alone, cut short',
    bytes: async () => (await fixture('lean')).subarray(0, 6),
    says: /truncated|cut|short|incomplete|ends/i,
  },
  { what: 'a component cut in the middle', bytes: async () => halfOf(await fixture('lean')), says: /./ },
];

/** Input that is no component, or a damaged one. */
export function testBadInput(suite: Suite): void {
  suite.describe('bad input', () => {
    for (const { what, bytes, says } of inputs) {
      suite.test(`${what} is refused with what it is`, async ({ engine }) => {
        const input = await bytes();
        const error = await expectHostError(() => engine.inspect(input), 'ERR_COMPONENT_INVALID');
        assert.match(error.message, says);
        assert.match(error.message, /component/i);
        const again = await expectHostError(
          () => engine.compile(input, { name: 'bad', suspendingImports: new Set() }),
          'ERR_COMPONENT_INVALID',
        );
        assert.match(again.message, says);
      });
    }

    suite.test('a component with an invalid core module is refused by compile', async ({ engine }) => {
      const bytes = (await watComponent('(component (core module (func (result i32) i32.const 7)))')).slice();
      // `i32.const` becomes `drop`, which has nothing to drop.
      bytes[bytes.lastIndexOf(0x41)] = 0x1a;
      await expectHostError(
        () => engine.compile(bytes, { name: 'bad', suspendingImports: new Set() }),
        'ERR_COMPONENT_INVALID',
      );
    });

    suite.test('names that look like code stay names', async (bench) => {
      // Whoever pastes a name into JavaScript text runs this.
      const code = `'];globalThis.lodgeWasHere=1;['`;
      const bytes = await watComponent(`(component
        (core module $a (func (export "${code}") (result i32) i32.const 42))
        (core instance $a (instantiate $a))
        (core module $b (import "a" "${code}" (func $f (result i32))) (func (export "g") (result i32) (call $f)))
        (core instance $b (instantiate $b (with "a" (instance $a))))
        (func (export "answer") (result u32) (canon lift (core func $b "g"))))`);
      try {
        const started = await bench.start(bytes);
        assert.equal(await started.exportedFunction('answer')(), 42);
      } catch (error) {
        assert(HostError.is(error, 'ERR_COMPONENT_UNSUPPORTED'), String(error));
      }
      assert.equal('lodgeWasHere' in globalThis, false);
    });

    suite.test('WIT names that are words of JavaScript are names', async (bench) => {
      const names = [
        'class',
        'constructor',
        'then',
        'default',
        'await',
        'delete',
        'arguments',
        'to-string',
        'new',
        'eval',
      ];
      const bytes = await watComponent(`(component
        (core module $m ${names.map((name, index) => `(func (export "${name}") (result i32) i32.const ${index})`).join(' ')})
        (core instance $m (instantiate $m))
        ${names.map((name) => `(func $${name} (result u32) (canon lift (core func $m "${name}")))`).join(' ')}
        (instance $i ${names.map((name) => `(export "${name}" (func $${name}))`).join(' ')})
        (export "lodge:fixture/words" (instance $i)))`);
      const { instance } = await bench.start(bytes);
      const words = instance.exports['lodge:fixture/words'];
      assert(typeof words === 'object');
      for (const [index, name] of names.entries()) {
        const member = name === 'to-string' ? 'toString' : name;
        assert(Object.hasOwn(words, member), `there is no ${member}`);
        assert.equal(await words[member]?.(), index);
      }
    });

    suite.test('an aborted signal ends inspect and compile', async ({ engine }) => {
      const signal = AbortSignal.abort();
      const bytes = await fixture('lean');
      await expectHostError(() => engine.inspect(bytes, { signal }), 'ERR_CALL_ABORTED');
      await expectHostError(
        () => engine.compile(bytes, { signal, name: 'a', suspendingImports: new Set() }),
        'ERR_CALL_ABORTED',
      );
    });

    suite.test('components changed at random are read or refused, and never stall the event loop', async (bench) => {
      await tryMutations(bench, suite.options.mutations ?? 300);
    });
  });
}

/** Longer than this the event loop must not stand still for one component, in milliseconds. */
const maxStall = 50;

async function tryMutations(bench: Bench, count: number): Promise<void> {
  const random = new Random(4711);
  const originals = await Promise.all(fixtureNames.map((name) => fixture(name)));
  await stallOf(bench, random.pick(originals));
  const outcomes = { accepted: 0, refused: 0 };
  for (let index = 0; index < count; index++) {
    const bytes = mutate(random, random.pick(originals), random.pick(originals));
    let { stall, isAccepted } = await stallOf(bench, bytes);
    // A busy machine stalls too: only what is slow again and again is slow.
    for (let retry = 0; retry < 3 && stall > maxStall; retry++) ({ stall, isAccepted } = await stallOf(bench, bytes));
    assert(stall <= maxStall, `mutation ${index} stalls the event loop for ${Math.round(stall)} ms`);
    outcomes[isAccepted ? 'accepted' : 'refused']++;
  }
  assert(outcomes.refused > 0 && outcomes.accepted > 0, `nothing was tried: ${JSON.stringify(outcomes)}`);
}

/** Inspects and compiles, and measures the longest time the event loop stood still, in milliseconds. */
async function stallOf({ engine }: Bench, bytes: Uint8Array): Promise<{ stall: number; isAccepted: boolean }> {
  let stall = 0;
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    stall = Math.max(stall, now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  let isAccepted = true;
  try {
    await engine.inspect(bytes);
    const compiled = await engine.compile(bytes, { name: 'mutated', suspendingImports: new Set() });
    compiled.dispose();
  } catch (error) {
    const isExpected = HostError.is(error, 'ERR_COMPONENT_INVALID') || HostError.is(error, 'ERR_COMPONENT_UNSUPPORTED');
    assert(isExpected, `not a HostError for bad bytes: ${error instanceof Error ? error.stack : String(error)}`);
    isAccepted = false;
  } finally {
    await nextTurn();
    clearInterval(timer);
    tick();
  }
  return { stall, isAccepted };
}

/** Changes bytes, cuts, repeats or exchanges pieces, or puts a piece of another component in. */
function mutate(random: Random, original: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = original.slice();
  const place = (): number => 8 + random.below(bytes.length - 8);
  switch (random.below(6)) {
    case 0:
    case 1: {
      for (let count = 1 + random.below(4); count > 0; count--) bytes[place()] = random.below(256);
      return bytes;
    }
    case 2:
      return bytes.subarray(0, place());
    case 3: {
      const at = place();
      return concatenate(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(16)));
    }
    case 4: {
      const [start = 8, end = 8] = random.pick(sectionsOf(original));
      const at = random.pick(sectionsOf(original))[0];
      return concatenate(bytes.subarray(0, at), bytes.subarray(start, end), bytes.subarray(at));
    }
    default: {
      const [start, end] = random.pick(sectionsOf(other));
      const at = random.pick(sectionsOf(original))[0];
      return concatenate(bytes.subarray(0, at), other.subarray(start, end), bytes.subarray(at));
    }
  }
}

/** Where each section begins and ends. */
function sectionsOf(bytes: Uint8Array): [number, number][] {
  const sections: [number, number][] = [];
  let at = 8;
  while (at < bytes.length) {
    const start = at++;
    let size = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    at += size;
    sections.push([start, at]);
  }
  return sections;
}

function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function halfOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, Math.trunc(bytes.length / 2));
}
