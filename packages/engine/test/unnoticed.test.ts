import { beforeEach, describe, expect, it } from 'vitest';
import { collectGarbage, compileText, leastStall, type Opened } from './start.js';

/** Milliseconds. A guest that spins has slices of a few; the rest is the machine's. */
const mostStall = 50;
const repeated = (count: number, text: string): string => Array.from({ length: count }, () => text).join(' ');
const times = (count: number, body: string): string => `(local.set $i (i32.const ${count}))
  (loop $times ${body} (br_if $times (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))`;
const around = (
  module: string,
  more = '',
): string => `(component (core module $m ${module}) (core instance $i (instantiate $m))
  ${more} (func (export "f") (canon lift (core func $i "f"))))`;

/** Calls that are charged for much more than they do, until the guest has as much fuel as there is. */
const inflate = `(func $cheap (param i32) (br_if 0 (local.get 0)) ${repeated(100, '(call $g)')})`;
const inflated = repeated(200, '(call $cheap (i32.const 1))');
/** Reads all over a memory of 128 MiB, once that has been written: V8 and the system give all that has not the same page. */
const slowRead = `(global.set $at (i32.and (i32.add (i32.mul (global.get $at) (i32.const 1103515245)) (i32.load (i32.and (global.get $at) (i32.const 0x7fffffc)))) (i32.const 0x7fffffc)))`;
const slowMemory = '(memory 2048) (global $at (mut i32) (i32.const 12345))';
const write = '(memory.fill (i32.const 0) (i32.const 1) (i32.const 0x8000000))';
/** Writes once to each page of 768 MiB, one after another that the processor does not expect. */
const touch = `(func $g ${repeated(100, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}`;
const touchAll = `(loop $page (i32.store (i32.mul (local.get $at) (i32.const 4096)) (i32.const 1))
  (br_if $page (local.tee $at (i32.rem_u (i32.add (local.get $at) (i32.const 70001)) (i32.const 196608)))))
  (loop $for-ever (br $for-ever))`;
const workers = Array.from({ length: 60 }, (_, index) => index);
/** Code that takes its time for what it weighs, after code that weighs much for its time. */
const changes: Readonly<Record<string, string>> = {
  'reads all over a memory': around(
    `${slowMemory} (func $g ${repeated(100, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}
     (func (export "f") (local $i i32) ${write} (loop $for-ever ${inflated} ${times(1_000_000, slowRead)} (br $for-ever)))`,
  ),
  'tens of thousands of calls that read so, in a row': around(
    `${slowMemory} (func $g ${repeated(20, slowRead)}) ${inflate} (func $row ${repeated(60_000, '(call $g)')})
     (func (export "f") ${write} (loop $l ${inflated} (call $row) (br $l)))`,
  ),
  'as many with some between them that are charged for': around(
    `${slowMemory} (func $g ${repeated(18, slowRead)}) (func $c ${repeated(70, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}
     (func $row ${repeated(200, `${repeated(400, '(call $g)')} (call $c)`)}) (func (export "f") ${write} (loop $l ${inflated} (call $row) (br $l)))`,
  ),
  'as many with some between them through a table': around(
    `(table 1 funcref) (elem (i32.const 0) $e) (func $e) ${slowMemory} (func $g ${repeated(18, slowRead)}) ${inflate}
     (func $row ${repeated(200, `${repeated(400, '(call $g)')} (call_indirect (i32.const 0))`)}) (func (export "f") ${write} (loop $l ${inflated} (call $row) (br $l)))`,
  ),
  'as many within the loop, with some between them that are charged for': around(
    `${slowMemory} (func $g ${repeated(18, slowRead)}) (func $c ${repeated(70, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}
     (func (export "f") ${write} (loop $l ${inflated} ${repeated(200, `${repeated(400, '(call $g)')} (call $c)`)} (br $l)))`,
  ),
  'hundreds of thousands of calls that read so, in a loop': around(
    `${slowMemory} (func $g ${slowRead}) ${inflate} (func (export "f") ${write} (loop $l ${inflated} ${repeated(200_000, '(call $g)')} (br $l)))`,
  ),
  'slow work in each of many core instances, one of which owes more fuel than it has': `(component
    (core module $owing (func $s ${repeated(40, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')})
      (func (export "f") (local $no i32) (loop $l ${repeated(9, '(br_if $l (local.get $no))')} ${repeated(100, '(call $s)')})))
    (core instance $owing (instantiate $owing))
    (core module $memory (memory (export "memory") 2048))
    (core instance $memory (instantiate $memory))
    (core module $worker (import "m" "memory" (memory 2048)) (global $at (mut i32) (i32.const 12345))
      (func $g ${repeated(50, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}
      (func (export "touch") ${repeated(9, '(call $cheap (i32.const 1))')})
      (func (export "work") (local $i i32) ${times(55_000, slowRead)}))
    ${workers.map((index) => `(core instance $w${index} (instantiate $worker (with "m" (instance $memory))))`).join(' ')}
    (core module $m (import "m" "memory" (memory 2048)) (import "o" "f" (func $owing))
      ${workers.map((index) => `(import "w${index}" "touch" (func $touch${index})) (import "w${index}" "work" (func $work${index}))`).join(' ')}
      (func $g ${repeated(50, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}
      (func (export "f") ${write} (call $owing)
        (loop $l ${inflated} ${workers.map((index) => `(call $touch${index})`).join(' ')} ${workers.map((index) => `(call $work${index})`).join(' ')} (br $l))))
    (core instance $i (instantiate $m (with "m" (instance $memory)) (with "o" (instance $owing))
      ${workers.map((index) => `(with "w${index}" (instance $w${index}))`).join(' ')}))
    (func (export "f") (canon lift (core func $i "f"))))`,
  'memory that is touched for the first time, there from the start': around(
    `(memory 12288) ${touch} (func (export "f") (local $i i32) (local $at i32)
      (loop $cheap ${inflated} (br_if $cheap (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000)))) ${touchAll})`,
  ),
  'memory that is touched for the first time, just asked for': around(
    `(memory 1) ${touch} (func (export "f") (local $i i32) (local $at i32)
      (loop $cheap ${inflated} (br_if $cheap (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 2000))))
      (drop (memory.grow (i32.const 12287))) ${touchAll})`,
  ),
  'segments that are dropped': around(
    `(memory 1) (data $d "x") (func $g ${repeated(100, '(drop (i32.div_u (i32.const 7) (i32.const 3)))')}) ${inflate}
     (func (export "f") (loop $l ${inflated} ${repeated(150_000, '(data.drop $d)')} (br $l)))`,
  ),
};

/** A hundred thousand calls, each of which weighs a little less than is charged for. */
const smallCalls = `(func $g (param i32) (result i32) ${repeated(
  90,
  '(local.set 0 (i32.div_u (i32.const -1) (i32.or (local.get 0) (i32.const 3))))',
)} (local.get 0))`;
const manySmallCalls = repeated(100_000, '(drop (call $g (i32.const 1)))');
const longFunctions: Readonly<Record<string, string>> = {
  'in each iteration of a loop': around(`${smallCalls} (func (export "f") (loop $l ${manySmallCalls} (br $l)))`),
  'in each iteration of an interpreter': around(
    `${smallCalls} (func (export "f") (local $no i32)
      (loop $l ${repeated(9, '(br_if $l (local.get $no))')} ${manySmallCalls} (br $l)))`,
  ),
  'in a row': around(`${smallCalls} (func $row ${manySmallCalls}) (func (export "f") (loop $l (call $row) (br $l)))`),
  'in arms that are taken, after others that are not': around(
    `${smallCalls} (func $row (local $no i32)
      ${repeated(500, `(if (local.get $no) (then ${repeated(20, '(drop (call $g (i32.const 1)))')}) (else ${repeated(180, '(drop (call $g (i32.const 1)))')}))`)})
     (func (export "f") (loop $l (call $row) (br $l)))`,
  ),
};

/** Ways to run for ever between what is counted. */
const attempts: Readonly<Record<string, string>> = {
  'a loop that an exception repeats': around(
    '(tag $e) (func (export "f") (loop $l (try_table (catch_all $l) (throw $e))))',
  ),
  'a loop that the exception of another function repeats': around(
    '(tag $e) (func $g (throw $e)) (func (export "f") (loop $l (try_table (catch_all $l) (call $g))))',
  ),
  'a loop that a table of branches repeats': around('(func (export "f") (loop $l (br_table $l $l (i32.const 0))))'),
  'two loops that one table of branches repeats': around(
    '(func (export "f") (loop $outer (loop $inner (br_table $inner $outer $inner (i32.const 0)))))',
  ),
  'a loop that an empty reference repeats': around(
    '(func (export "f") (loop $l (br_on_null $l (ref.null func)) (drop)))',
  ),
  'a loop with parameters': around('(func (export "f") (i32.const 1) (loop $l (param i32) (br $l)))'),
  'a loop that is repeated from inside of another one': around(
    '(func (export "f") (loop $outer (loop $inner (br_if $inner (i32.const 0)) (br $outer))))',
  ),
  'a loop with many branches back around one that is never repeated': around(
    `(func $g (param i32) (result i32) ${repeated(40, '(local.set 0 (i32.div_u (local.get 0) (i32.const 3)))')} (local.get 0))
     (func (export "f") (local $no i32)
      (loop $outer ${repeated(9, '(br_if $outer (local.get $no))')}
        (loop $inner (drop (call $g (i32.const -1))) (br_if $inner (local.get $no))) (br $outer)))`,
  ),
  'a loop with many branches back whose inner loop a table repeats': around(
    `(func (export "f") (local $no i32)
      (loop $outer ${repeated(9, '(br_if $outer (local.get $no))')}
        (loop $inner (br_table $inner $outer $inner (local.get $no)))))`,
  ),
  'a small loop with many branches back': around(
    `(func (export "f") (local $no i32) (loop $l ${repeated(9, '(br_if $l (local.get $no))')} (br $l)))`,
  ),
  'thousands of branches that are not taken': around(
    `(func (export "f") (local $no i32) (loop $l ${repeated(30_000, '(br_if $l (local.get $no))')} (br $l)))`,
  ),
  'thousands of calls in each iteration': around(
    `(func $g (param i32) (result i32) ${repeated(40, '(local.set 0 (i32.div_u (local.get 0) (i32.const 3)))')} (local.get 0))
     (func (export "f") (loop $l ${repeated(20_000, '(drop (call $g (i32.const -1)))')} (br $l)))`,
  ),
  'short loops in a tower of calls': around(
    `(func $f0 (local $i i32) ${times(20, '')})
     ${Array.from({ length: 6 }, (_, floor) => `(func $f${floor + 1} ${repeated(60, `(call $f${floor})`)})`).join(' ')}
     (func (export "f") (call $f6))`,
  ),
  'short loops below a call through a table': around(
    `(table $t 1 funcref) (elem (i32.const 0) $short)
     (func $short (local $i i32) ${times(20, '')})
     (func $g ${repeated(200, '(call_indirect $t (i32.const 0))')})
     (func $h ${repeated(200, '(call $g)')}) (func $k ${repeated(200, '(call $h)')}) (func $l ${repeated(200, '(call $k)')})
     (func (export "f") (call $l))`,
  ),
  'recursion that branches out': around(
    `(func $r (param $n i32) (if (local.get $n) (then ${repeated(8, '(call $r (i32.sub (local.get $n) (i32.const 1)))')})))
     (func (export "f") (call $r (i32.const 40)))`,
  ),
  'small loops that end before they are looked at': around(
    `(func $f0 (local $i i32) ${repeated(200, times(3, '(drop (i32.div_u (i32.const 7) (local.get $i)))'))})
     ${Array.from({ length: 4 }, (_, floor) => `(func $f${floor + 1} ${repeated(60, `(call $f${floor})`)})`).join(' ')}
     (func (export "f") (call $f4))`,
  ),
  'a small loop that is repeated by way of a function so small that V8 inlines it': around(
    `(func $true (result i32) (i32.const 1)) (func (export "f") (loop $l (br_if $l (call $true))))`,
  ),
  divisions: around(
    `(func (export "f") (local $x i64) (loop $l ${repeated(
      500,
      '(local.set $x (i64.div_u (i64.const -1) (i64.or (local.get $x) (i64.const 3))))',
    )} (br $l)))`,
  ),
  'thousands of calls in a row that take their time': around(
    `(func $g (param i32) (result i32) ${repeated(200, '(local.set 0 (i32.div_u (local.get 0) (i32.const 3)))')} (local.get 0))
     (func (export "f") (loop $l ${repeated(20_000, '(drop (call $g (i32.const 1)))')} (br $l)))`,
  ),
  'growth by nothing, in a row': around(
    `(memory 1) (func (export "f") (loop $l ${repeated(20_000, '(drop (memory.grow (i32.const 0)))')} (br $l)))`,
  ),
  'growth by nothing': around('(memory 1) (func (export "f") (loop $l (drop (memory.grow (i32.const 0))) (br $l)))'),
  'memory that is touched for the first time, and again all over the place': around(
    `(memory 1) (func (export "f") (local $at i32) (drop (memory.grow (i32.const 8192)))
      (loop $l
        (i32.store (i32.and (local.get $at) (i32.const 0x1fffffc)) (i32.load (i32.and (i32.mul (local.get $at) (i32.const 1103515245)) (i32.const 0x1ffffffc))))
        (local.set $at (i32.add (local.get $at) (i32.const 4096))) (br $l)))`,
  ),
  'fills of a table': around(
    '(table $t 900000 funcref) (func (export "f") (loop $l (table.fill $t (i32.const 0) (ref.null func) (i32.const 900000)) (br $l)))',
  ),
  'a change of ways after cheap calls': around(
    `(memory 1) (func $r (param $n i32) (if (local.get $n) (then (call $r (i32.sub (local.get $n) (i32.const 1))) (call $r (i32.sub (local.get $n) (i32.const 1))))))
     (func (export "f") (local $i i32) (local $at i32) (drop (memory.grow (i32.const 4096)))
      (memory.fill (i32.const 0) (i32.const 0) (i32.const 0x10000000))
      (loop $for-ever (call $r (i32.const 20)) ${times(
        3_000_000,
        `(local.set $at (i32.and (i32.add (i32.mul (local.get $at) (i32.const 1103515245)) (i32.const 12345)) (i32.const 0xffffffc)))
         (local.set $at (i32.add (local.get $at) (i32.load (local.get $at))))`,
      )} (br $for-ever)))`,
  ),
  'a little in each of many core instances': `(component
    (core module $end (func (export "f")))
    (core module $m (import "next" "f" (func $next)) (func (export "f") (local $i i32) ${times(400_000, '')} (call $next) ${times(400_000, '')}))
    (core instance $i0 (instantiate $end))
    ${Array.from({ length: 300 }, (_, index) => `(core instance $i${index + 1} (instantiate $m (with "next" (instance $i${index}))))`).join('\n')}
    (core module $last (import "next" "f" (func $next)) (func (export "f") (loop $l (call $next) (br $l))))
    (core instance $last (instantiate $last (with "next" (instance $i300))))
    (func (export "f") (canon lift (core func $last "f"))))`,
};

describe('a guest that may be interrupted does not go unnoticed', () => {
  beforeEach(collectGarbage);

  it.each(Object.keys(attempts))('with %s', async (name) => {
    const { open } = await compileText(attempts[name] ?? '', { isInterruptible: true });
    expect(await leastStall(() => endedWhileItRuns(open()))).toBeLessThan(mostStall);
  });

  it.each(Object.keys(longFunctions))(
    'with a hundred thousand calls %s, none of them worth a charge of its own',
    async (name) => {
      const { open } = await compileText(longFunctions[name] ?? '', { isInterruptible: true });
      expect(await leastStall(() => endedWhileItRuns(open()))).toBeLessThan(mostStall / 4);
    },
  );

  it.each(Object.keys(changes))('with %s, after cheap calls', async (name) => {
    const { open } = await compileText(changes[name] ?? '', { isInterruptible: true });
    expect(await leastStall(() => endedWhileItRuns(open(), 600))).toBeLessThan(mostStall);
  });

  it('with calls that keep the host busy', async () => {
    const { open } = await compileText(
      `(component
        (import "h" (func $h (param "bytes" (list u8))))
        (core module $memory (memory (export "memory") 1000))
        (core instance $memory (instantiate $memory))
        (core func $h (canon lower (func $h) (memory (core memory $memory "memory"))))
        (core module $m (import "h" "h" (func $h (param i32 i32)))
          (func (export "f") (loop $l (call $h (i32.const 0) (i32.const 16000000)) (br $l))))
        (core instance $i (instantiate $m (with "h" (instance (export "h" (func $h))))))
        (func (export "f") (canon lift (core func $i "f"))))`,
      { isInterruptible: true },
    );
    expect(await leastStall(() => endedWhileItRuns(open({ h: () => undefined })))).toBeLessThan(2 * mostStall);
  });
});

/** @param ms after how many it is ended */
async function endedWhileItRuns({ instance, call }: Opened, ms = 100): Promise<void> {
  const reason = new Error('deadline');
  setTimeout(() => instance.interrupt(reason), ms);
  await expect(call('f')).rejects.toBe(reason);
  instance.dispose();
}
