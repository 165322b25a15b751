//! The inventory as CSV, as spreadsheets read and write it.
//!
//! From: a table with a header, `host,environment,site,team,labels.NAME,…`, columns in any order,
//! with `,` or `;` between. To: entries, or every fault with line and column; and back.

use std::collections::BTreeSet;

use csv::{ReaderBuilder, StringRecord, WriterBuilder};

use super::InventoryEntry;
use super::check::{InventoryLimits, Places, check_entries, check_label};
use crate::fault::{did_you_mean, list};
use crate::source::LineStarts;
use crate::{Environment, Fault};

const COLUMNS: [&str; 5] = ["host", "environment", "site", "team", "labels.NAME"];

#[derive(PartialEq, Eq)]
enum Column {
    Host,
    Environment,
    Site,
    Team,
    Label(String),
    /// Told as a fault.
    Unknown,
}

/// Reads a table and checks it within the default limits. A column's name is the fault's path.
///
/// # Errors
/// Every fault at once, in the order of the file.
pub fn inventory_from_csv(text: &str) -> Result<Vec<InventoryEntry>, Vec<Fault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter(text))
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let starts = LineStarts::of(text);
    let mut faults = Vec::new();
    let mut columns: Option<Vec<Column>> = None;
    let (mut entries, mut lines) = (Vec::new(), Vec::new());
    // Text in memory that is UTF-8 gives no errors.
    for record in reader.records().filter_map(Result::ok) {
        let line = line_of(&record, text, &starts);
        let mut row = Row { line, faults: &mut faults };
        let Some(columns) = &columns else {
            columns = Some(row.header(&record));
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        entries.push(row.entry(columns, &record));
        lines.push(row.line);
    }
    let columns = columns.unwrap_or_default();
    if !columns.contains(&Column::Host) {
        let message = "`host` is missing: the first line names the columns, host,environment,…";
        faults.insert(0, Fault { line: Some(1), ..Fault::at("host", message) });
        // Without it nothing that follows is an entry.
        faults.retain(|fault| fault.line == Some(1));
        return Err(faults);
    }
    let checked = check_entries(&entries, &InventoryLimits::default(), &Places::Lines(lines));
    faults.extend(checked);
    if faults.is_empty() {
        return Ok(entries);
    }
    faults.sort_by_key(|fault| fault.line);
    Err(faults)
}

/// The line where a record begins. The crate's own count stops before the line's break and before
/// empty lines.
fn line_of(record: &StringRecord, text: &str, starts: &LineStarts) -> u32 {
    let at = record.position().map_or(0, csv::Position::byte);
    let at = usize::try_from(at).unwrap_or(usize::MAX).min(text.len());
    let breaks = text.as_bytes()[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    starts.line(at + breaks.count())
}

/// What stands between the cells: spreadsheets write `;` where numbers have a decimal comma.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |wanted: u8| header.bytes().filter(|byte| *byte == wanted).count();
    if count(b';') > count(b',') { b';' } else { b',' }
}

struct Row<'a> {
    line: u32,
    faults: &'a mut Vec<Fault>,
}

impl Row<'_> {
    fn fault(&mut self, column: &str, message: String) {
        self.faults.push(Fault { line: Some(self.line), ..Fault::at(column, message) });
    }

    fn header(&mut self, record: &StringRecord) -> Vec<Column> {
        let mut columns: Vec<Column> = Vec::with_capacity(record.len());
        for name in record.iter().map(str::trim) {
            let column = self.column(name);
            let is_twice = column != Column::Unknown && columns.contains(&column);
            if is_twice {
                self.fault(name, "two columns have this name: join them".to_owned());
            }
            columns.push(if is_twice { Column::Unknown } else { column });
        }
        columns
    }

    fn column(&mut self, name: &str) -> Column {
        match name {
            "host" => return Column::Host,
            "environment" => return Column::Environment,
            "site" => return Column::Site,
            "team" => return Column::Team,
            _ => {}
        }
        let message = match name.strip_prefix("labels.").map(|label| (label, check_label(label))) {
            Some((label, Ok(()))) => return Column::Label(label.to_owned()),
            Some((_, Err(message))) => message,
            None => format!(
                "unknown column `{name}`.{} Columns are {}.",
                did_you_mean(name, COLUMNS),
                list(COLUMNS)
            ),
        };
        self.fault(name, message);
        Column::Unknown
    }

    fn entry(&mut self, columns: &[Column], record: &StringRecord) -> InventoryEntry {
        let mut entry = InventoryEntry::default();
        if record.len() != columns.len() {
            let (has, wanted) = (record.len(), columns.len());
            self.fault("", format!("has {has} cells, but the header has {wanted}"));
        }
        for (column, cell) in columns.iter().zip(record) {
            let cell = Some(cell.trim()).filter(|cell| !cell.is_empty()).map(str::to_owned);
            match (column, cell) {
                (Column::Host, cell) => entry.host = cell.unwrap_or_default(),
                (Column::Environment, Some(word)) => entry.environment = self.environment(&word),
                (Column::Site, cell) => entry.site = cell,
                (Column::Team, cell) => entry.team = cell,
                (Column::Label(name), Some(value)) => {
                    entry.labels.insert(name.clone(), value);
                }
                (Column::Environment | Column::Label(_), None) | (Column::Unknown, _) => {}
            }
        }
        entry
    }

    fn environment(&mut self, word: &str) -> Option<Environment> {
        let known = [Environment::Prod, Environment::Dev];
        let found = known.into_iter().find(|environment| environment.name() == word);
        if found.is_none() {
            let hint = did_you_mean(word, known.map(Environment::name));
            let choices = list(known.map(Environment::name));
            let message = format!("`{word}` is not known here.{hint} It is one of {choices}.");
            self.fault("environment", message);
        }
        found
    }
}

/// A table of all entries, with a column for each label that any of them has.
pub fn inventory_to_csv(entries: &[InventoryEntry]) -> String {
    let labels: BTreeSet<&String> = entries.iter().flat_map(|entry| entry.labels.keys()).collect();
    let mut writer = WriterBuilder::new().from_writer(Vec::new());
    let header = COLUMNS.iter().take(4).map(|name| (*name).to_owned());
    let header = header.chain(labels.iter().map(|name| format!("labels.{name}")));
    // Writing to memory cannot fail, and all rows have as many cells as the header.
    let _ = writer.write_record(header);
    for entry in entries {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let environment = entry.environment.map(Environment::name).unwrap_or_default();
        let first =
            [entry.host.clone(), environment.to_owned(), text(&entry.site), text(&entry.team)];
        let label = |name: &&String| entry.labels.get(*name).cloned().unwrap_or_default();
        let _ = writer.write_record(first.into_iter().chain(labels.iter().map(label)));
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}
