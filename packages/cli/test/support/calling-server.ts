import { buildGuest, serverModule } from './build-guest.js';

/**
 * An HTTP component that asks 127.0.0.1 at `port` for something and answers with `+`, or with a letter for what it failed with: `E` where the address is
 * prohibited, `P` where the request is denied.
 */
export async function callingServer(port: number): Promise<Uint8Array> {
  const bytes = Buffer.from(await buildGuest(serverModule(imports, calling), world));
  // Patched into the component, so that it is built once for all ports.
  bytes.write(String(port).padStart(5, '0'), bytes.indexOf('127.0.0.1:00000') + '127.0.0.1:'.length);
  return new Uint8Array(bytes);
}

const world = `
  import wasi:io/poll@0.2.3;
  import wasi:io/streams@0.2.3;
  import wasi:http/types@0.2.3;
  import wasi:http/outgoing-handler@0.2.3;
  export wasi:http/incoming-handler@0.2.3;`;

const imports = `
  (import "wasi:http/types@0.2.3" "[constructor]outgoing-request" (func $new-request (param i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-scheme"
    (func $set-scheme (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]outgoing-request.set-authority"
    (func $set-authority (param i32 i32 i32 i32) (result i32)))
  (import "wasi:http/outgoing-handler@0.2.3" "handle" (func $send (param i32 i32 i32 i32)))
  (import "wasi:http/types@0.2.3" "[method]future-incoming-response.subscribe"
    (func $subscribe (param i32) (result i32)))
  (import "wasi:http/types@0.2.3" "[method]future-incoming-response.get" (func $get (param i32 i32)))
  (import "wasi:io/poll@0.2.3" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:io/poll@0.2.3" "[resource-drop]pollable" (func $drop-pollable (param i32)))`;

// An error code, as its number, is at 8 in the result of `handle` and at 24 in that of `get`; `A` stands for number 0.
const calling = `
  (data (i32.const 400) "127.0.0.1:00000")
  (func $answer
    (local $request i32) (local $future i32) (local $pollable i32)
    (local.set $request (call $new-request (call $new-fields)))
    (drop (call $set-scheme (local.get $request) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
    (drop (call $set-authority (local.get $request) (i32.const 1) (i32.const 400) (i32.const 15)))
    (call $send (local.get $request) (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.store8 (i32.const 300) (i32.add (i32.const 65) (i32.load8_u (i32.const 8))))
    (if (i32.load8_u (i32.const 0)) (then (return)))
    (local.set $future (i32.load (i32.const 8)))
    (local.set $pollable (call $subscribe (local.get $future)))
    (call $block (local.get $pollable))
    (call $drop-pollable (local.get $pollable))
    (call $get (local.get $future) (i32.const 0))
    (i32.store8 (i32.const 300) (i32.add (i32.const 65) (i32.load8_u (i32.const 24))))
    (if (i32.eqz (i32.load8_u (i32.const 16))) (then (i32.store8 (i32.const 300) (i32.const 43)))))`;
