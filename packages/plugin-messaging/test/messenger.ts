import { embedComponent } from '@lodge-internal/fixtures';

const wit = `
package wasmcloud:messaging@0.2.0;
interface types {
  record broker-message { subject: string, body: list<u8>, reply-to: option<string> }
}
interface handler {
  use types.{broker-message};
  handle-message: func(msg: broker-message) -> result<_, string>;
}
interface consumer {
  use types.{broker-message};
  request: func(subject: string, body: list<u8>, timeout-ms: u32) -> result<broker-message, string>;
  publish: func(msg: broker-message) -> result<_, string>;
}
world messenger {
  import consumer;
  export handler;
}
`;

/**
 * A component that does what the first letter of a message says: \`e\`: echo the message to where its reply belongs; \`r\`: ask the subject that
 * follows and pass the answer on; \`p\`: publish to the subject that follows, with the message's reply subject; \`q\`: the same with a reply subject that
 * is not its own; \`f\`: fail; \`l\`: fail with 100,000 characters; \`t\`: trap; \`s\`: compute without end; \`n\`: answer with the number of messages that this instance has seen. What its own calls fail with, it fails with.
 */
const wat = `
(module
  (import "wasmcloud:messaging/consumer@0.2.0" "request" (func $request (param i32 i32 i32 i32 i32 i32)))
  (import "wasmcloud:messaging/consumer@0.2.0" "publish" (func $publish (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (memory (export "memory") 4)
  (data (i32.const 512) "it went wrong")
  (data (i32.const 544) "echo")
  (data (i32.const 560) "_INBOX.somebody.else")
  (global $next (mut i32) (i32.const 1024))
  (global $count (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func (export "cabi_post_wasmcloud:messaging/handler@0.2.0#handle-message") (param i32)
    (global.set $next (i32.const 1024)))
  (func $handle (export "wasmcloud:messaging/handler@0.2.0#handle-message")
    (param $subject i32) (param $subject-len i32) (param $body i32) (param $len i32)
    (param $has-reply i32) (param $reply i32) (param $reply-len i32) (result i32)
    (local $order i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store8 (i32.const 0) (i32.const 0))
    (local.set $order (if (result i32) (local.get $len) (then (i32.load8_u (local.get $body))) (else (i32.const 0))))
    (if (i32.eq (local.get $order) (i32.const 116)) (then unreachable))
    (if (i32.eq (local.get $order) (i32.const 115)) (then (loop $spin (br $spin))))
    (if (i32.eq (local.get $order) (i32.const 102)) (then
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store (i32.const 4) (i32.const 512))
      (i32.store (i32.const 8) (i32.const 13))
      (return (i32.const 0))))
    (if (i32.eq (local.get $order) (i32.const 108)) (then
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store (i32.const 4) (i32.const 8192))
      (i32.store (i32.const 8) (i32.const 100000))
      (return (i32.const 0))))
    (if (i32.eq (local.get $order) (i32.const 112)) (then
      (call $publish (i32.add (local.get $body) (i32.const 1)) (i32.sub (local.get $len) (i32.const 1))
        (i32.const 544) (i32.const 4) (local.get $has-reply) (local.get $reply) (local.get $reply-len) (i32.const 0))
      (return (i32.const 0))))
    (if (i32.eq (local.get $order) (i32.const 113)) (then
      (call $publish (i32.add (local.get $body) (i32.const 1)) (i32.sub (local.get $len) (i32.const 1))
        (i32.const 544) (i32.const 4) (i32.const 1) (i32.const 560) (i32.const 20) (i32.const 0))
      (return (i32.const 0))))
    (if (i32.eq (local.get $order) (i32.const 114)) (then
      (call $request (i32.add (local.get $body) (i32.const 1)) (i32.sub (local.get $len) (i32.const 1))
        (i32.const 544) (i32.const 4) (i32.const 300) (i32.const 0))
      (if (i32.load8_u (i32.const 0)) (then (return (i32.const 0))))
      (local.set $body (i32.load (i32.const 12)))
      (local.set $len (i32.load (i32.const 16)))))
    (if (i32.eq (local.get $order) (i32.const 110)) (then
      (local.set $body (i32.const 600))
      (local.set $len (i32.const 1))
      (i32.store8 (i32.const 600) (i32.add (i32.const 48) (global.get $count)))))
    (i32.store8 (i32.const 0) (i32.const 0))
    (if (local.get $has-reply) (then
      (call $publish (local.get $reply) (local.get $reply-len) (local.get $body) (local.get $len)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
    (i32.const 0)))
`;

/** The bytes of the component. */
export function messenger(): Promise<Uint8Array> {
  return embedComponent(wat, wit, 'messenger');
}
