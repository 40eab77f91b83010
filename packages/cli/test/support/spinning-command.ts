import { allocator, buildGuest } from './build-guest.js';

/** A command that prints `spinning` and then computes without end. */
export function spinningCommand(): Promise<Uint8Array> {
  const world = `
    import wasi:io/streams@0.2.3;
    import wasi:cli/stdout@0.2.3;
    export wasi:cli/run@0.2.3;`;
  return buildGuest(module, world);
}

const module = `
(module
  (import "wasi:cli/stdout@0.2.3" "get-stdout" (func $get-stdout (result i32)))
  (import "wasi:io/streams@0.2.3" "[method]output-stream.blocking-write-and-flush"
    (func $write-and-flush (param i32 i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 256) "spinning\\0a")
  ${allocator}
  (func (export "wasi:cli/run@0.2.3#run") (result i32)
    (call $write-and-flush (call $get-stdout) (i32.const 256) (i32.const 9) (i32.const 0))
    (loop $spin (br $spin))
    (i32.const 0)))`;
