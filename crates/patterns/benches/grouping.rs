//! How well messages are grouped: `cargo bench -p mutt-patterns --bench grouping -- FOLDER`.
//!
//! FOLDER has LogHub's labelled samples (`*_2k.log_structured.csv`); of these the message alone
//! is used, with no key and one setting for all. Without a folder it is our own corpus. `--wrong`
//! also prints the groups that are not as they should be.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use support::{Labelled, accuracy, corpus};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let shows_wrong = arguments.iter().any(|argument| argument == "--wrong");
    let Some(folder) = arguments.iter().find(|argument| !argument.starts_with('-')) else {
        report("our own", &corpus(), shows_wrong);
        return;
    };
    let files = files(Path::new(folder));
    if files.is_empty() {
        fail(&format!("{folder} has no *_2k.log_structured.csv"));
    }
    let mut sum = 0.0;
    for file in &files {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.split('_').next().unwrap_or_default();
        let messages =
            read(file).unwrap_or_else(|error| fail(&format!("{}: {error}", file.display())));
        sum += report(name, &messages, shows_wrong);
    }
    println!("{:<14} {:>8} {:>9.4}", "mean", "", sum / files.len() as f64);
}

fn report(name: &str, messages: &[Labelled], shows_wrong: bool) -> f64 {
    let (accuracy, wrong) = accuracy(messages);
    println!("{name:<14} {:>8} {accuracy:>9.4}", messages.len());
    for (label, count, templates) in wrong.iter().filter(|_| shows_wrong) {
        println!("    {label}, {count} messages");
        templates.iter().for_each(|template| println!("        {template}"));
    }
    accuracy
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| fail(&error.to_string()));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.to_string_lossy().ends_with("_2k.log_structured.csv"));
    files.sort();
    files
}

fn read(file: &Path) -> Result<Vec<Labelled>, csv::Error> {
    let mut reader = csv::Reader::from_path(file)?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let (Some(content), Some(label)) = (column("Content"), column("EventId")) else {
        fail(&format!("{} has no columns Content and EventId", file.display()))
    };
    let field = |record: &csv::StringRecord, at| record.get(at).unwrap_or_default().to_owned();
    reader.records().map(|record| record.map(|r| (field(&r, label), field(&r, content)))).collect()
}

fn fail(why: &str) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}
