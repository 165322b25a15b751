//! OIDs by their names: standard ones without any file, others by files of a folder and of the API.

use std::process::Command;

use mutt_output::standin::{Door, Told};

use crate::common::tools;
use crate::world::World;

const ACME: &str = "ACME-MIB DEFINITIONS ::= BEGIN
IMPORTS MODULE-IDENTITY, NOTIFICATION-TYPE, OBJECT-TYPE, enterprises FROM SNMPv2-SMI;
acme MODULE-IDENTITY
    LAST-UPDATED \"202601010000Z\" ORGANIZATION \"Acme\" CONTACT-INFO \"-\" DESCRIPTION \"-\"
    ::= { enterprises 32473 }
acmeFan OBJECT-TYPE
    SYNTAX INTEGER MAX-ACCESS read-only STATUS current DESCRIPTION \"-\" ::= { acme 1 }
acmeFanFailed NOTIFICATION-TYPE
    OBJECTS { acmeFan } STATUS current DESCRIPTION \"-\" ::= { acme 0 7 }
END
";

const STANDARD: &str = r#"
[[rules]]
id = "link-down"
priority = 10
team = "net"
handling = "page_and_ticket"
severity = "major"
when.trap_oid.equals = "IF-MIB::linkDown"
"#;

const OF_ACME: &str = r#"
[[rules]]
id = "fan"
priority = 20
team = "net"
handling = "page_and_ticket"
severity = "major"
summary = "{trap_name}: {varbind.1.3.6.1.4.1.32473.1}"
when.trap_oid.equals = "ACME-MIB::acmeFanFailed"
"#;

fn trap(world: &World, oid: &str) {
    let to = world.mutt.doors.snmp.to_string();
    let mut command: Command = tools::snmptrap(world.folder());
    let output = command
        .args(["-v2c", "-c", "public", &to, "5", oid, "1.3.6.1.4.1.32473.1.3", "i", "3"])
        .output()
        .expect("snmptrap");
    assert!(output.status.success(), "{output:?}");
}

fn says_fan(told: &Told) -> bool {
    let text = told.event["description"].as_str().unwrap_or_default();
    text.contains("ACME-MIB::acmeFanFailed: 3")
}

#[test]
fn standard_traps_have_names_without_any_mib_and_others_by_an_uploaded_one() {
    let world = World::start(STANDARD, Door::Relp, "");
    trap(&world, "1.3.6.1.6.3.1.1.5.3");
    world.told("the link", |told| told.signature.contains("::link-down"));

    let api = world.mutt.api();
    let unknown = api.put_rules(&format!("{STANDARD}{OF_ACME}"));
    assert_eq!(unknown.status, 422, "{}", unknown.text);
    assert!(unknown.text.contains("upload the MIB"), "{}", unknown.text);

    let text = ["Content-Type: text/plain"];
    api.ask("PUT", "/mibs/BAD", &text, "no MIB").expect(422);
    api.ask("PUT", "/mibs/ACME-MIB", &text, ACME).expect(200);
    let mib = api.get("/mibs/ACME-MIB").json();
    assert_eq!(mib["mib"]["modules"][0], "ACME-MIB", "{mib:#}");
    api.put_rules(&format!("{STANDARD}{OF_ACME}")).expect(200);

    trap(&world, "1.3.6.1.4.1.32473.0.7");
    let told = world.told("the fan", |told| told.signature.contains("::fan"));
    assert!(says_fan(&told), "{:#}", told.event);
    let id = told.event["custom_info"]["mutt"]["correlation_id"].as_str().expect("an id");
    let message = api.get(&format!("/messages/{id}")).json();
    assert_eq!(message["trap_name"], "ACME-MIB::acmeFanFailed");
    let reading = message["message"].as_str().expect("a text");
    assert_eq!(reading, "ACME-MIB::acmeFanFailed acmeFan.3=3");
    // What a rule names stays.
    api.ask("DELETE", "/mibs/ACME-MIB", &["If-Match: *"], "").expect(422);
}

#[test]
fn mib_files_of_a_folder_give_names_and_a_bad_one_spoils_no_other() {
    let mibs = crate::common::folder();
    std::fs::write(mibs.path().join("ACME-MIB.txt"), ACME).expect("a MIB");
    std::fs::write(mibs.path().join("broken"), "BAD-MIB DEFINITIONS ::= BEGIN }{").expect("a file");
    std::fs::write(mibs.path().join("README"), "no MIB at all").expect("a file");
    let folder = format!("mibs.folder = \"{}\"", mibs.path().display());
    let world = World::start(OF_ACME, Door::Relp, &folder);
    trap(&world, "1.3.6.1.4.1.32473.0.7");
    let told = world.told("the fan", |told| told.signature.contains("::fan"));
    assert!(says_fan(&told), "{:#}", told.event);
}
