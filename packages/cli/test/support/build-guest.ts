import { readFile } from 'node:fs/promises';
import { embedComponent } from '@lodge-internal/fixtures';

/** The WIT that plugins publish. */
const packages = [
  '@lodge/plugin-config/wit/config.wit',
  '@lodge/plugin-logging/wit/logging.wit',
  '@lodge/plugin-keyvalue/wit/draft.wit',
  '@lodge/plugin-blobstore/wit/blobstore.wit',
  '@lodge/plugin-messaging/wit/messaging.wit',
];

/** Makes a component of a module and its world, which may speak of base WASI, HTTP and what the plugins serve. */
export async function buildGuest(module: string, world: string): Promise<Uint8Array> {
  const nested = await Promise.all(packages.map(readPackage));
  const wasi = await readFile(resolve('@lodge-internal/fixtures', 'components/wasi.wit'), 'utf8');
  const wit = ['package lodge:test;', `world guest {${world}\n}`, ...nested, withOutgoing(wasi)].join('\n');
  return embedComponent(module, wit, 'guest');
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

/** The WIT of the fixtures knows incoming HTTP only. */
function withOutgoing(wasi: string): string {
  return wasi
    .replace(/interface types \{/, 'interface types { use wasi:io/poll@0.2.3.{pollable};')
    .replace(/(resource response-outparam \{)/, `${outgoingTypes} $1`)
    .replace(/(interface incoming-handler \{)/, `${outgoingHandler} $1`);
}

const outgoingTypes = `
    variant scheme { HTTP, HTTPS, other(string) }
    resource outgoing-request {
      constructor(headers: headers);
      set-scheme: func(scheme: option<scheme>) -> result;
      set-authority: func(authority: option<string>) -> result;
    }
    resource request-options;
    resource incoming-response { status: func() -> u16; }
    resource future-incoming-response {
      subscribe: func() -> pollable;
      get: func() -> option<result<result<incoming-response, error-code>>>;
    }`;

const outgoingHandler = `
  interface outgoing-handler {
    use types.{outgoing-request, request-options, future-incoming-response, error-code};
    handle: func(request: outgoing-request, options: option<request-options>) -> result<future-incoming-response, error-code>;
  }`;

/** An allocator that never frees. */
export const allocator = `
  (global $next (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))`;

/** An HTTP component that answers with one character, which the function `$answer` leaves at 300. */
export const serverModule = (imports: string, functions: string): string => `
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
    (call $answer)
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
