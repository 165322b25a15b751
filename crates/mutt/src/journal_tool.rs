//! `mutt journal inspect` and `export`: what is in a journal, damaged or not, running or not.
//!
//! From: the segment files, read only. To: standard output.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use mutt_event::{Envelope, MessageId};
use mutt_journal::{HeaderState, Inspection, Position, RealDisk, Record, SegmentReport};
use serde_json::json;

/// How an export is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub enum Format {
    /// One JSON object a line, with everything that is known of the message.
    Json,
    /// The raw bytes of syslog and JSON messages, LF after each; traps are left out.
    Raw,
}

/// Prints what each segment holds; answers whether everything can be read.
///
/// # Errors
/// If the folder or a file cannot be read.
pub fn inspect(folder: &Path, out: &mut impl Write) -> Result<bool> {
    let found = mutt_journal::inspect(&disk(folder)?)?;
    print(&found, out)?;
    Ok(found.segments.iter().all(|segment| segment.lost.is_empty()))
}

/// Writes every readable message from a position on; answers whether none was unreadable.
///
/// # Errors
/// If the folder cannot be read, or `out` not written.
pub fn export(folder: &Path, from: u64, format: Format, out: &mut impl Write) -> Result<bool> {
    let exported = mutt_journal::export(&disk(folder)?, Position(from), |record| match format {
        Format::Json => write_json(&record, out),
        Format::Raw => write_raw(&record, out),
    })?;
    out.flush()?;
    let lost: u64 = exported.lost.iter().map(|range| range.end.0 - range.start.0).sum();
    if lost > 0 {
        let ranges: Vec<String> = exported
            .lost
            .iter()
            .map(|range| format!("{}-{}", range.start, range.end.0.saturating_sub(1)))
            .collect();
        eprintln!("{lost} messages cannot be read: positions {}", ranges.join(", "));
    }
    Ok(lost == 0)
}

fn disk(folder: &Path) -> Result<RealDisk> {
    ensure!(folder.is_dir(), "{} is no folder; name the one of journal.folder", folder.display());
    Ok(RealDisk::new(folder))
}

fn print(found: &Inspection, out: &mut impl Write) -> Result<()> {
    let unknown = || "unknown (no header can be read)".to_owned();
    writeln!(out, "journal     {}", found.identity.clone().unwrap_or_else(unknown))?;
    let partitions = found.partitions.map_or_else(unknown, |partitions| partitions.to_string());
    writeln!(out, "partitions  {partitions}")?;
    let records: u64 = found.segments.iter().map(|segment| segment.records).sum();
    let bytes: u64 = found.segments.iter().map(|segment| segment.bytes).sum();
    writeln!(out, "messages    {records} in {} segments, {bytes} bytes", found.segments.len())?;
    for segment in &found.segments {
        print_segment(segment, out).context("standard output")?;
    }
    Ok(())
}

fn print_segment(segment: &SegmentReport, out: &mut impl Write) -> io::Result<()> {
    let last = segment.next.0.saturating_sub(1);
    writeln!(out, "\n{}", segment.name)?;
    writeln!(out, "  positions  {} to {last}, {} readable", segment.first, segment.records)?;
    if let (Some(first), Some(last)) = (segment.first_time, segment.last_time) {
        writeln!(out, "  appended   {first} to {last}")?;
    }
    match segment.header {
        HeaderState::Whole => {}
        HeaderState::OneCopy => writeln!(out, "  header     one copy damaged, the other serves")?,
        HeaderState::Damaged => writeln!(out, "  header     damaged")?,
    }
    for range in &segment.lost {
        let last = range.end.0.saturating_sub(1);
        writeln!(out, "  LOST       positions {} to {last}", range.start)?;
    }
    if segment.torn {
        writeln!(out, "  end        torn, or being written now")?;
    }
    Ok(())
}

fn write_raw(record: &Record<'_>, out: &mut impl Write) -> io::Result<()> {
    match Envelope::decode(record.payload) {
        Ok(envelope) if envelope.kind != mutt_event::Kind::Trap => {
            out.write_all(envelope.raw)?;
            out.write_all(b"\n")
        }
        _ => Ok(()),
    }
}

fn write_json(record: &Record<'_>, out: &mut impl Write) -> io::Result<()> {
    let id = MessageId {
        appended: record.time,
        partition: record.partition,
        position: record.position.0,
    };
    let mut object = json!({
        "id": id.to_string(),
        "position": record.position.0,
        "partition": record.partition,
        "appended": record.time.to_string(),
    });
    match Envelope::decode(record.payload) {
        Ok(envelope) => {
            object["input"] = envelope.input.name().into();
            object["kind"] = format!("{:?}", envelope.kind).to_lowercase().into();
            object["received"] = envelope.received.to_string().into();
            object["host"] = envelope.host.into();
            object["peer"] = envelope.peer.map(|peer| peer.to_string()).into();
            object["truncated"] = envelope.flags.truncated.into();
            put_bytes(&mut object, envelope.raw);
        }
        Err(error) => {
            object["error"] = error.to_string().into();
            put_bytes(&mut object, record.payload);
        }
    }
    serde_json::to_writer(&mut *out, &object)?;
    out.write_all(b"\n")
}

/// Bytes that are no UTF-8 (a trap) are written in hexadecimal, so that none is changed.
fn put_bytes(object: &mut serde_json::Value, bytes: &[u8]) {
    match std::str::from_utf8(bytes) {
        Ok(text) => object["raw"] = text.into(),
        Err(_) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            object["raw_hex"] = hex.into();
        }
    }
}
