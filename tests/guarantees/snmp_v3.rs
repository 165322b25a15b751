//! SNMP version 3 with Net-SNMP's snmptrap: who is authentic is judged, all else is archived and
//! counted by reason.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::process::Output;
use std::time::Duration;

use mutt_event::trap::v3::{self, Data, Message};
use mutt_output::standin::Door;

use crate::common::mutt::Mutt;
use crate::common::{tools, wait};
use crate::world::{World, account};

/// Each user's traps are an alert of their own.
const RULES: &str = r#"
[[rules]]
id = "cold-start"
priority = 10
team = "net"
handling = "page_and_ticket"
severity = "major"
key = "{snmp_user}"
when.trap_oid.equals = "1.3.6.1.6.3.1.1.5.1"
when.snmp_level.in = ["authNoPriv", "authPriv"]
"#;

const COLD_START: &str = "1.3.6.1.6.3.1.1.5.1";
const SENDER: &str = "0x8000000001020304";
const AUTH: [&str; 5] = ["SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"];
/// As the settings call it, and as Net-SNMP does.
const PRIVACY: [(&str, &str); 3] =
    [("AES-128", "AES"), ("AES-256", "AES-256"), ("AES-256-Cisco", "AES-256-C")];

pub fn user(name: &str, auth: &str, privacy: &str) -> String {
    format!(
        "[[input.snmp.user]]\nname = \"{name}\"\nauth = \"{auth}\"\nauth_password = \"authpass123\"\n\
         privacy = \"{privacy}\"\nprivacy_password = \"privpass123\"\n"
    )
}

/// A MUTT with these users, its receivers, and what is on top of its settings.
fn world(top: &str, users: &str) -> World {
    World::start_with(RULES, |receivers| {
        format!("{top}\n{}\n{users}", receivers.config(Door::Relp))
    })
}

/// snmptrap -v3 as `user`, with the auth and the privacy password.
struct Sender<'a> {
    user: &'a str,
    auth: (&'a str, &'a str),
    privacy: (&'a str, &'a str),
    level: &'a str,
}

impl<'a> Sender<'a> {
    fn new(user: &'a str, auth: &'a str, privacy: &'a str) -> Self {
        let (auth, privacy) = ((auth, "authpass123"), (privacy, "privpass123"));
        Self { user, auth, privacy, level: "authPriv" }
    }

    fn send(&self, world: &World, more: &[&str]) -> Output {
        let to = world.mutt.doors.snmp.to_string();
        tools::snmptrap(world.folder())
            .args(["-v3", "-u", self.user, "-l", self.level, "-a", self.auth.0])
            .args(["-A", self.auth.1, "-x", self.privacy.0, "-X", self.privacy.1])
            .args(more)
            .args([&to, "5", COLD_START, "1.3.6.1.2.1.2.2.1.2.7", "s", "Gi0/7"])
            .output()
            .expect("snmptrap")
    }

    fn trap(&self, world: &World) {
        let output = self.send(world, &["-e", SENDER]);
        assert!(output.status.success(), "{output:?}");
    }

    /// Whether it was answered.
    fn inform(&self, world: &World) -> bool {
        self.send(world, &["-Ci", "-r", "1", "-t", "2"]).status.success()
    }
}

fn found(world: &World, verdict: &str) -> f64 {
    let label = format!("verdict=\"{verdict}\"");
    world.mutt.metric("mutt_input_snmp_v3_total", &[&label])
}

/// What an engine tells whoever looks for it: its id, boots and time.
pub fn discover(to: SocketAddr) -> (Vec<u8>, u32, u32) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a UDP socket");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    // A Get of nothing, from an engine that is not known yet (RFC 3414 section 4).
    let get = [0x30, 0x11, 4, 0, 4, 0, 0xa0, 0x0b, 2, 1, 9, 2, 1, 0, 2, 1, 0, 0x30, 0];
    let probe = Message {
        id: 77,
        flags: 4,
        engine_id: b"",
        engine_boots: 0,
        engine_time: 0,
        user: b"",
        auth: b"",
        auth_at: 0,
        privacy: b"",
        data: Data::Plain(&get),
    };
    socket.send_to(&v3::write(&probe).0, to).expect("sent");
    let mut answer = [0; 1_500];
    let len = socket.recv(&mut answer).expect("a report");
    let report = v3::read(&answer[..len]).expect("version 3");
    assert_eq!(report.id, 77);
    (report.engine_id.to_vec(), report.engine_boots, report.engine_time)
}

#[test]
fn snmp_v3_traps_and_informs_with_sha_and_aes_are_authentic_and_judged() {
    let mut users = String::new();
    let mut senders = Vec::new();
    for auth in AUTH {
        for (privacy, of_net_snmp) in PRIVACY {
            let name = format!("{auth}-with-{privacy}");
            let _ = write!(users, "{}", user(&name, auth, privacy));
            senders.push((name, auth, of_net_snmp));
        }
    }
    let world = world("", &users);
    for (name, auth, privacy) in &senders {
        let sender = Sender::new(name, auth, privacy);
        sender.trap(&world);
        assert!(sender.inform(&world), "{name}: the inform was not answered");
    }
    // Of each a trap and an inform.
    let all = senders.len() * 2;
    assert_eq!(world.receivers.archived(Door::Trap, all).len(), all);
    let judge = account(&world.settled(), "judge");
    assert_eq!((judge.of("alerting"), judge.of("unauthenticated")), (all as u64, 0));
    assert_eq!(found(&world, "accepted"), all as f64);
    for (name, ..) in &senders {
        let signature = format!("127.0.0.1::cold-start::{name}");
        world.told(name, |told| told.signature == signature);
    }
}

#[test]
fn what_fails_the_checks_of_snmp_v3_is_archived_not_judged_and_counted_by_reason() {
    let world = world("", &user("u1", "SHA-256", "AES-128"));
    let right = Sender::new("u1", "SHA-256", "AES");
    let wrong = [
        Sender { user: "stranger", ..Sender::new("u1", "SHA-256", "AES") },
        Sender { auth: ("SHA-256", "wrong-password"), ..Sender::new("u1", "SHA-256", "AES") },
        Sender { privacy: ("AES", "wrong-password"), ..Sender::new("u1", "SHA-256", "AES") },
        Sender { level: "noAuthNoPriv", ..Sender::new("u1", "SHA-256", "AES") },
        Sender { level: "authNoPriv", ..Sender::new("u1", "SHA-256", "AES") },
    ];
    wrong.iter().for_each(|sender| sender.trap(&world));
    right.trap(&world);
    assert_eq!(world.receivers.archived(Door::Trap, 6).len(), 6, "as they came");
    let judge = account(&world.settled(), "judge");
    assert_eq!((judge.of("alerting"), judge.of("unauthenticated")), (1, 5));
    assert_eq!(judge.of("unhandled"), 0);
    for (verdict, count) in [
        ("unknown_user", 1.0),
        ("wrong_digest", 1.0),
        ("decryption_error", 1.0),
        ("unsupported_security_level", 2.0),
        ("accepted", 1.0),
    ] {
        assert_eq!(found(&world, verdict), count, "{verdict}");
    }
    // Informs: who is refused is not answered as if it were stored.
    assert!(!wrong[0].inform(&world) && !wrong[1].inform(&world));
    assert!(right.inform(&world));
}

/// A trap's engine is its sender: what it said last is how late it is.
#[test]
fn an_snmp_v3_trap_that_is_late_or_replayed_is_archived_not_judged_and_counted() {
    let world = world("", &user("u1", "SHA-256", "AES-128"));
    let sender = Sender::new("u1", "SHA-256", "AES");
    for boots_and_time in ["5,2000", "5,1000", "4,9000"] {
        let output = sender.send(&world, &["-e", SENDER, "-Z", boots_and_time]);
        assert!(output.status.success(), "{output:?}");
    }
    assert_eq!(world.receivers.archived(Door::Trap, 3).len(), 3);
    let judge = account(&world.settled(), "judge");
    assert_eq!((judge.of("alerting"), judge.of("unauthenticated")), (1, 2));
    assert_eq!((found(&world, "accepted"), found(&world, "not_in_time_window")), (1.0, 2.0));
}

#[test]
fn an_snmp_v3_inform_that_is_answered_is_stored_once() {
    let world = world("", &user("u1", "SHA-256", "AES-128"));
    let sender = Sender::new("u1", "SHA-256", "AES");
    assert!(sender.inform(&world));
    assert_eq!(world.receivers.archived(Door::Trap, 1).len(), 1);
    assert_eq!(account(&world.settled(), "judge").of("alerting"), 1);
    let labels = ["input=\"snmp\"", "reason=\"discovery\""];
    assert!(world.mutt.metric("mutt_input_refused_total", &labels) >= 1.0);
}

/// The verdict stands with the message: whoever judges it later needs no keys and no clock.
#[test]
fn an_snmp_v3_trap_can_be_read_after_its_user_is_gone() {
    let mut world = world("", &user("u1", "SHA-512", "AES-256"));
    Sender::new("u1", "SHA-512", "AES-256").trap(&world);
    let told = world.told("the trap", |told| told.signature.ends_with("::u1"));
    let id =
        told.event["custom_info"]["mutt"]["correlation_id"].as_str().expect("an id").to_owned();
    world.mutt.stop();
    let config = world.receivers.config(Door::Relp);
    world.mutt.write(&config);
    world.mutt.start();
    let message = world.mutt.api().get(&format!("/messages/{id}")).json();
    assert_eq!(message["snmp_verdict"], "accepted");
    assert_eq!(message["snmp_user"], "u1");
    assert_eq!(message["snmp_level"], "authPriv");
    assert_eq!(message["trap_oid"], COLD_START);
    assert_eq!(message["varbinds"][0]["value"], "Gi0/7", "{message:#}");
}

#[test]
fn the_snmp_engine_is_the_same_after_a_restart_and_its_time_goes_on() {
    let mut world = world("", &user("u1", "SHA-256", "AES-128"));
    let (id, boots, time) = discover(world.mutt.doors.snmp);
    assert!((5..=32).contains(&id.len()) && boots == 1, "{id:?} {boots}");
    wait::until_true("its time to go on", || discover(world.mutt.doors.snmp).2 > time);
    world.mutt.kill();
    world.mutt.start();
    let (again, boots_again, later) = discover(world.mutt.doors.snmp);
    assert_eq!((again, boots_again), (id, boots));
    assert!(later > time, "{later} is not after {time}");
    assert!(Sender::new("u1", "SHA-256", "AES").inform(&world));
}

#[test]
fn md5_and_des_are_taken_only_where_they_are_allowed() {
    let users = user("old", "MD5", "DES");
    let folder = crate::common::folder();
    let refusing = Mutt::configured(folder.path(), "", &users);
    let check = Mutt::command().arg("check").arg("--config").arg(refusing.config()).output();
    let check = check.expect("mutt check");
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&check.stdout),
        String::from_utf8_lossy(&check.stderr)
    );
    assert!(!check.status.success() && said.contains("MD5 is broken"), "{said}");
    assert!(said.contains("DES is broken"), "{said}");

    let world = world("input.snmp.allow_md5 = true\ninput.snmp.allow_des = true", &users);
    let sender = Sender::new("old", "MD5", "DES");
    sender.trap(&world);
    assert!(sender.inform(&world), "an answer in DES");
    assert_eq!(account(&world.settled(), "judge").of("alerting"), 2);
}
