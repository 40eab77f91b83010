;; As large as a Rust command, and like one it asks for a page more as it runs: what is measured is new state after that.
(component
  (core module $m
    (memory (export "memory") 18)
    (data (i32.const 1048576) "what a program has of its own")
    (global $next (mut i32) (i32.const 0))
    (func (export "run") (result i32)
      (global.set $next (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
      (i32.store (global.get $next) (i32.const 1))
      (i32.load (global.get $next))))
  (core instance $i (instantiate $m))
  (func (export "run") (result u32) (canon lift (core func $i "run"))))
