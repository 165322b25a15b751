//! The bytes of a segment file: header, records, end mark. The crate's first page draws them.

use mutt_event::Timestamp;
use uuid::Uuid;

/// The first bytes of every segment.
const MAGIC: [u8; 8] = *b"MUTTJRNL";
/// The format that this program writes and reads.
pub(crate) const VERSION: u32 = 1;
/// The header before its counts, and its crc after them.
const HEADER_FIXED: usize = 56;
const CRC: usize = 4;
const PAGE: usize = 4096;
/// The most partitions that a journal can have.
pub(crate) const PARTITIONS_MAX: u16 = 1024;
/// The largest segment that may be asked for, in bytes.
pub(crate) const SEGMENT_MAX: u64 = 1 << 30;
/// `len`, `crc` and `seq`.
pub(crate) const RECORD_HEADER: usize = 16;
/// Partition and time, at the start of a body.
const BODY_FIXED: usize = 10;
/// The smallest record: an empty payload.
pub(crate) const RECORD_MIN: usize = RECORD_HEADER + BODY_FIXED;
/// The largest payload of one record, in bytes.
pub const PAYLOAD_MAX: usize = 16 << 20;
/// The end mark: a record header with this `len` and no body.
const MARK: u32 = u32::MAX;
/// The end mark's size.
pub(crate) const MARK_BYTES: usize = RECORD_HEADER;

/// Bytes at the start of a file that hold both copies of any header.
pub(crate) const HEADER_REGION_MAX: usize = 2 * stride(PARTITIONS_MAX);

/// The distance between the two copies of the header.
const fn stride(partitions: u16) -> usize {
    (HEADER_FIXED + 8 * partitions as usize + CRC).div_ceil(PAGE) * PAGE
}

/// Where the first record stands.
pub(crate) const fn data_start(partitions: u16) -> u64 {
    2 * stride(partitions) as u64
}

/// The file name of the segment whose first record is `first`.
pub(crate) fn name(first: u64) -> String {
    format!("{first:020}.seg")
}

/// The first position of a segment, from its file name.
pub(crate) fn first_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".seg")?;
    let plain = digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

/// What a segment says about itself and about all before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub identity: Uuid,
    pub partitions: u16,
    /// Position of the first record.
    pub first: u64,
    /// First position of the segment before; 0 if there was none.
    pub previous: u64,
    /// The last append before this segment.
    pub last_append: Timestamp,
    /// Records stored before this segment, by partition.
    pub stored: Vec<u64>,
}

/// Why a header cannot be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum HeaderFault {
    /// Neither copy is whole.
    Damaged,
    /// A whole header of a format that this program does not know.
    Version(u32),
}

impl Header {
    /// Both copies, up to the first record.
    pub fn encode(&self) -> Vec<u8> {
        let stride = stride(self.partitions);
        let mut bytes = Vec::with_capacity(2 * stride);
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.partitions.to_le_bytes());
        bytes.extend([0; 2]);
        bytes.extend(self.identity.as_bytes());
        bytes.extend(self.first.to_le_bytes());
        bytes.extend(self.previous.to_le_bytes());
        bytes.extend(self.last_append.as_micros().to_le_bytes());
        for stored in &self.stored {
            bytes.extend(stored.to_le_bytes());
        }
        bytes.extend(crc32c::crc32c(&bytes).to_le_bytes());
        bytes.resize(stride, 0);
        bytes.extend_from_within(..);
        bytes
    }

    /// The header, and whether both copies were whole. `file` is the start of the file.
    pub fn decode(file: &[u8], first: u64) -> Result<(Self, bool), HeaderFault> {
        let one = Self::decode_copy(file);
        let other = (1..=HEADER_REGION_MAX / PAGE / 2)
            .map(|pages| (pages * PAGE, file.get(pages * PAGE..).unwrap_or_default()))
            .find_map(|(at, copy)| {
                let copy = Self::decode_copy(copy)?;
                (copy.as_ref().map_or(true, |header| stride(header.partitions) == at))
                    .then_some(copy)
            });
        let both = one.is_some() && one == other;
        match one.or(other) {
            Some(Ok(header)) if header.first == first => Ok((header, both)),
            Some(Err(version)) => Err(HeaderFault::Version(version)),
            _ => Err(HeaderFault::Damaged),
        }
    }

    /// One copy: none if it is damaged, an error with its version if that is unknown.
    fn decode_copy(bytes: &[u8]) -> Option<Result<Self, u32>> {
        if bytes.get(..8)? != MAGIC {
            return None;
        }
        let partitions = u16::from_le_bytes(array(bytes, 12)?);
        if !(1..=PARTITIONS_MAX).contains(&partitions) {
            return None;
        }
        let counts_end = HEADER_FIXED + 8 * usize::from(partitions);
        if crc32c::crc32c(bytes.get(..counts_end)?) != u32::from_le_bytes(array(bytes, counts_end)?)
        {
            return None;
        }
        let version = u32::from_le_bytes(array(bytes, 8)?);
        if version != VERSION {
            return Some(Err(version));
        }
        let stored = bytes[HEADER_FIXED..counts_end].chunks_exact(8);
        Some(Ok(Self {
            identity: Uuid::from_bytes(array(bytes, 16)?),
            partitions,
            first: u64::from_le_bytes(array(bytes, 32)?),
            previous: u64::from_le_bytes(array(bytes, 40)?),
            last_append: Timestamp::from_micros(i64::from_le_bytes(array(bytes, 48)?)),
            stored: stored.filter_map(|count| Some(u64::from_le_bytes(array(count, 0)?))).collect(),
        }))
    }

    /// Records stored before this segment, in all.
    pub fn stored_total(&self) -> u64 {
        self.stored.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }
}

/// The `N` bytes at `at`.
fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// Appends a record to `out`.
pub(crate) fn put_record(
    out: &mut Vec<u8>,
    seq: u64,
    partition: u16,
    time: Timestamp,
    payload: &[u8],
) {
    let start = out.len();
    let len = (BODY_FIXED + payload.len()) as u32; // the caller holds payloads to PAYLOAD_MAX
    let mut fixed = [0; RECORD_MIN];
    fixed[0..4].copy_from_slice(&len.to_le_bytes());
    fixed[8..16].copy_from_slice(&seq.to_le_bytes());
    fixed[16..18].copy_from_slice(&partition.to_le_bytes());
    fixed[18..26].copy_from_slice(&time.as_micros().to_le_bytes());
    out.extend_from_slice(&fixed);
    out.extend_from_slice(payload);
    seal(&mut out[start..]);
}

/// Appends the mark that says: the records before here were written whole, `seq` comes next.
pub(crate) fn put_mark(out: &mut Vec<u8>, seq: u64) {
    let start = out.len();
    out.extend(MARK.to_le_bytes());
    out.extend([0; 4]);
    out.extend(seq.to_le_bytes());
    seal(&mut out[start..]);
}

fn seal(record: &mut [u8]) {
    let crc = crc_of(record);
    record[4..8].copy_from_slice(&crc.to_le_bytes());
}

/// The crc covers everything but itself.
fn crc_of(record: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&record[..4]), &record[8..])
}

/// What stands at the start of some bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Parsed {
    /// A whole record of `bytes` bytes.
    Record { seq: u64, bytes: usize },
    /// An end mark: `seq` comes next.
    Mark { seq: u64 },
    /// This many bytes are needed to tell.
    Short(usize),
    /// Neither.
    Bad,
}

/// Looks at the start of `bytes`; `seq_ok` tells a plausible position, before the crc is computed.
#[inline]
pub(crate) fn parse(bytes: &[u8], seq_ok: impl FnOnce(u64) -> bool) -> Parsed {
    let Some(head) = bytes.first_chunk::<RECORD_HEADER>() else {
        return Parsed::Short(RECORD_HEADER);
    };
    let [l0, l1, l2, l3, c0, c1, c2, c3, seq @ ..] = *head;
    let len = u32::from_le_bytes([l0, l1, l2, l3]);
    let crc = u32::from_le_bytes([c0, c1, c2, c3]);
    let seq = u64::from_le_bytes(seq);
    let body = len as usize;
    let mark = len == MARK;
    if !mark && !(BODY_FIXED..=BODY_FIXED + PAYLOAD_MAX).contains(&body) || !seq_ok(seq) {
        return Parsed::Bad;
    }
    let whole = if mark { MARK_BYTES } else { RECORD_HEADER + body };
    match bytes.get(..whole) {
        None => Parsed::Short(whole),
        Some(record) if crc_of(record) != crc => Parsed::Bad,
        Some(_) if mark => Parsed::Mark { seq },
        Some(_) => Parsed::Record { seq, bytes: whole },
    }
}

/// The fields of a whole record.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub seq: u64,
    pub partition: u16,
    pub time: Timestamp,
    pub payload: &'a [u8],
}

/// Takes apart a record that [`parse`] called whole.
#[inline]
pub(crate) fn fields(record: &[u8]) -> Option<Fields<'_>> {
    let (fixed, payload) = record.split_first_chunk::<RECORD_MIN>()?;
    let [_, _, _, _, _, _, _, _, seq @ .., p0, p1, t0, t1, t2, t3, t4, t5, t6, t7] = *fixed;
    Some(Fields {
        seq: u64::from_le_bytes(seq),
        partition: u16::from_le_bytes([p0, p1]),
        time: Timestamp::from_micros(i64::from_le_bytes([t0, t1, t2, t3, t4, t5, t6, t7])),
        payload,
    })
}
