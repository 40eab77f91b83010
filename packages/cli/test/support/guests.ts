import { readFile } from 'node:fs/promises';
import { embedComponent } from '@lodge-internal/fixtures';

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
  return build(commandModule, world);
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
  return build(serverModule(imports, counting), world);
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
    (func $count
      (call $open (i32.const 400) (i32.const 6) (i32.const 0))
      (i32.store8 (i32.const 300) (select (i32.const 33) (i32.const 43) (i32.load8_u (i32.const 0)))))`;
  return build(serverModule('(import "cache" "open" (func $open (param i32 i32 i32)))', opening), world);
}

/** A component that logs each message it gets, the subject as the context. */
export function messageLogger(): Promise<Uint8Array> {
  const world = `
    import wasi:logging/logging@0.1.0-draft;
    export wasmcloud:messaging/handler@0.2.0;`;
  return build(handlerModule, world);
}

/** The WIT that plugins publish, and that of base WASI and HTTP of the fixtures. */
const packages = [
  '@lodge/plugin-config/wit/config.wit',
  '@lodge/plugin-logging/wit/logging.wit',
  '@lodge/plugin-keyvalue/wit/draft.wit',
  '@lodge/plugin-blobstore/wit/blobstore.wit',
  '@lodge/plugin-messaging/wit/messaging.wit',
];

async function build(module: string, world: string): Promise<Uint8Array> {
  const nested = await Promise.all(packages.map(readPackage));
  const wasi = await readFile(resolve('@lodge-internal/fixtures', 'components/wasi.wit'), 'utf8');
  return embedComponent(
    module,
    ['package lodge:test;', `world guest {${world}\n}`, ...nested, wasi].join('\n'),
    'guest',
  );
}

async function readPackage(path: string): Promise<string> {
  const [, name = '', file = ''] = /^(@lodge\/[^/]+)\/(.*)$/.exec(path) ?? [];
  const text = await readFile(resolve(name, file), 'utf8');
  return text
    .replaceAll(/(wasi:io\/streams@)0\.2\.\d+/g, '$10.2.3')
    .replaceAll(/^world [^{]*\{.*?^\}\n?/gms, '')
    .replace(/^(package [^;]+);([\s\S]*)$/, '$1 {$2}');
}

function resolve(name: string, file: string): URL {
  return new URL(file, import.meta.resolve(`${name}/package.json`));
}

const increment =
  '(import "wasi:keyvalue/atomics@0.2.0-draft" "increment" (func $increment (param i32 i32 i32 i64 i32)))';

const allocator = `
  (global $next (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))`;

/** Leaves the count, or `!`, as one character at 300. */
const counting = `
  (data (i32.const 400) "visits")
  (data (i32.const 408) "n")
  (func $count
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
    (call $count)
    (call $write (local.get $out) (i32.const 300) (i32.const 2) (i32.const 0))
    (call $create (i32.const 508) (i32.const 3) (i32.const 0))
    (call $publish (i32.const 512) (i32.const 9) (i32.const 300) (i32.const 1)
      (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.const 0)))`;

const serverModule = (imports: string, functions: string): string => `
(module
  ${imports}
  (import "wasi:http/types@0.2.3" "[constructor]fields" (func $new-fields (result i32)))
  (import "wasi:http/types@0.2.3" "[constructor]outgoing-response" (func $new-response (param i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.body" (func $body (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[static]outgoing-body.finish" (func $finish (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[resource-drop]incoming-request" (func $drop-request (param i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
    (func $write-and-flush (param i32 i32 i32 i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream" (func $drop-stream (param i32)))
  (memory (export "memory") 2)
  ${allocator}
  ${functions}
  (func (export "wasi:http/incoming-handler@0.2.3#handle") (param $request i32) (param $out i32)
    (local $response i32) (local $body i32) (local $stream i32)
    (call $drop-request (local.get $request))
    (call $count)
    (local.set $response (call $new-response (call $new-fields)))
    (call $body (local.get $response) (i32.const 0))
    (local.set $body (i32.load (i32.const 4)))
    (call $set (local.get $out) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (call $write (local.get $body) (i32.const 0))
    (local.set $stream (i32.load (i32.const 4)))
    (call $write-and-flush (local.get $stream) (i32.const 300) (i32.const 1) (i32.const 0))
    (call $drop-stream (local.get $stream))
    (call $finish (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0))))`;

const handlerModule = `
(module
  (import "wasi:logging/logging@0.1.0-draft" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 2)
  ${allocator}
  (func (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param $subject i32) (param $subject-len i32) (param $body i32) (param $len i32) (param i32 i32 i32) (result i32)
    (call $log (i32.const 2) (local.get $subject) (local.get $subject-len) (local.get $body) (local.get $len))
    (i32.const 0)))`;
