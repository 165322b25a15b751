//! The inventory is read from files and tables, and written as a table.

#![allow(clippy::unwrap_used)] // helpers of tests fail as tests do

mod common;

use common::lines;
use mutt_rules::{
    Environment, Format, InventoryEntry, inventory_from_csv, inventory_to_csv, read_inventory,
};
use proptest::prelude::*;

const TABLE: &str = "host,environment,site,team,labels.rack,labels.role\n\
                     r1.example.net,prod,berlin,core,7,\n\
                     lab-*,dev,,,,\"a, b\"\n\
                     10.1.0.0/16,,ten,,,\n";

#[test]
fn a_table_reads_and_is_written_back() {
    let entries = inventory_from_csv(TABLE).unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0].environment, Some(Environment::Prod));
    assert_eq!((entries[0].labels.len(), &*entries[0].labels["rack"]), (1, "7"));
    assert_eq!((&entries[1].site, &*entries[1].labels["role"]), (&None, "a, b"));
    assert_eq!(inventory_to_csv(&entries), TABLE);
    assert_eq!(inventory_to_csv(&[]), "host,environment,site,team\n");
}

#[test]
fn spreadsheets_write_other_separators_marks_and_empty_rows() {
    let table = "\u{feff}Labels; host \r\n".replace("Labels", "labels.rack")
        + "\"a;b\";r1\r\n;;\r\n ; r2 \r\n\r\n";
    let said = lines(&inventory_from_csv(&table.replace(";;", "x;")).unwrap_err());
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("line 3: host: `host` is empty"), "{said}");
    let entries = inventory_from_csv(&table).unwrap();
    let hosts: Vec<&str> = entries.iter().map(|entry| entry.host.as_str()).collect();
    assert_eq!((hosts, &*entries[0].labels["rack"]), (vec!["r1", "r2"], "a;b"));
    assert!(entries[1].labels.is_empty());
}

#[test]
fn every_fault_tells_line_and_column() {
    let table = "host,enviroment,environment,site,site,labels.a b\n\
                 r1,,test,x,y,z\n\
                 \n\
                 r[2,,prd,,,\n\
                 \"10.0.0.0/99\",,\n\
                 R1,,,\"two\nlines\",,\n\
                 ,,,x,,\n";
    let said = lines(&inventory_from_csv(table).unwrap_err());
    let parts = [
        "line 1: enviroment: unknown column `enviroment`. Did you mean `environment`?",
        "line 1: site: two columns have this name",
        "line 1: labels.a b: `a b` is no name of a label",
        "line 2: environment: `test` is not known here. It is one of prod, dev.",
        "line 4: environment: `prd` is not known here. Did you mean `prod`?",
        "line 4: host: pattern `r[2` has a `[`",
        "line 5: has 3 cells, but the header has 6",
        "line 5: host: `10.0.0.0/99` is no network",
        "line 6: host: `R1` stands in line 2 too",
        "line 8: host: `host` is empty",
    ];
    assert_eq!(said.lines().count(), parts.len(), "{said}");
    for (line, part) in said.lines().zip(parts) {
        assert!(line.starts_with(part), "{part}\n{said}");
    }
}

#[test]
fn a_table_without_hosts_is_one_fault() {
    for table in ["", "hosts,site\nr1,x\n"] {
        let said = lines(&inventory_from_csv(table).unwrap_err());
        assert!(said.starts_with("line 1: host: `host` is missing"), "{said}");
    }
}

const YAML: &str = "hosts:\n\
                    - { host: r1, environment: prod, labels: { rack: '7' } }\n\
                    - host: lab-*\n  environment: dev\n  site: berlin\n  team: lab\n";

#[test]
fn every_format_gives_the_same_entries() {
    let toml = "[[hosts]]\nhost = 'r1'\nenvironment = 'prod'\nlabels.rack = '7'\n\
                [[hosts]]\nhost = 'lab-*'\nenvironment = 'dev'\nsite = 'berlin'\nteam = 'lab'\n";
    let entries = read_inventory(YAML, Format::Yaml).unwrap();
    assert_eq!(read_inventory(toml, Format::Toml).unwrap(), entries);
    let json = serde_json::json!({ "hosts": entries }).to_string();
    assert_eq!(read_inventory(&json, Format::Json).unwrap(), entries);
    assert_eq!(inventory_from_csv(&inventory_to_csv(&entries)).unwrap(), entries);
}

#[test]
fn a_files_faults_come_at_once_with_their_lines() {
    let yaml = "hosts:\n- { hst: r1 }\n- { host: 7, environment: porduction }\n- 3\n\
                - { host: b, site: [] }\n- { team: x, labels: { 'a.b': x, c: 1 } }\n\
                - { host: B }\nnames: []\n";
    let said = lines(&read_inventory(yaml, Format::Yaml).unwrap_err());
    let parts = [
        "line 2: hosts[0].hst: unknown key `hst`. Did you mean `host`?",
        "line 3: hosts[1].host: is a whole number",
        "line 3: hosts[1].environment: `porduction` is not known here.",
        "line 4: hosts[2].host: is a whole number: expected a table with `host`",
        "line 5: hosts[3].site: is a list",
        "line 6: hosts[4].labels.c: is a whole number",
        "line 6: hosts[4].host: `host` is missing",
        "line 6: hosts[4].labels.a.b: `a.b` is no name of a label",
        "line 7: hosts[5].host: `B` stands in line 5 too",
        "line 8: unknown key `names`: an inventory file has one list, `hosts`.",
    ];
    assert_eq!(said.lines().count(), parts.len(), "{said}");
    for (line, part) in said.lines().zip(parts) {
        assert!(line.starts_with(part), "{part}\n{said}");
    }
}

/// Text that may stand in an entry.
fn text() -> impl Strategy<Value = String> {
    "[ -~é\n\r\t;]{1,12}"
        .prop_filter("blanks at an end are a fault", |text| !text.is_empty() && text.trim() == text)
}

fn entry() -> impl Strategy<Value = InventoryEntry> {
    let environment = prop::option::of(any::<bool>());
    let labels = prop::collection::btree_map("[A-Za-z0-9_-]{1,6}", text(), 0..4);
    (environment, prop::option::of(text()), prop::option::of(text()), labels).prop_map(
        |(is_dev, site, team, labels)| InventoryEntry {
            environment: is_dev
                .map(|is_dev| if is_dev { Environment::Dev } else { Environment::Prod }),
            site,
            team,
            labels,
            ..InventoryEntry::default()
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        entries in prop::collection::btree_map("[a-z][a-z0-9.*?-]{0,8}", entry(), 0..8),
    ) {
        let named = |(host, entry)| InventoryEntry { host, ..entry };
        let entries: Vec<InventoryEntry> = entries.into_iter().map(named).collect();
        let table = inventory_to_csv(&entries);
        prop_assert_eq!(inventory_from_csv(&table).map_err(|f| lines(&f)), Ok(entries), "{}", table);
    }

    #[test]
    fn any_table_is_read_or_refused(text in "(host|labels\\.|site|[\"\n;,]|\\PC){0,30}") {
        let _ = inventory_from_csv(&format!("host,{text}"));
        let _ = inventory_from_csv(&text);
    }
}
