use super::*;

fn entries(json: &str) -> Vec<InventoryEntry> {
    serde_json::from_str(json).unwrap()
}

fn inventory() -> Inventory {
    let entries = entries(
        r#"[
        {"host": "R1.example.net", "team": "core", "labels": {"rack": "7"}},
        {"host": "r*", "environment": "dev", "site": "lab", "team": "lab"},
        {"host": "r1.*", "site": "berlin", "labels": {"rack": "0", "role": "edge"}},
        {"host": "10.1.0.0/16", "environment": "dev", "site": "ten"},
        {"host": "10.1.2.0/24", "site": "ten-two"},
        {"host": "2001:db8::/32", "team": "six"},
        {"host": "0.0.0.0/0", "labels": {"any": "yes"}}
    ]"#,
    );
    Inventory::new(entries, Environments::new(&["old-*".into()]).unwrap()).unwrap()
}

fn peer(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

#[test]
fn each_value_comes_from_the_first_that_names_it() {
    let inventory = inventory();
    let found = inventory.locate("r1.Example.net", peer("::ffff:10.1.9.9"));
    assert_eq!(found.team(), Some(("core", Why::Entry("R1.example.net"))));
    assert_eq!(found.site(), Some(("berlin", Why::EntryPattern("r1.*"))));
    assert_eq!(found.environment, Environment::Dev);
    assert_eq!(found.why, Why::EntryNetwork("10.1.0.0/16"));
    assert_eq!(found.label("rack").map(|found| found.0), Some("7"));
    assert_eq!(found.labels(), [("rack", "7"), ("role", "edge")].into());
    assert_eq!(found.label("none"), None);
}

#[test]
fn the_most_telling_pattern_and_the_smallest_network_count() {
    let inventory = inventory();
    assert_eq!(inventory.locate("r2", None).why, Why::EntryPattern("r*"));
    let ten = inventory.locate("x", peer("10.1.2.3"));
    assert_eq!(ten.site(), Some(("ten-two", Why::EntryNetwork("10.1.2.0/24"))));
    assert_eq!(ten.environment, Environment::Prod, "one network counts, the smallest");
    assert_eq!(inventory.locate("x", peer("2001:db8::1")).team().unwrap().0, "six");
    assert_eq!(inventory.locate("x", peer("192.0.2.1")).label("any").unwrap().0, "yes");
}

#[test]
fn a_host_named_by_an_address_is_looked_for_by_it() {
    let inventory = inventory();
    assert_eq!(inventory.locate("10.1.2.3", peer("192.0.2.1")).site().unwrap().0, "ten-two");
}

#[test]
fn the_settings_count_where_the_inventory_is_silent() {
    let inventory = inventory();
    assert_eq!(inventory.locate("old-1", None).why, Why::Pattern("old-*"));
    let unknown = inventory.locate("x", None);
    assert_eq!((unknown.environment, unknown.why), (Environment::Prod, Why::NoPattern));
    assert_eq!((unknown.site(), unknown.team()), (None, None));
    let empty = Inventory::from(Environments::new(&["old-*".into()]).unwrap());
    assert_eq!(empty.locate("old-1", None).environment, Environment::Dev);
}

#[test]
fn all_faults_come_at_once() {
    let bad = entries(
        r#"[{"host": ""}, {"host": "a["}, {"host": "10.0.0.0/33"}, {"host": "b", "team": " "},
            {"host": "B"}, {"host": "c", "labels": {"a.b": "x"}}, {"host": "10.0.0.1/8"},
            {"host": "10.0.0.0/8"}]"#,
    );
    let faults = Inventory::new(bad, Environments::default()).unwrap_err();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    for (fault, part) in [
        (0, "hosts[0].host: `host` is empty"),
        (1, "hosts[1].host: pattern `a[`"),
        (2, "hosts[2].host: `10.0.0.0/33` is no network"),
        (3, "hosts[3].team: `team` is empty"),
        (4, "hosts[4].host: `B` stands in hosts[3] too"),
        (5, "hosts[5].labels.a.b: `a.b` is no name of a label"),
        (6, "hosts[7].host: `10.0.0.0/8` stands in hosts[6] too"),
    ] {
        assert!(said[fault].starts_with(part), "{said:#?}");
    }
    assert_eq!(said.len(), 7, "{said:#?}");
}

#[test]
fn says_from_where() {
    let inventory = inventory();
    assert_eq!(
        inventory.locate("r2", None).to_string(),
        "environment dev since the host matches the inventory's pattern \"r*\""
    );
}

#[test]
fn too_much_is_a_fault() {
    let limits = InventoryLimits { entries_max: 2, labels_max: 1, value_bytes_max: 5 };
    let many = entries(
        r#"[{"host": "abcdef"}, {"host": "a", "site": "abcdef", "labels": {"x": "1", "y": "2"}},
            {"host": "b", "labels": {"x": "abcdef", "y": " 7"}}]"#,
    );
    let faults = Inventory::new_within(many, Environments::default(), &limits).unwrap_err();
    let said: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "hosts: 3 hosts, the limit is 2",
            "hosts[0].host: has 6 bytes, the limit is 5",
            "hosts[1].site: has 6 bytes, the limit is 5",
            "hosts[1].labels: 2 labels, the limit is 1",
            "hosts[2].labels: 2 labels, the limit is 1",
            "hosts[2].labels.x: has 6 bytes, the limit is 5",
            "hosts[2].labels.y: ` 7` has blanks at an end: leave them out",
        ]
    );
}

#[test]
fn many_patterns_are_no_fault() {
    let pattern =
        |n: usize| InventoryEntry { host: format!("s{n}-*-r?"), ..InventoryEntry::default() };
    let inventory =
        Inventory::new((0..5_000).map(pattern).collect(), Environments::default()).unwrap();
    let found = inventory.locate("S4321-x-r1", None);
    assert_eq!(found.entries[1].map(|(entry, _)| entry.host.as_str()), Some("s4321-*-r?"));
    assert_eq!(inventory.locate("s4321-x-r12", None).entries[1], None);
}
