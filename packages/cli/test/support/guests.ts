import { allocator, buildGuest, serverModule } from './build-guest.js';

/**
 * A command that uses all five: prints the value of `name` in its configuration and logs it, counts to `n` in the bucket `visits` and prints the count,
 * makes the container `box`, and publishes the count on `news.test`. Where it may not, it prints `!`.
 */
export function allFiveCommand(): Promise<Uint8Array> {
  const world = `
    import wasi:config/store@0.2.0-rc.1;
    import wasi:logging/logging@0.1.0-draft;
    import wasi:keyvalue/store@0.2.0-draft;
    import wasi:keyvalue/atomics@0.2.0-draft;
    import wasi:blobstore/blobstore@0.2.0-draft;
    import wasmcloud:messaging/consumer@0.2.0;
    import wasi:io/streams@0.2.3;
    import wasi:cli/stdout@0.2.3;
    export wasi:cli/run@0.2.3;`;
  return buildGuest(commandModule, world);
}

/** An HTTP component that counts its requests in the bucket `visits` and answers with the count; with `!` where it may not. */
export function countingServer(): Promise<Uint8Array> {
  const world = `
    import wasi:keyvalue/store@0.2.0-draft;
    import wasi:keyvalue/atomics@0.2.0-draft;
    import wasi:io/streams@0.2.3;
    import wasi:http/types@0.2.3;
    export wasi:http/incoming-handler@0.2.3;`;
  const imports = `
    (import "wasi:keyvalue/store@0.2.0-draft" "open" (func $open (param i32 i32 i32)))
    ${increment}`;
  return buildGuest(serverModule(imports, counting), world);
}

/** An HTTP component that opens the bucket `visits` of the store that it calls `cache`, and answers with `+`; with `!` where it may not. */
export function labelledServer(): Promise<Uint8Array> {
  const world = `
    import cache: wasi:keyvalue/store@0.2.0-draft;
    import wasi:io/streams@0.2.3;
    import wasi:http/types@0.2.3;
    export wasi:http/incoming-handler@0.2.3;`;
  const opening = `
    (data (i32.const 400) "visits")
    (func $answer
      (call $open (i32.const 400) (i32.const 6) (i32.const 0))
      (i32.store8 (i32.const 300) (select (i32.const 33) (i32.const 43) (i32.load8_u (i32.const 0)))))`;
  return buildGuest(serverModule('(import "cache" "open" (func $open (param i32 i32 i32)))', opening), world);
}

/** A component that logs each message it gets, the subject as the context. */
export function messageLogger(): Promise<Uint8Array> {
  const world = `
    import wasi:logging/logging@0.1.0-draft;
    export wasmcloud:messaging/handler@0.2.0;`;
  return buildGuest(handlerModule, world);
}

const increment =
  '(import "wasi:keyvalue/atomics@0.2.0-draft" "increment" (func $increment (param i32 i32 i32 i64 i32)))';

/** Leaves the count, or `!`, as one character at 300. */
const counting = `
  (data (i32.const 400) "visits")
  (data (i32.const 408) "n")
  (func $answer
    (local $bucket i32)
    (i32.store8 (i32.const 300) (i32.const 33))
    (call $open (i32.const 400) (i32.const 6) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (return)))
    (local.set $bucket (i32.load (i32.const 4)))
    (call $increment (local.get $bucket) (i32.const 408) (i32.const 1) (i64.const 1) (i32.const 0))
    (if (i32.load8_u (i32.const 0)) (then (return)))
    (i32.store8 (i32.const 300) (i32.add (i32.const 48) (i32.wrap_i64 (i64.load (i32.const 8))))))`;

const commandModule = `
(module
  (import "wasi:config/store@0.2.0-rc.1" "get" (func $config (param i32 i32 i32)))
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32 i32 i32 i32 i32)))
  (import "wasi:keyvalue/store@0.2.0-draft" "open" (func $open (param i32 i32 i32)))
  ${increment}
  (import "wasi:blobstore/blobstore@0.2.0-draft" "create-container" (func $create (param i32 i32 i32)))
  (import "wasmcloud:messaging/consumer@0.2.0" "publish" (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:cli/stdout@0.2.3" "get-stdout" (func $get-stdout (result i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (memory (export "memory") 2)
  (data (i32.const 500) "name")
  (data (i32.const 504) "test")
  (data (i32.const 508) "box")
  (data (i32.const 512) "news.test")
  (data (i32.const 301) "\\0a")
  ${allocator}
  ${counting}
  (func (export "wasi:cli/run@0.2.3#run") (result i32)
    (local $out i32)
    (local.set $out (call $get-stdout))
    (call $config (i32.const 500) (i32.const 4) (i32.const 0))
    (if (i32.and (i32.eqz (i32.load8_u (i32.const 0))) (i32.load8_u (i32.const 4))) (then
      (call $log (i32.const 2) (i32.const 504) (i32.const 4) (i32.load (i32.const 8)) (i32.load (i32.const 12)))
      (call $write (local.get $out) (i32.load (i32.const 8)) (i32.load (i32.const 12)) (i32.const 32))))
    (call $answer)
    (call $write (local.get $out) (i32.const 300) (i32.const 2) (i32.const 0))
    (call $create (i32.const 508) (i32.const 3) (i32.const 0))
    (call $publish (i32.const 512) (i32.const 9) (i32.const 300) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.const 0)))`;

const handlerModule = `
(module
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  ${allocator}
  (func (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param $subject i32) (param $subject-len i32) (param $body i32) (param $len i32) (param i32 i32 i32) (result i32)
    (call $log (i32.const 2) (local.get $subject) (local.get $subject-len) (local.get $body) (local.get $len))
    (i32.const 0)))`;
