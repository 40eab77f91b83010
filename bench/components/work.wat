;; Work that stays inside of the guest: what looking after it costs shows here.
(component
  (core module $main
    (memory 2)
    ;; Some 500 bytes of JSON at 65536; the bytes before that are for $bytes.
    (data (i32.const 65536) "{ \"id\": 1024, \"customer\": { \"name\": \"Somebody\", \"mail\": \"somebody@example.com\", \"tags\": [\"new\", \"paid\", \"\\\"quoted\\\"\"] },\n  \"lines\": [\n    { \"article\": \"A-1024-0\", \"count\": 1, \"price\": 9.95, \"open\": true },\n    { \"article\": \"A-1024-1\", \"count\": 20, \"price\": 10.95, \"open\": false },\n    { \"article\": \"A-1024-2\", \"count\": 300, \"price\": 11.95, \"open\": null }\n  ],\n  \"note\": \"Ring twice.\\nThen wait until somebody comes to the door.\", \"size\": { \"width\": 12.5, \"height\": 40, \"depth\": -3.75e2 } }\n")
    (global $at (mut i32) (i32.const 0))
    (global $sum (mut i32) (i32.const 0))

    (func (export "bytes") (param $times i32) (result i32) (local $i i32) (local $sum i32)
      (loop $again
        (local.set $i (i32.const 0))
        (loop $next
          (local.set $sum (i32.add (local.get $sum) (i32.load8_u (local.get $i))))
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $i) (i32.const 65536))))
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br_if $again (local.get $times)))
      (local.get $sum))

    (func $fibonacci (param $n i32) (result i32)
      (if (result i32) (i32.lt_u (local.get $n) (i32.const 2))
        (then (local.get $n))
        (else (i32.add
          (call $fibonacci (i32.sub (local.get $n) (i32.const 1)))
          (call $fibonacci (i32.sub (local.get $n) (i32.const 2)))))))
    (func (export "calls") (param $times i32) (result i32)
      (loop $again
        (drop (call $fibonacci (i32.const 20)))
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br_if $again (local.get $times)))
      (i32.const 0))

    (func $byte (result i32) (i32.load8_u (global.get $at)))
    (func $advance (global.set $at (i32.add (global.get $at) (i32.const 1))))
    (func $space
      (block $done (loop $next
        (br_if $done (i32.gt_u (call $byte) (i32.const 32)))
        (br_if $done (i32.eqz (call $byte)))
        (call $advance)
        (br $next))))
    (func $text (local $byte i32) (local $hash i32)
      (call $advance)
      (block $done (loop $next
        (local.set $byte (call $byte))
        (br_if $done (i32.eq (local.get $byte) (i32.const 34)))
        (if (i32.eq (local.get $byte) (i32.const 92)) (then (call $advance) (local.set $byte (call $byte))))
        (local.set $hash (i32.add (i32.mul (local.get $hash) (i32.const 31)) (local.get $byte)))
        (call $advance)
        (br $next)))
      (call $advance)
      (global.set $sum (i32.add (global.get $sum) (local.get $hash))))
    ;; Numbers, true, false, null.
    (func $atom (local $byte i32) (local $value i32)
      (block $done (loop $next
        (local.set $byte (call $byte))
        (br_if $done (i32.le_u (local.get $byte) (i32.const 44)))
        (br_if $done (i32.eq (i32.or (local.get $byte) (i32.const 32)) (i32.const 125)))
        (local.set $value (i32.add (i32.mul (local.get $value) (i32.const 10)) (i32.sub (local.get $byte) (i32.const 48))))
        (call $advance)
        (br $next)))
      (global.set $sum (i32.add (global.get $sum) (local.get $value))))
    (func $value (local $byte i32)
      (call $space)
      (local.set $byte (call $byte))
      (if (i32.eq (local.get $byte) (i32.const 34)) (then (call $text) (return)))
      (if (i32.eq (i32.or (local.get $byte) (i32.const 32)) (i32.const 123))
        (then
          (call $advance)
          (loop $next
            (call $space)
            (if (i32.eq (call $byte) (i32.add (local.get $byte) (i32.const 2))) (then (call $advance) (return)))
            (if (i32.eq (local.get $byte) (i32.const 123)) (then (call $text) (call $space) (call $advance)))
            (call $value)
            (call $space)
            (if (i32.eq (call $byte) (i32.const 44)) (then (call $advance)))
            (br $next))))
      (call $atom))
    (func (export "json") (param $times i32) (result i32)
      (loop $again
        (global.set $at (i32.const 65536))
        (call $value)
        (local.set $times (i32.sub (local.get $times) (i32.const 1)))
        (br_if $again (local.get $times)))
      (global.get $sum)))
  (core instance $main (instantiate $main))
  (func (export "bytes") (param "times" u32) (result u32) (canon lift (core func $main "bytes")))
  (func (export "calls") (param "times" u32) (result u32) (canon lift (core func $main "calls")))
  (func (export "json") (param "times" u32) (result u32) (canon lift (core func $main "json"))))
