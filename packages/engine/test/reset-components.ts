/** One component whose lives are compared. */
export interface ResetComponent {
  readonly name: string;
  readonly text: string;
  /** Whether its graphs are used again after a life that ended well. */
  readonly isRecycled: boolean;
  readonly suspending?: readonly string[];
  /** Functions that tell whether memory beyond its size is there: that is all that a life on memory which has grown may see. */
  readonly beyond?: readonly string[];
  /** A function that grows the memory; unset: there is none. */
  readonly grow?: string;
}

/** A core module with one page of memory, lifted: each function takes and gives numbers; `bytes` shows the whole memory. */
function lifted(core: string, functions: Readonly<Record<string, number>>, around = '', instantiation = ''): string {
  const exports = Object.entries(functions).map(([name, count]) => {
    const params = Array.from({ length: count }, (_, index) => `(param "p${index}" u32)`).join(' ');
    return `(func (export "${name}") ${params} (result u32) (canon lift (core func $i "${name}")))`;
  });
  return `(component
    ${around}
    (core module $m ${core})
    (core instance $i (instantiate $m ${instantiation}))
    ${exports.join('\n')}
    ${showBytes('$i')})`;
}

/** The lift of `bytes`, which a core module with {@link bytes} in it has. */
function showBytes(instance: string): string {
  return `(func (export "bytes") (result (list u8))
    (canon lift (core func ${instance} "bytes") (memory (core memory ${instance} "memory"))))`;
}

/** Answers the memory as a list: its pointer and its length are written to the last eight bytes of the first page, and taken off again. */
const bytes = `
  (func (export "bytes") (result i32)
    (i32.store (i32.const 65528) (i32.const 0))
    (i32.store (i32.const 65532) (i32.const 65528))
    (i32.const 65528))`;

/** Writes and reads anywhere, so that no place of the memory is forgotten. */
const peekAndPoke = `
  (func (export "poke") (param i32 i32) (result i32) (local $at i32)
    (local.set $at (i32.rem_u (local.get 0) (i32.const 65500)))
    (i32.store (local.get $at) (local.get 1)) (local.get $at))
  (func (export "peek") (param i32) (result i32) (i32.load (i32.rem_u (local.get 0) (i32.const 65500))))
  (func (export "fill") (param i32 i32) (result i32)
    (memory.fill (i32.rem_u (local.get 0) (i32.const 30000)) (local.get 1) (i32.rem_u (local.get 1) (i32.const 30000)))
    (i32.const 0))`;
const memoryFunctions = { poke: 2, peek: 1, fill: 2 };

/** Grows the memory, and looks for what is left at its end; nothing of that is in the first page. */
const growAndWrite = `
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "write") (param i32) (result i32) (local $at i32)
    (if (i32.eq (memory.size) (i32.const 1)) (then (return (i32.const 0))))
    (local.set $at (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 16)))
    (i32.load (local.get $at))
    (i32.store (local.get $at) (local.get 0)))`;
const growFunctions = { grow: 0, write: 1 };

const globals = lifted(
  `(memory (export "memory") 1) (data (i32.const 4090) "across a block") (data (i32.const 40000) "far") ${bytes} ${peekAndPoke}
  (global $i (mut i32) (i32.const -7)) (global $l (mut i64) (i64.const 0x123456789abcdef0))
  (global $f (mut f32) (f32.const 1.5)) (global $d (mut f64) (f64.const -2.25))
  (global $v (mut v128) (v128.const i32x4 1 2 3 4)) (global $r (mut funcref) (ref.func $one)) (global $e (mut externref) (ref.null extern))
  (global $c i32 (i32.const 99)) (global $j (mut i32) (global.get $c))
  (table $t 1 funcref) (elem declare func $one $two)
  (func $one (result i32) (i32.const 1)) (func $two (result i32) (i32.const 2))
  (func (export "add") (param i32) (result i32)
    (global.set $i (i32.add (global.get $i) (local.get 0)))
    (global.set $l (i64.mul (global.get $l) (i64.extend_i32_u (local.get 0))))
    (global.set $f (f32.add (global.get $f) (f32.convert_i32_u (i32.and (local.get 0) (i32.const 255)))))
    (global.set $d (f64.mul (global.get $d) (f64.const 3)))
    (global.set $v (i32x4.add (global.get $v) (i32x4.splat (local.get 0))))
    (global.set $j (i32.xor (global.get $j) (local.get 0)))
    (if (i32.and (local.get 0) (i32.const 1)) (then (global.set $r (ref.func $two))) (else (global.set $r (ref.null func))))
    (global.get $i))
  (func (export "read") (result i32)
    (i32.add (i32.add (i32.wrap_i64 (i64.xor (global.get $l) (i64.shr_u (global.get $l) (i64.const 32)))) (i32.reinterpret_f32 (global.get $f)))
      (i32.add (i32.wrap_i64 (i64.shr_u (i64.reinterpret_f64 (global.get $d)) (i64.const 32)))
        (i32.add (i32x4.extract_lane 3 (global.get $v)) (i32.add (global.get $j)
          (i32.add (ref.is_null (global.get $r)) (ref.is_null (global.get $e))))))))`,
  { ...memoryFunctions, add: 1, read: 0 },
);

const readOnlyTable = lifted(
  `(memory (export "memory") 1) ${bytes} ${peekAndPoke}
  (type $op (func (param i32) (result i32))) (table $t 3 funcref) (elem (i32.const 0) $double $count) (data $passive "passive text")
  (global $n (mut i32) (i32.const 0))
  (func $double (type $op) (i32.shl (local.get 0) (i32.const 1)))
  (func $count (type $op) (global.set $n (i32.add (global.get $n) (local.get 0))) (global.get $n))
  (func (export "dispatch") (param i32 i32) (result i32)
    (call_indirect $t (type $op) (local.get 1) (i32.rem_u (local.get 0) (i32.const 3))))
  (func (export "init") (param i32) (result i32)
    (memory.init $passive (i32.rem_u (local.get 0) (i32.const 60000)) (i32.const 0) (i32.const 12)) (i32.const 12))`,
  { ...memoryFunctions, dispatch: 2, init: 1 },
);

const changingTable = lifted(
  `(memory (export "memory") 1) ${bytes}
  (type $op (func (result i32))) (table $t 4 20 funcref) (elem $e func $a $b $a $b) (elem (i32.const 0) $a $b)
  (func $a (type $op) (i32.const 10)) (func $b (type $op) (i32.const 20))
  (func (export "call") (param i32) (result i32) (call_indirect $t (type $op) (i32.rem_u (local.get 0) (i32.const 5))))
  (func (export "set") (param i32) (result i32) (table.set $t (i32.rem_u (local.get 0) (i32.const 4)) (ref.func $b)) (i32.const 0))
  (func (export "grow") (param i32) (result i32) (table.grow $t (ref.null func) (i32.rem_u (local.get 0) (i32.const 3))))
  (func (export "size") (result i32) (table.size $t))
  (func (export "init") (param i32) (result i32) (table.init $t $e (i32.const 1) (i32.const 0) (i32.rem_u (local.get 0) (i32.const 4))) (i32.const 0))
  (func (export "drop") (result i32) (elem.drop $e) (i32.const 0))`,
  { call: 1, set: 1, grow: 1, size: 0, init: 1, drop: 0 },
);

const droppedData = lifted(
  `(memory (export "memory") 1) ${bytes} ${peekAndPoke} (data $d "dropped once")
  (func (export "init") (param i32) (result i32)
    (memory.init $d (i32.rem_u (local.get 0) (i32.const 60000)) (i32.const 0) (i32.const 12)) (i32.const 1))
  (func (export "drop") (result i32) (data.drop $d) (i32.const 0))`,
  { ...memoryFunctions, init: 1, drop: 0 },
);

const growing = lifted(
  `(memory (export "memory") 1 6) (memory $second 1 3) ${bytes} ${peekAndPoke}
  (data (memory $second) (i32.const 100) "second memory")
  (func (export "grow") (result i32) (memory.grow (i32.const 1)))
  (func (export "grow-second") (result i32) (memory.grow $second (i32.const 1)))
  (func (export "grow-nothing") (result i32) (memory.grow (i32.const 0)))
  (func (export "size") (result i32) (i32.add (i32.mul (memory.size) (i32.const 10)) (memory.size $second)))
  (func (export "beyond") (param i32) (result i32) (i32.store (i32.const 65536) (local.get 0)) (i32.load (i32.const 65536)))
  (func (export "poke-second") (param i32 i32) (result i32)
    (i32.store $second (i32.and (local.get 0) (i32.const 0xfff0)) (local.get 1)) (i32.const 0))
  (func (export "peek-second") (param i32) (result i32) (i32.load $second (i32.and (local.get 0) (i32.const 0xfff0))))`,
  {
    ...memoryFunctions,
    grow: 0,
    'grow-second': 0,
    'grow-nothing': 0,
    size: 0,
    beyond: 1,
    'poke-second': 2,
    'peek-second': 1,
  },
);

/** A memory, a module that imports it and passes it on beside one of its own, and one that gets it from there; both importers ask for sizes as they start. */
const sharedGrowth = `(component
  (core module $owner (memory (export "memory") 1 5) ${bytes} ${peekAndPoke}
    (func (export "grow") (result i32) (memory.grow (i32.const 1))))
  (core module $adapter
    (import "o" "memory" (memory $m 1)) (memory $own 1 3) (export "passed-on" (memory $m))
    (global $seen (mut i32) (i32.const 0))
    (func $start (global.set $seen (i32.add (memory.size $m) (memory.grow $own (i32.const 1)))))
    (start $start)
    (func (export "seen") (result i32) (global.get $seen))
    (func (export "grow") (param i32) (result i32)
      (i32.add (memory.grow $m (i32.rem_u (local.get 0) (i32.const 3))) (i32.mul (i32.const 100) (memory.grow $own (i32.and (local.get 0) (i32.const 1))))))
    (func (export "size") (result i32) (i32.add (memory.size $m) (i32.mul (i32.const 100) (memory.size $own)))))
  (core module $last
    (import "a" "passed-on" (memory 1))
    ${growAndWrite})
  (core instance $i (instantiate $owner))
  (core instance $a (instantiate $adapter (with "o" (instance $i))))
  (core instance $l (instantiate $last (with "a" (instance $a))))
  (func (export "grow-main") (result u32) (canon lift (core func $i "grow")))
  (func (export "grow-adapter") (param "p" u32) (result u32) (canon lift (core func $a "grow")))
  (func (export "grow-last") (result u32) (canon lift (core func $l "grow")))
  (func (export "seen") (result u32) (canon lift (core func $a "seen")))
  (func (export "size") (result u32) (canon lift (core func $a "size")))
  (func (export "write") (param "p" u32) (result u32) (canon lift (core func $l "write")))
  (func (export "poke") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "poke")))
  (func (export "fill") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "fill")))
  ${showBytes('$i')})`;

/** Three core instances of two modules, which share a memory, a table and a mutable global. */
const shared = `(component
  (core module $owner
    (memory (export "memory") 1) (global (export "shared") (mut i32) (i32.const 1)) (table (export "table") 2 funcref)
    (global $own (mut i64) (i64.const 5)) (elem (i32.const 0) $f)
    (func $f (result i32) (global.set $own (i64.add (global.get $own) (i64.const 1))) (i32.wrap_i64 (global.get $own)))
    ${bytes} ${peekAndPoke})
  (core module $user
    (import "o" "memory" (memory 1)) (import "o" "shared" (global $s (mut i32))) (import "o" "table" (table $t 2 funcref))
    (global $mine (mut i32) (i32.const 40))
    (func (export "bump") (param i32) (result i32)
      (global.set $s (i32.add (global.get $s) (local.get 0))) (global.set $mine (i32.add (global.get $mine) (i32.const 1)))
      (i32.store (i32.const 512) (global.get $s)) (i32.add (global.get $s) (global.get $mine)))
    (func (export "indirect") (result i32) (call_indirect $t (result i32) (i32.const 0))))
  (core instance $i (instantiate $owner))
  (core instance $a (instantiate $user (with "o" (instance $i))))
  (core instance $b (instantiate $user (with "o" (instance $i))))
  (func (export "bump-a") (param "p" u32) (result u32) (canon lift (core func $a "bump")))
  (func (export "bump-b") (param "p" u32) (result u32) (canon lift (core func $b "bump")))
  (func (export "indirect") (result u32) (canon lift (core func $b "indirect")))
  (func (export "poke") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "poke")))
  (func (export "peek") (param "a" u32) (result u32) (canon lift (core func $i "peek")))
  ${showBytes('$i')})`;

const starting = lifted(
  `(memory (export "memory") 1) ${bytes} ${peekAndPoke} (global $g (mut i32) (i32.const 0))
  (func $start (local $i i32)
    (loop $l
      (i32.store (i32.mul (local.get $i) (i32.const 4)) (i32.mul (local.get $i) (local.get $i)))
      (global.set $g (i32.add (global.get $g) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 3000)))))
  (start $start)
  (func (export "count") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))`,
  { ...memoryFunctions, count: 0 },
);

const hostImports = `
  (import "note" (func $note (param "p" u32) (result u32)))
  (import "wait" (func $wait (param "p" u32) (result u32)))
  (core func $note (canon lower (func $note)))
  (core func $wait (canon lower (func $wait)))
  (core instance $host (export "note" (func $note)) (export "wait" (func $wait)))`;
const withHost = '(with "host" (instance $host))';
const importsHost = `
  (import "host" "note" (func $note (param i32) (result i32))) (import "host" "wait" (func $wait (param i32) (result i32)))`;

const startCallsOut = lifted(
  `${importsHost} (memory (export "memory") 1) ${bytes} ${peekAndPoke} (global $g (mut i32) (i32.const 0))
  (func $start (global.set $g (call $note (i32.const 3)))) (start $start)
  (func (export "count") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g))`,
  { ...memoryFunctions, count: 0 },
  hostImports,
  withHost,
);

const callingOut = lifted(
  `${importsHost} (memory (export "memory") 1 9) ${bytes} ${peekAndPoke} ${growAndWrite} (global $g (mut i32) (i32.const 8))
  (func (export "note") (param i32) (result i32) (global.set $g (i32.add (global.get $g) (call $note (local.get 0)))) (global.get $g))
  (func (export "wait") (param i32) (result i32)
    (i32.store (i32.const 16) (local.get 0))
    (i32.store (i32.const 20) (call $wait (local.get 0)))
    (global.set $g (i32.add (global.get $g) (i32.load (i32.const 20)))) (global.get $g))`,
  { ...memoryFunctions, ...growFunctions, note: 1, wait: 1 },
  hostImports,
  withHost,
);

const failing = lifted(
  `(memory (export "memory") 1 9) ${bytes} ${peekAndPoke} ${growAndWrite} (global $g (mut i32) (i32.const 0)) (tag $t (param i32))
  (func (export "divide") (param i32 i32) (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.div_u (local.get 0) (i32.rem_u (local.get 1) (i32.const 16))))
  (func $deep (param i32) (result i32) (if (result i32) (local.get 0) (then (i32.add (i32.const 1) (call $deep (i32.sub (local.get 0) (i32.const 1))))) (else (i32.const 0))))
  (func (export "deep") (param i32) (result i32) (call $deep (i32.and (local.get 0) (i32.const 0x1ff))))
  (func (export "outside") (param i32) (result i32) (i32.load (i32.or (local.get 0) (i32.const 0xf))))
  (func (export "catch") (param i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $t $caught)
        (if (i32.and (local.get 0) (i32.const 1)) (then (throw $t (local.get 0))))
        (i32.const 5))))
  (func (export "throw") (param i32) (result i32)
    (if (i32.eqz (i32.and (local.get 0) (i32.const 7))) (then (throw $t (i32.const 1)))) (global.get $g))`,
  { ...memoryFunctions, ...growFunctions, divide: 2, deep: 1, outside: 1, catch: 1, throw: 1 },
);

/** Handles of resources of the host, by their index. */
const hostHandles = `(component
  (import "lodge:test/things" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "[constructor]thing" (func (param "p" u32) (result (own $thing))))
    (export "[method]thing.read" (func (param "self" (borrow $thing)) (result u32)))
    (export "take" (func (param "thing" (own $thing)) (result u32)))
    (export "try-make" (func (param "p" u32) (result (result (own $thing) (error u32)))))))
  (alias export $things "thing" (type $thing))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $make (canon lower (func $things "[constructor]thing")))
  (core func $read (canon lower (func $things "[method]thing.read")))
  (core func $take (canon lower (func $things "take")))
  (core func $try-make (canon lower (func $things "try-make") (memory (core memory $memory "memory"))))
  (core func $drop (canon resource.drop $thing))
  (core module $m
    (import "h" "memory" (memory 1)) (export "memory" (memory 0))
    (import "h" "make" (func $make (param i32) (result i32))) (import "h" "read" (func $read (param i32) (result i32)))
    (import "h" "take" (func $take (param i32) (result i32))) (import "h" "drop" (func $drop (param i32)))
    (import "h" "try-make" (func $try-make (param i32 i32)))
    (global $last (mut i32) (i32.const 0))
    ${bytes}
    (func $pick (param i32) (result i32) (i32.sub (global.get $last) (i32.rem_u (local.get 0) (i32.const 3))))
    (func (export "make") (param i32) (result i32) (global.set $last (call $make (local.get 0))) (global.get $last))
    (func (export "try-make") (param i32) (result i32)
      (call $try-make (local.get 0) (i32.const 128)) (i32.add (i32.load (i32.const 132)) (i32.mul (i32.const 1000) (i32.load8_u (i32.const 128)))))
    (func (export "read-last") (result i32) (if (result i32) (global.get $last) (then (call $read (global.get $last))) (else (i32.const 0))))
    (func (export "read") (param i32) (result i32) (call $read (call $pick (local.get 0))))
    (func (export "take") (param i32) (result i32) (call $take (call $pick (local.get 0))))
    (func (export "drop") (param i32) (result i32) (call $drop (call $pick (local.get 0))) (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance
    (export "memory" (memory $memory "memory")) (export "make" (func $make)) (export "read" (func $read)) (export "take" (func $take))
    (export "drop" (func $drop)) (export "try-make" (func $try-make))))))
  (func (export "make") (param "p" u32) (result u32) (canon lift (core func $i "make")))
  (func (export "try-make") (param "p" u32) (result u32) (canon lift (core func $i "try-make")))
  (func (export "read-last") (result u32) (canon lift (core func $i "read-last")))
  (func (export "read") (param "p" u32) (result u32) (canon lift (core func $i "read")))
  (func (export "take") (param "p" u32) (result u32) (canon lift (core func $i "take")))
  (func (export "drop") (param "p" u32) (result u32) (canon lift (core func $i "drop")))
  ${showBytes('$i')})`;

/** An inner component with a resource of its own, whose destructor leaves a trace in memory, and an outer one that uses it. */
const composed = `(component
  (component $inner
    (core module $dtor (memory (export "memory") 1)
      (func (export "drop") (param i32) (i32.store (i32.const 64) (i32.add (i32.load (i32.const 64)) (local.get 0)))))
    (core instance $d (instantiate $dtor))
    (type $cell' (resource (rep i32) (dtor (core func $d "drop"))))
    (export $cell "cell" (type $cell'))
    (core func $new (canon resource.new $cell'))
    (core func $rep (canon resource.rep $cell'))
    (core module $m
      (import "d" "memory" (memory 1)) (import "d" "new" (func $new (param i32) (result i32)))
      (global $n (mut i32) (i32.const 100))
      (func (export "make") (param i32) (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $new (i32.add (global.get $n) (i32.and (local.get 0) (i32.const 3)))))
      (func (export "get") (param i32) (result i32) (i32.add (i32.load (i32.const 64)) (local.get 0))))
    (core instance $i (instantiate $m (with "d" (instance (export "memory" (memory $d "memory")) (export "new" (func $new))))))
    (func (export "[constructor]cell") (param "p" u32) (result (own $cell)) (canon lift (core func $i "make")))
    (func (export "[method]cell.get") (param "self" (borrow $cell)) (result u32) (canon lift (core func $i "get"))))
  (instance $inner (instantiate $inner))
  (alias export $inner "cell" (type $cell))
  (core func $make (canon lower (func $inner "[constructor]cell")))
  (core func $get (canon lower (func $inner "[method]cell.get")))
  (core func $drop (canon resource.drop $cell))
  (core module $m
    (import "h" "make" (func $make (param i32) (result i32))) (import "h" "get" (func $get (param i32) (result i32)))
    (import "h" "drop" (func $drop (param i32)))
    (memory (export "memory") 1) (global $last (mut i32) (i32.const 0)) ${bytes} ${peekAndPoke}
    (func $pick (param i32) (result i32) (i32.sub (global.get $last) (i32.rem_u (local.get 0) (i32.const 3))))
    (func (export "make") (param i32) (result i32) (global.set $last (call $make (local.get 0))) (global.get $last))
    (func (export "get-last") (result i32) (if (result i32) (global.get $last) (then (call $get (global.get $last))) (else (i32.const 0))))
    (func (export "get") (param i32) (result i32) (call $get (call $pick (local.get 0))))
    (func (export "drop") (param i32) (result i32) (call $drop (call $pick (local.get 0))) (i32.const 0)))
  (core instance $i (instantiate $m (with "h" (instance (export "make" (func $make)) (export "get" (func $get)) (export "drop" (func $drop))))))
  (func (export "make") (param "p" u32) (result u32) (canon lift (core func $i "make")))
  (func (export "get-last") (result u32) (canon lift (core func $i "get-last")))
  (func (export "get") (param "p" u32) (result u32) (canon lift (core func $i "get")))
  (func (export "drop") (param "p" u32) (result u32) (canon lift (core func $i "drop")))
  (func (export "poke") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "poke")))
  ${showBytes('$i')})`;

/** Two components that pass lists from the end of one memory to the end of another, and grow their own as they do. */
const composedGrowth = `(component
  (component $inner
    (core module $m (memory (export "memory") 1 6) (global $at (mut i32) (i32.const 256))
      (func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (if (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0))
          (then (global.set $at (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4096)))))
        (global.get $at))
      (func (export "take") (param i32 i32) (result i32)
        (i32.store (i32.const 16) (i32.sub (local.get 0) (i32.const 8))) (i32.store (i32.const 20) (i32.add (local.get 1) (i32.const 8)))
        (i32.const 16)))
    (core instance $i (instantiate $m))
    (func (export "take") (param "l" (list u8)) (result (list u8))
      (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
  (instance $inner (instantiate $inner))
  (core module $own (memory (export "memory") 1 8) ${bytes} ${peekAndPoke} ${growAndWrite}
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (drop (memory.grow (i32.const 1))) (i32.const 4096)))
  (core instance $o (instantiate $own))
  (core func $take (canon lower (func $inner "take") (memory (core memory $o "memory")) (realloc (core func $o "realloc"))))
  (core module $m
    (import "o" "memory" (memory 1)) (import "h" "take" (func $take (param i32 i32 i32)))
    (func (export "pass") (param i32) (result i32)
      (call $take (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 16)) (i32.rem_u (local.get 0) (i32.const 20)) (i32.const 2048))
      (i32.add (i32.load (i32.load (i32.const 2048))) (i32.load (i32.const 2052)))))
  (core instance $i (instantiate $m (with "o" (instance $o)) (with "h" (instance (export "take" (func $take))))))
  (func (export "pass") (param "p" u32) (result u32) (canon lift (core func $i "pass")))
  (func (export "poke") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $o "poke")))
  (func (export "grow") (result u32) (canon lift (core func $o "grow")))
  (func (export "write") (param "p" u32) (result u32) (canon lift (core func $o "write")))
  ${showBytes('$o')})`;

/** Allocates for lists that it is given, and keeps them. */
const lists = `(component
  (core module $m
    (memory (export "memory") 1 4) (global $next (mut i32) (i32.const 1024)) ${bytes}
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get 3)))
      (if (i32.gt_u (global.get $next) (i32.const 65000)) (then (drop (memory.grow (i32.const 1))) (global.set $next (i32.const 1024))))
      (local.get $at))
    (func (export "grow") (result i32) (memory.grow (i32.const 1)))
    (func (export "keep") (param i32 i32) (result i32) (local.get 0))
    (func (export "sum") (param i32 i32) (result i32) (local $s i32)
      (block $done (loop $l
        (br_if $done (i32.eqz (local.get 1)))
        (local.set $s (i32.add (local.get $s) (i32.load (local.get 0))))
        (local.set 0 (i32.add (local.get 0) (i32.const 4))) (local.set 1 (i32.sub (local.get 1) (i32.const 1))) (br $l)))
      (local.get $s)))
  (core instance $i (instantiate $m))
  (func (export "grow") (result u32) (canon lift (core func $i "grow")))
  (func (export "keep") (param "l" (list u8)) (result u32) (canon lift (core func $i "keep") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (func (export "sum") (param "l" (list u32)) (result u32) (canon lift (core func $i "sum") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  ${showBytes('$i')})`;

export const resetComponents: readonly ResetComponent[] = [
  { name: 'globals of every type', text: globals, isRecycled: true },
  { name: 'a table that is only read, a passive segment', text: readOnlyTable, isRecycled: true },
  { name: 'a table that changes', text: changingTable, isRecycled: false },
  { name: 'a data segment that is dropped', text: droppedData, isRecycled: false },
  { name: 'two memories that grow', text: growing, isRecycled: true, grow: 'grow', beyond: ['beyond'] },
  { name: 'a memory that its importers grow', text: sharedGrowth, isRecycled: true, grow: 'grow-main' },
  { name: 'core instances that share', text: shared, isRecycled: true },
  { name: 'a start function', text: starting, isRecycled: true },
  { name: 'a start function that calls out', text: startCallsOut, isRecycled: false, suspending: ['#wait'] },
  {
    name: 'host functions that fail and wait',
    text: callingOut,
    isRecycled: true,
    suspending: ['#wait'],
    grow: 'grow',
  },
  { name: 'traps and exceptions', text: failing, isRecycled: true, grow: 'grow', beyond: ['outside'] },
  { name: 'handles of the host', text: hostHandles, isRecycled: true },
  { name: 'a composed component with a resource', text: composed, isRecycled: true },
  { name: 'a composed component whose parts grow', text: composedGrowth, isRecycled: true, grow: 'grow' },
  { name: 'lists that are kept', text: lists, isRecycled: true, grow: 'grow' },
];
