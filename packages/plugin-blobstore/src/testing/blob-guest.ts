import { readFile } from 'node:fs/promises';
import { embedComponent } from '@lodge-internal/fixtures';

/**
 * A component that keeps one object, `o` in the container `c`: PUT writes it from the body of the request, POST answers with all of it, GET with its bytes
 * 2 to 5, DELETE deletes it. 200 when that succeeded, 500 when not.
 */
export async function blobGuest(): Promise<Uint8Array> {
  const wasi = await readFile(new URL('../../../../internal/fixtures/components/wasi.wit', import.meta.url), 'utf8');
  const blobstore = await readFile(new URL('../../wit/blobstore.wit', import.meta.url), 'utf8');
  const packages = wasi
    .replace('resource output-stream {', `resource output-stream {\n${splice}`)
    .replace(
      'resource outgoing-response {',
      'resource outgoing-response {\nset-status-code: func(status-code: u16) -> result;',
    );
  const nested = blobstore
    .replace(/^package (.*);/, 'package $1 {')
    .replaceAll('wasi:io/streams@0.2.1', 'wasi:io/streams@0.2.3')
    .replace(/^world .*/ms, '}');
  return embedComponent(wat, `${world}\n${packages}\n${nested}`, 'guest');
}

const splice = 'blocking-splice: func(src: borrow<input-stream>, len: u64) -> result<u64, stream-error>;';

const world = `package lodge:fixture;
world guest {
  import wasi:io/error@0.2.3;
  import wasi:io/streams@0.2.3;
  import wasi:http/types@0.2.3;
  import wasi:blobstore/types@0.2.0-draft;
  import wasi:blobstore/container@0.2.0-draft;
  import wasi:blobstore/blobstore@0.2.0-draft;
  export wasi:http/incoming-handler@0.2.3;
}`;

// The return area is at 0, the names at 64, what the host allocates (only texts of errors) at 4096.
const wat = `(module
  (import "wasi:io/error@0.2.3" "[resource-drop]error" (func $drop-error (param i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-splice" (func $splice (param i32 i32 i64 i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]input-stream" (func $drop-input (param i32)))
  (import "wasi:io/streams@0.2.3" "[resource-drop]output-stream" (func $drop-output (param i32)))
  (import "wasi:http/types@0.2.3" "[constructor]fields" (func $new-fields (result i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-request.method" (func $method (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-request.consume" (func $consume (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[method]incoming-body.stream" (func $incoming-stream (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[constructor]outgoing-response" (func $new-response (param i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.set-status-code" (func $set-status (param i32 i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-response.body" (func $response-body (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[static]response-outparam.set"
    (func $set (param i32 i32 i32 i32 i64 i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-body.write" (func $write (param i32 i32)))
  (import "wasi:http/types@0.2.3" "[static]outgoing-body.finish" (func $finish-body (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[resource-drop]incoming-request" (func $drop-request (param i32)))
  (import "wasi:http/types@0.2.3" "[resource-drop]incoming-body" (func $drop-incoming-body (param i32)))
  (import "wasi:blobstore/types@0.2.0-draft" "[static]outgoing-value.new-outgoing-value" (func $new-value (result i32)))
  (import "wasi:blobstore/types@0.2.0-draft" "[method]outgoing-value.outgoing-value-write-body"
    (func $value-body (param i32 i32)))
  (import "wasi:blobstore/types@0.2.0-draft" "[static]outgoing-value.finish" (func $finish-value (param i32 i32)))
  (import "wasi:blobstore/types@0.2.0-draft" "[static]incoming-value.incoming-value-consume-async"
    (func $consume-value (param i32 i32)))
  (import "wasi:blobstore/container@0.2.0-draft" "[method]container.write-data"
    (func $write-data (param i32 i32 i32 i32 i32)))
  (import "wasi:blobstore/container@0.2.0-draft" "[method]container.get-data"
    (func $get-data (param i32 i32 i32 i64 i64 i32)))
  (import "wasi:blobstore/container@0.2.0-draft" "[method]container.delete-object"
    (func $delete-object (param i32 i32 i32 i32)))
  (import "wasi:blobstore/container@0.2.0-draft" "[resource-drop]container" (func $drop-container (param i32)))
  (import "wasi:blobstore/blobstore@0.2.0-draft" "create-container" (func $create (param i32 i32 i32)))
  (import "wasi:blobstore/blobstore@0.2.0-draft" "get-container" (func $get (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "co")
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
  (func $failed (result i32) (i32.load8_u (i32.const 0)))
  (func $handle-at-4 (result i32)
    (if (call $failed) (then unreachable))
    (i32.load (i32.const 4)))
  ;; All that comes, until the source ends. 1 when an operation failed otherwise.
  (func $copy (param $out i32) (param $in i32) (result i32)
    (loop $next
      (call $splice (local.get $out) (local.get $in) (i64.const 65536) (i32.const 0))
      (br_if $next (i32.eqz (call $failed))))
    (if (i32.load8_u (i32.const 8)) (then (return (i32.const 0))))
    (call $drop-error (i32.load (i32.const 12)))
    (i32.const 1))
  ;; Answers with the status, and with what is in the stream if that is not -1.
  (func $respond (param $to i32) (param $status i32) (param $in i32)
    (local $response i32) (local $body i32) (local $out i32)
    (local.set $response (call $new-response (call $new-fields)))
    (drop (call $set-status (local.get $response) (local.get $status)))
    (call $response-body (local.get $response) (i32.const 0))
    (local.set $body (call $handle-at-4))
    (call $set (local.get $to) (i32.const 0) (local.get $response)
      (i32.const 0) (i64.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (if (i32.ge_s (local.get $in) (i32.const 0))
      (then
        (call $write (local.get $body) (i32.const 0))
        (local.set $out (call $handle-at-4))
        ;; A body that is not finished breaks off for the client.
        (if (call $copy (local.get $out) (local.get $in)) (then unreachable))
        (call $drop-output (local.get $out))
        (call $drop-input (local.get $in))))
    (call $finish-body (local.get $body) (i32.const 0) (i32.const 0) (i32.const 0)))
  (func $container (result i32)
    (call $create (i32.const 64) (i32.const 1) (i32.const 0))
    (if (call $failed) (then (call $get (i32.const 64) (i32.const 1) (i32.const 0))))
    (call $handle-at-4))
  ;; 1 when the object could not be written.
  (func $put (param $container i32) (param $request i32) (result i32)
    (local $value i32) (local $out i32) (local $body i32) (local $in i32)
    (local.set $value (call $new-value))
    (call $value-body (local.get $value) (i32.const 0))
    (local.set $out (call $handle-at-4))
    (call $write-data (local.get $container) (i32.const 65) (i32.const 1) (local.get $value) (i32.const 0))
    (if (call $failed) (then unreachable))
    (call $consume (local.get $request) (i32.const 0))
    (local.set $body (call $handle-at-4))
    (call $incoming-stream (local.get $body) (i32.const 0))
    (local.set $in (call $handle-at-4))
    (drop (call $copy (local.get $out) (local.get $in)))
    (call $drop-output (local.get $out))
    (call $drop-input (local.get $in))
    (call $drop-incoming-body (local.get $body))
    (call $finish-value (local.get $value) (i32.const 0))
    (call $failed))
  (func (export "wasi:http/incoming-handler@0.2.3#handle") (param $request i32) (param $to i32)
    (local $method i32) (local $container i32) (local $in i32) (local $status i32)
    (call $method (local.get $request) (i32.const 0))
    (local.set $method (i32.load8_u (i32.const 0)))
    (local.set $container (call $container))
    (local.set $in (i32.const -1))
    (local.set $status (i32.const 200))
    (if (i32.eq (local.get $method) (i32.const 3))
      (then
        (if (call $put (local.get $container) (local.get $request))
          (then (local.set $status (i32.const 500))))))
    (if (i32.eq (local.get $method) (i32.const 4))
      (then (call $delete-object (local.get $container) (i32.const 65) (i32.const 1) (i32.const 0))))
    (if (i32.or (i32.eqz (local.get $method)) (i32.eq (local.get $method) (i32.const 2)))
      (then
        (call $get-data (local.get $container) (i32.const 65) (i32.const 1)
          (select (i64.const 0) (i64.const 2) (local.get $method))
          (select (i64.const -1) (i64.const 5) (local.get $method))
          (i32.const 0))
        (if (call $failed)
          (then (local.set $status (i32.const 500)))
          (else
            (call $consume-value (i32.load (i32.const 4)) (i32.const 0))
            (local.set $in (call $handle-at-4))))))
    (call $drop-container (local.get $container))
    (call $drop-request (local.get $request))
    (call $respond (local.get $to) (local.get $status) (local.get $in))))`;
