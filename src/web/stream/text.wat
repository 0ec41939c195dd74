(;
  Copies a JavaScript string into linear memory as UTF-8, as `TextEncoder.encodeInto` does, in half to two thirds of its
  time. `intoCharCodeArray` is a builtin of the browser (JS String Builtins); `frame.js` has the bytes of this module,
  and `tests/js/worker/frame-text.test.js` assembles them again.
;)
(module
  (type $units (array (mut i16)))
  (import "wasm:js-string" "intoCharCodeArray"
    (func $into (param externref (ref null $units) i32) (result i32)))
  (import "cuewire" "memory" (memory 1))
  ;; As many units as a text may have, and a block. `LONGEST` in frame.js is the same number.
  (global $all (ref $units) (array.new_default $units (i32.const 32784)))

  ;; Four units in one number. Browsers compile such a function in line.
  (func $four (param $at i32) (result i64)
    (i64.or
      (i64.or
        (i64.extend_i32_u (call $unit (local.get $at)))
        (i64.shl (i64.extend_i32_u (call $unit (i32.add (local.get $at) (i32.const 1)))) (i64.const 16)))
      (i64.or
        (i64.shl (i64.extend_i32_u (call $unit (i32.add (local.get $at) (i32.const 2)))) (i64.const 32))
        (i64.shl (i64.extend_i32_u (call $unit (i32.add (local.get $at) (i32.const 3)))) (i64.const 48)))))
  (func $unit (param $at i32) (result i32) (array.get_u $units (global.get $all) (local.get $at)))

  ;; Writes the text to a place. Gives how many bytes there are; up to 16 more are overwritten.
  (func (export "copy") (param $text externref) (param $place i32) (result i32)
    (local $count i32) (local $at i32) (local $to i32) (local $end i32)
    (local $one v128) (local $other v128) (local $unit i32) (local $next i32)
    (local.set $to (local.get $place))
    (local.set $count (call $into (local.get $text) (global.get $all) (i32.const 0)))
    (block $done (loop $block
      (br_if $done (i32.ge_u (local.get $at) (local.get $count)))
      ;; Sixteen units; those after the text are of an earlier text.
      (local.set $one (i64x2.replace_lane 1
        (i64x2.splat (call $four (local.get $at)))
        (call $four (i32.add (local.get $at) (i32.const 4)))))
      (local.set $other (i64x2.replace_lane 1
        (i64x2.splat (call $four (i32.add (local.get $at) (i32.const 8))))
        (call $four (i32.add (local.get $at) (i32.const 12)))))
      (local.set $end (i32.add (local.get $at) (i32.const 16)))
      (if (i32.gt_u (local.get $end) (local.get $count)) (then (local.set $end (local.get $count))))
      (if (i32.eqz (v128.any_true (v128.and
          (v128.or (local.get $one) (local.get $other))
          (v128.const i16x8 0xff80 0xff80 0xff80 0xff80 0xff80 0xff80 0xff80 0xff80))))
        (then
          (v128.store (local.get $to) (i8x16.narrow_i16x8_u (local.get $one) (local.get $other)))
          (local.set $to (i32.add (local.get $to) (i32.sub (local.get $end) (local.get $at))))
          (local.set $at (local.get $end))
          (br $block)))
      ;; A block that is not all ASCII. A pair of surrogates may end in the next block.
      (loop $each
        (local.set $unit (call $unit (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (block $written
          (if (i32.lt_u (local.get $unit) (i32.const 0x80)) (then
            (i32.store8 (local.get $to) (local.get $unit))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (br $written)))
          (if (i32.lt_u (local.get $unit) (i32.const 0x800)) (then
            (i32.store8 (local.get $to)
              (i32.or (i32.const 0xc0) (i32.shr_u (local.get $unit) (i32.const 6))))
            (i32.store8 offset=1 (local.get $to)
              (i32.or (i32.const 0x80) (i32.and (local.get $unit) (i32.const 0x3f))))
            (local.set $to (i32.add (local.get $to) (i32.const 2)))
            (br $written)))
          (if (i32.eq (i32.and (local.get $unit) (i32.const 0xf800)) (i32.const 0xd800)) (then
            (if (i32.and (i32.lt_u (local.get $unit) (i32.const 0xdc00))
                (i32.lt_u (local.get $at) (local.get $count))) (then
              (local.set $next (call $unit (local.get $at)))
              (if (i32.eq (i32.and (local.get $next) (i32.const 0xfc00)) (i32.const 0xdc00)) (then
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                ;; 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00)
                (local.set $unit (i32.sub
                  (i32.add (i32.shl (local.get $unit) (i32.const 10)) (local.get $next))
                  (i32.const 0x35fdc00)))
                (i32.store8 (local.get $to)
                  (i32.or (i32.const 0xf0) (i32.shr_u (local.get $unit) (i32.const 18))))
                (i32.store8 offset=1 (local.get $to)
                  (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $unit) (i32.const 12)) (i32.const 0x3f))))
                (i32.store8 offset=2 (local.get $to)
                  (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $unit) (i32.const 6)) (i32.const 0x3f))))
                (i32.store8 offset=3 (local.get $to)
                  (i32.or (i32.const 0x80) (i32.and (local.get $unit) (i32.const 0x3f))))
                (local.set $to (i32.add (local.get $to) (i32.const 4)))
                (br $written)))))
            ;; Alone, a surrogate is the replacement character.
            (local.set $unit (i32.const 0xfffd))))
          (i32.store8 (local.get $to)
            (i32.or (i32.const 0xe0) (i32.shr_u (local.get $unit) (i32.const 12))))
          (i32.store8 offset=1 (local.get $to)
            (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $unit) (i32.const 6)) (i32.const 0x3f))))
          (i32.store8 offset=2 (local.get $to)
            (i32.or (i32.const 0x80) (i32.and (local.get $unit) (i32.const 0x3f))))
          (local.set $to (i32.add (local.get $to) (i32.const 3))))
        (br_if $each (i32.lt_u (local.get $at) (local.get $end))))
      (br $block)))
    (i32.sub (local.get $to) (local.get $place))))
