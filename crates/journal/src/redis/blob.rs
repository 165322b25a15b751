//! What one entry of a stream holds: messages packed, compressed and sealed.
//!
//! ```text
//! version:u8 codec:u8 count:u16 raw:u32 crc:u32, then compressed: (len:u32 payload) × count
//! ```
//!
//! Integers are little-endian. `raw` is the size before compression, in bytes; `crc` is the crc32c
//! of everything but itself. Redis loads a damaged file as if nothing were wrong, so this is the
//! only way to know that a message is what it was.

use thiserror::Error;

use crate::segment::PAYLOAD_MAX;

/// The format that this program writes and reads.
const VERSION: u8 = 1;
const STORED: u8 = 0;
const ZSTD: u8 = 1;
/// Higher ones take much more time for little.
const LEVEL: i32 = 1;
const HEADER: usize = 12;
/// The most messages of one entry.
pub(super) const COUNT_MAX: usize = 500;
/// The most bytes of one entry of several messages, before compression.
pub(super) const RAW_BYTES: usize = 256 << 10;
/// What stands before each payload.
pub(super) const LEN: usize = 4;
/// No entry is larger before compression: one message of the largest size.
const RAW_MAX: usize = LEN + PAYLOAD_MAX;

/// An entry that cannot be read; its messages are lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Error)]
pub(super) enum Damage {
    #[error("it is too short")]
    Short,
    #[error("its checksum does not match")]
    Crc,
    #[error("its format is {0}, which this MUTT does not read")]
    Version(u8),
    #[error("it does not hold what its header says")]
    Content,
}

/// Seals `raw`, `count` messages each behind its length.
pub(super) fn encode(count: u16, raw: &[u8]) -> Vec<u8> {
    let mut blob = vec![0; HEADER + raw.len()];
    let (codec, bytes) = match zstd::bulk::compress_to_buffer(raw, &mut blob[HEADER..], LEVEL) {
        Ok(bytes) => (ZSTD, bytes),
        // It does not get smaller.
        Err(_) => {
            blob[HEADER..].copy_from_slice(raw);
            (STORED, raw.len())
        }
    };
    blob.truncate(HEADER + bytes);
    blob[0] = VERSION;
    blob[1] = codec;
    blob[2..4].copy_from_slice(&count.to_le_bytes());
    blob[4..8].copy_from_slice(&(raw.len() as u32).to_le_bytes()); // RAW_MAX bounds it
    let crc = crc_of(&blob);
    blob[8..12].copy_from_slice(&crc.to_le_bytes());
    blob
}

/// Opens a blob: the count, and `raw` as it was given to [`encode`], in `into`.
pub(super) fn decode(blob: &[u8], into: &mut Vec<u8>) -> Result<u16, Damage> {
    let (header, body) = blob.split_first_chunk::<HEADER>().ok_or(Damage::Short)?;
    let [version, codec, n0, n1, r0, r1, r2, r3, c0, c1, c2, c3] = *header;
    if crc_of(blob) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(Damage::Crc);
    }
    if version != VERSION {
        return Err(Damage::Version(version));
    }
    let raw = u32::from_le_bytes([r0, r1, r2, r3]) as usize;
    if raw > RAW_MAX {
        return Err(Damage::Content);
    }
    into.clear();
    match codec {
        STORED => into.extend_from_slice(body),
        ZSTD => {
            into.resize(raw, 0);
            let bytes = zstd::bulk::decompress_to_buffer(body, into.as_mut_slice());
            into.truncate(bytes.map_err(|_| Damage::Content)?);
        }
        _ => return Err(Damage::Content),
    }
    let count = u16::from_le_bytes([n0, n1]);
    let whole = into.len() == raw && holds(into, count);
    whole.then_some(count).ok_or(Damage::Content)
}

/// The payloads of a raw block; it ends early where a length does not fit.
pub(super) fn payloads(mut raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (len, rest) = raw.split_first_chunk::<LEN>()?;
        let (payload, rest) = rest.split_at_checked(u32::from_le_bytes(*len) as usize)?;
        raw = rest;
        Some(payload)
    })
}

/// Appends a payload to a raw block.
pub(super) fn put(raw: &mut Vec<u8>, payload: &[u8]) {
    raw.extend_from_slice(&(payload.len() as u32).to_le_bytes()); // PAYLOAD_MAX bounds it
    raw.extend_from_slice(payload);
}

fn holds(raw: &[u8], count: u16) -> bool {
    let (found, bytes) =
        payloads(raw).fold((0usize, 0), |(n, bytes), payload| (n + 1, bytes + LEN + payload.len()));
    found == usize::from(count) && bytes == raw.len()
}

fn crc_of(blob: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&blob[..8]), &blob[HEADER..])
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn raw_of(payloads: &[Vec<u8>]) -> Vec<u8> {
        let mut raw = Vec::new();
        payloads.iter().for_each(|payload| put(&mut raw, payload));
        raw
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(messages in vec(vec(any::<u8>(), 0..200), 0..50)) {
            let blob = encode(messages.len() as u16, &raw_of(&messages));
            let mut raw = Vec::new();
            prop_assert_eq!(decode(&blob, &mut raw), Ok(messages.len() as u16));
            prop_assert_eq!(payloads(&raw).map(<[u8]>::to_vec).collect::<Vec<_>>(), messages);
        }

        #[test]
        fn any_flipped_bit_is_noticed(text in "[a-c ]{1,300}", bit in any::<prop::sample::Index>()) {
            let mut blob = encode(1, &raw_of(&[text.into_bytes()]));
            let bit = bit.index(blob.len() * 8);
            blob[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(decode(&blob, &mut Vec::new()).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(mut bytes in vec(any::<u8>(), 0..300), sealed in any::<bool>()) {
            if sealed && bytes.len() >= HEADER {
                bytes[0] = VERSION;
                bytes[1] %= 2;
                let crc = crc_of(&bytes);
                bytes[8..12].copy_from_slice(&crc.to_le_bytes());
            }
            let _ = decode(&bytes, &mut Vec::new());
        }
    }

    #[test]
    fn what_does_not_get_smaller_is_stored_as_it_is() {
        let raw = raw_of(&[b"x".to_vec()]);
        let blob = encode(1, &raw);
        assert_eq!((blob[1], blob.len()), (STORED, HEADER + raw.len()));
        let raw = raw_of(&[vec![b'x'; PAYLOAD_MAX]]);
        let blob = encode(1, &raw);
        assert_eq!(blob[1], ZSTD);
        assert_eq!(decode(&blob, &mut Vec::new()), Ok(1));
    }
}
