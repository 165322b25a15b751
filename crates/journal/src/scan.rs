//! Walks the records of one segment file, past damage too.
//!
//! From: a segment's bytes. To: a [`ReadBatch`] of verified records and the ranges that are lost.
//! Readers, recovery and inspection all see a segment through this one pair of eyes.

use std::io;

use crate::batch::ReadBatch;
use crate::disk::File;
use crate::segment::{self, Parsed, RECORD_MIN};

/// How much is read at once while searching past damage.
const SEARCH_BYTES: usize = 256 << 10;
/// What a disk fails to read at once, in bytes.
const SECTOR: usize = 4096;

/// Why a walk paused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Stop {
    /// The batch is full; there is more.
    More,
    /// The end mark, or the limit, was reached.
    End,
    /// Between here and the limit nothing is valid.
    Tail,
}

/// A place in a segment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// Where the next record should stand.
    pub offset: u64,
    /// The position that it should have.
    pub expected: u64,
}

/// What one buffer gave.
enum Pass {
    /// This many bytes are needed to go on.
    Short(usize),
    /// Damage at the walk's offset.
    Bad,
    /// An end mark.
    Mark,
}

impl Walk {
    /// Reads about `max` bytes of records, not past `limit`, and adds them to `into`.
    pub fn fill<F: File>(
        &mut self,
        file: &F,
        limit: u64,
        max: usize,
        into: &mut ReadBatch,
    ) -> io::Result<Stop> {
        let mut want = max.max(segment::RECORD_HEADER);
        loop {
            let left = usize::try_from(limit.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            if left == 0 {
                return Ok(Stop::End);
            }
            let got = read_around(file, into.buffer(want.min(left)), self.offset)?;
            let pass = self.parse(got, into);
            match pass {
                Pass::Mark => return Ok(Stop::End),
                Pass::Short(_) | Pass::Bad if into.has_records() => return Ok(Stop::More),
                // A record cannot be longer than what is left; its length is damaged.
                Pass::Short(need) if need <= left && got == want.min(left) => want = need,
                Pass::Short(_) | Pass::Bad => {
                    match find_valid(file, self.offset, self.expected, limit)? {
                        Some(offset) => self.offset = offset,
                        None => return Ok(Stop::Tail),
                    }
                    want = max.max(segment::RECORD_HEADER);
                }
            }
        }
    }

    /// Takes the records of the first `got` bytes of the buffer, up to the first that is not whole.
    fn parse(&mut self, got: usize, into: &mut ReadBatch) -> Pass {
        let mut at = 0;
        loop {
            let expected = self.expected;
            let rest = into.bytes().get(at..got).unwrap_or_default();
            match segment::parse(rest, |seq| seq >= expected) {
                Parsed::Record { seq, bytes } => {
                    into.push_lost(self.expected, seq);
                    into.push_record(at, bytes);
                    at += bytes;
                    self.offset += bytes as u64;
                    self.expected = seq.saturating_add(1);
                }
                Parsed::Mark { seq } => {
                    into.push_lost(self.expected, seq);
                    self.expected = seq;
                    return Pass::Mark;
                }
                Parsed::Short(need) => return Pass::Short(need),
                Parsed::Bad => return Pass::Bad,
            }
        }
    }
}

/// The first offset after `bad` where a valid record or mark stands, if any does before `limit`.
///
/// Positions are dense in a segment, so the bytes skipped bound how many records they held, at
/// least one: a record inside another one's payload hardly passes for a real one.
fn find_valid<F: File>(file: &F, bad: u64, expected: u64, limit: u64) -> io::Result<Option<u64>> {
    let mut chunk = vec![0; SEARCH_BYTES];
    let mut longer = Vec::new();
    let mut base = bad + 1;
    while base < limit {
        let want = usize::try_from(limit - base).unwrap_or(usize::MAX).min(SEARCH_BYTES);
        let got = read_around(file, &mut chunk[..want], base)?;
        if got < segment::RECORD_HEADER {
            return Ok(None);
        }
        for at in 0..=got - segment::RECORD_HEADER {
            let offset = base + at as u64;
            let most = expected.saturating_add((offset - bad) / RECORD_MIN as u64);
            let plausible = |seq: u64| expected < seq && seq <= most;
            match segment::parse(&chunk[at..got], plausible) {
                Parsed::Record { .. } | Parsed::Mark { .. } => return Ok(Some(offset)),
                Parsed::Short(need) if offset + need as u64 <= limit => {
                    longer.resize(need, 0);
                    let read = read_around(file, &mut longer, offset)?;
                    if matches!(segment::parse(&longer[..read], plausible), Parsed::Record { .. }) {
                        return Ok(Some(offset));
                    }
                }
                Parsed::Short(_) | Parsed::Bad => {}
            }
        }
        base += (got - segment::RECORD_HEADER + 1) as u64;
    }
    Ok(None)
}

/// Reads as [`File::read_at`] does, but what the disk cannot read any more comes as zeros: to the
/// journal that is damage like any other.
pub(crate) fn read_around<F: File>(file: &F, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    match file.read_at(buffer, offset) {
        Err(error) if is_bad_sector(&error) => {}
        read => return read,
    }
    let mut done = 0;
    while done < buffer.len() {
        let at = offset + done as u64;
        let to_next = SECTOR - (at % SECTOR as u64) as usize;
        let end = buffer.len().min(done + to_next);
        match file.read_at(&mut buffer[done..end], at) {
            Ok(0) => break,
            Ok(got) => done += got,
            Err(error) if is_bad_sector(&error) => {
                buffer[done..end].fill(0);
                done = end;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

fn is_bad_sector(error: &io::Error) -> bool {
    error.raw_os_error() == Some(nix::errno::Errno::EIO as i32)
}
