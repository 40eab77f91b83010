import { embedComponent } from '@lodge-internal/fixtures';

/**
 * A command that prints each argument in brackets, each environment variable, and then its standard input; writes one line to
 * standard error; and exits with the number of its arguments.
 */
export function commandComponent(): Promise<Uint8Array> {
  return embedComponent(module, wit, 'command');
}

const wit = `
package lodge:test;
world command {
  import wasi:cli/environment@0.2.3;
  import wasi:cli/stdin@0.2.3;
  import wasi:cli/stdout@0.2.3;
  import wasi:cli/stderr@0.2.3;
  import wasi:cli/exit@0.2.3;
  export wasi:cli/run@0.2.3;
}
package wasi:io@0.2.3 {
  interface error { resource error; }
  interface streams {
    use error.{error};
    variant stream-error { last-operation-failed(error), closed }
    resource input-stream { blocking-read: func(len: u64) -> result<list<u8>, stream-error>; }
    resource output-stream { blocking-write-and-flush: func(contents: list<u8>) -> result<_, stream-error>; }
  }
}
package wasi:cli@0.2.3 {
  interface environment {
    get-environment: func() -> list<tuple<string, string>>;
    get-arguments: func() -> list<string>;
  }
  interface stdin { use wasi:io/streams@0.2.3.{input-stream}; get-stdin: func() -> input-stream; }
  interface stdout { use wasi:io/streams@0.2.3.{output-stream}; get-stdout: func() -> output-stream; }
  interface stderr { use wasi:io/streams@0.2.3.{output-stream}; get-stderr: func() -> output-stream; }
  interface exit { exit-with-code: func(status-code: u8); }
  interface run { run: func() -> result; }
}`;

const module = `
(module $command
  (import "wasi:cli/environment@0.2.3" "get-environment" (func $get-environment (param i32)))
  (import "wasi:cli/environment@0.2.3" "get-arguments" (func $get-arguments (param i32)))
  (import "wasi:cli/stdin@0.2.3" "get-stdin" (func $get-stdin (result i32)))
  (import "wasi:cli/stdout@0.2.3" "get-stdout" (func $get-stdout (result i32)))
  (import "wasi:cli/stderr@0.2.3" "get-stderr" (func $get-stderr (result i32)))
  (import "wasi:cli/exit@0.2.3" "exit-with-code" (func $exit (param i32)))
  (import "wasi:io/streams@0.2.3" "[method]input-stream.blocking-read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
    (func $write (param i32 i32 i32 i32)))
  (memory (export "memory") 4)
  (data (i32.const 64) "[]\\0a=")
  (data (i32.const 96) "reading\\0a")
  (global $next (mut i32) (i32.const 4096))
  (global $out (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and
      (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (local.get $at))
  (func $print (param $ptr i32) (param $len i32)
    (call $write (global.get $out) (local.get $ptr) (local.get $len) (i32.const 0)))
  (func $run (export "wasi:cli/run@0.2.3#run") (result i32)
    (local $at i32) (local $left i32) (local $count i32) (local $in i32)
    (global.set $out (call $get-stdout))
    (call $get-arguments (i32.const 0))
    (local.set $at (i32.load (i32.const 0)))
    (local.set $count (i32.load (i32.const 4)))
    (local.set $left (local.get $count))
    (block $no-more-arguments (loop $next-argument
      (br_if $no-more-arguments (i32.eqz (local.get $left)))
      (call $print (i32.const 64) (i32.const 1))
      (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
      (call $print (i32.const 65) (i32.const 2))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next-argument)))
    (call $get-environment (i32.const 0))
    (local.set $at (i32.load (i32.const 0)))
    (local.set $left (i32.load (i32.const 4)))
    (block $no-more-variables (loop $next-variable
      (br_if $no-more-variables (i32.eqz (local.get $left)))
      (call $print (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
      (call $print (i32.const 67) (i32.const 1))
      (call $print (i32.load offset=8 (local.get $at)) (i32.load offset=12 (local.get $at)))
      (call $print (i32.const 66) (i32.const 1))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br $next-variable)))
    (call $write (call $get-stderr) (i32.const 96) (i32.const 8) (i32.const 0))
    (local.set $in (call $get-stdin))
    (block $end (loop $more
      (global.set $next (i32.const 65536))
      (call $read (local.get $in) (i64.const 4096) (i32.const 0))
      (br_if $end (i32.load8_u (i32.const 0)))
      (call $print (i32.load (i32.const 4)) (i32.load (i32.const 8)))
      (br $more)))
    (call $exit (local.get $count))
    unreachable))`;
