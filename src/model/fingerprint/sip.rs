//! SipHash-2-4 with 128 bits (Aumasson and Bernstein), of a text that is there as a whole. In line, because each event
//! takes one digest of a short text.

/// The digest of `bytes` under a key, low half first.
pub(super) fn digest(key: [u64; 2], bytes: &[u8]) -> u128 {
    let mut state = State([
        key[0] ^ 0x736f_6d65_7073_6575,
        key[1] ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        key[0] ^ 0x6c79_6765_6e65_7261,
        key[1] ^ 0x7465_6462_7974_6573,
    ]);
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| state.take(u64::from_le_bytes(*word)));
    // The last word ends with the length.
    let length = bytes.len() as u64;
    state.take(rest.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)) | length << 56);
    state.0[2] ^= 0xee;
    let low = state.half();
    state.0[1] ^= 0xdd;
    u128::from(state.half()) << 64 | u128::from(low)
}

struct State([u64; 4]);

impl State {
    #[inline(always)]
    fn take(&mut self, word: u64) {
        self.0[3] ^= word;
        self.rounds::<2>();
        self.0[0] ^= word;
    }

    #[inline(always)]
    fn half(&mut self) -> u64 {
        self.rounds::<4>();
        self.0.iter().fold(0, |half, word| half ^ word)
    }

    #[inline(always)]
    fn rounds<const COUNT: usize>(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        for _ in 0..COUNT {
            a = a.wrapping_add(b);
            c = c.wrapping_add(d);
            b = b.rotate_left(13) ^ a;
            d = d.rotate_left(16) ^ c;
            a = a.rotate_left(32);
            c = c.wrapping_add(b);
            a = a.wrapping_add(d);
            b = b.rotate_left(17) ^ c;
            d = d.rotate_left(21) ^ a;
            c = c.rotate_left(32);
        }
        self.0 = [a, b, c, d];
    }
}
