;; A resource of the guest whose representation is its number: what is measured is the way there and back.
(module $resource
  (import "[export]lodge:bench/counters" "[resource-new]counter" (func $new (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "lodge:bench/counters#[constructor]counter") (param $start i32) (result i32)
    (call $new (local.get $start)))
  (func (export "lodge:bench/counters#[method]counter.value") (param $self i32) (result i32)
    (local.get $self)))
