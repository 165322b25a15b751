//! An event that no rule wants allocates nothing, nor does looking up its host.

#![allow(clippy::unwrap_used)] // a helper that fails fails the test

mod common;

use allocation_counter::measure;
use common::{event, set};
use mutt_rules::{Environment, Environments, Inventory, InventoryEntry, Scratch};

#[test]
fn an_unmatched_event_allocates_nothing() {
    let set = set(r#"
[[rules]]
id = "text"
priority = 1
handling = "log_only"
when.message.regex = 'changed state to (?<state>up|gone)'
clear.message.contains = "state to normal"

[[rules]]
id = "word"
priority = 2
handling = "log_only"
when.mnemonic.equals = "OTHER-3-THING"
when.app.in = ["a", "b"]

[[rules]]
id = "counted"
priority = 2
handling = "log_only"
when.message.contains = "state to gone"
count = { at_least = 3, within = "1m", distinct = "{host}" }
suppressed_by = [{ rule = "word", same = "host" }]

[[rules]]
id = "followed"
priority = 2
handling = "log_only"
when.message.contains = "state to gone"
sequence = { within = "1m", then.message.regex = 'changed state to (up|gone)', without.app.equals = "x" }

[[rules]]
id = "always"
priority = 3
handling = "log_only"
when.message.regex = '^\d+ \w+$'

[[rules]]
id = "always-too"
priority = 4
handling = "log_only"
when.message.regex = '\d+ \w$'
"#);
    let event =
        event("%LINK-3-UPDOWN: Interface Gi0/1, changed state to up-and-down, state to down");
    let mut other = event.clone();
    other.message = b"%LINK-3-UPDOWN: Interface Gi0/1, changed state to down".as_slice().into();
    let mut scratch = Scratch::default();
    let mut judge = |event| set.judge(event, Environment::Prod, &mut scratch).owner.is_some();
    // The first one fills the buffers, the regexes' caches too.
    assert!(judge(&event));
    assert!(!judge(&other));
    let mut found = true;
    let used = measure(|| found = judge(&other));
    assert!(!found);
    assert_eq!(used.count_total, 0);
    // The count does count.
    assert!(measure(|| found = judge(&event)).count_total > 0);
}

#[test]
fn locating_a_host_in_lower_case_allocates_nothing() {
    let hosts =
        ["r1.example.net", "r*.example.net", "*-lab", "sw[0-9]?", "10.1.0.0/16", "fe80::/10"];
    let entry = |host: &str| InventoryEntry { host: host.to_owned(), ..InventoryEntry::default() };
    let environments = Environments::new(&["dev-*".to_owned(), "d1".to_owned()]).unwrap();
    let inventory = Inventory::new(hosts.map(entry).into(), environments).unwrap();
    let peer = Some("10.1.2.3".parse().unwrap());
    for host in
        ["r1.example.net", "r2.example.net", "x-lab", "sw77", "dev-1", "d1", "10.1.9.9", "x"]
    {
        let used = measure(|| assert!(inventory.locate(host, peer).site().is_none()));
        assert_eq!(used.count_total, 0, "{host}");
    }
    assert!(measure(|| assert!(inventory.locate("R1", peer).site().is_none())).count_total > 0);
}
