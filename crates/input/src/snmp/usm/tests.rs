//! Senders' engines, their time, and keys.

use std::time::Duration;

use async_snmp::{AuthProtocol, PrivProtocol};
use mutt_secrets::Live;

use super::*;
use crate::stats::InputStats;

const SENDER: [u8; 6] = [0x80, 0, 0, 1, 9, 9];

fn user(level_min: SecurityLevel) -> SnmpUser {
    let password = |text: &str| Live::new(text.into());
    SnmpUser {
        name: "u1".to_owned(),
        auth: Some((AuthProtocol::Sha1, password("authpass123"))),
        privacy: Some((PrivProtocol::Aes128, password("privpass123"))),
        level_min,
    }
}

fn usm(level_min: SecurityLevel) -> Usm {
    Usm::new(vec![user(level_min)], None).unwrap()
}

/// coldStart, from an engine that booted so often and runs for so long.
fn trap(level: SecurityLevel, boots: u32, seconds: u64) -> Vec<u8> {
    let engine = Engine::new(SENDER.to_vec(), boots, Duration::from_secs(seconds));
    let keyed = Keyed::new(user(level));
    let auth = keyed.auth_key(&SENDER).unwrap().unwrap();
    let privacy = keyed.priv_key(&SENDER).unwrap();
    let sender = usm(level);
    let to = Message {
        id: 1,
        flags: 0,
        engine_id: &SENDER,
        engine_boots: 0,
        engine_time: 0,
        user: b"u1",
        auth: b"",
        auth_at: 0,
        privacy: b"",
        data: Data::Plain(b""),
    };
    let scoped = vec![0x30, 0x10, 4, 0, 4, 0, 0xa7, 0x0a, 2, 2, 3, 9, 2, 1, 0, 2, 1, 0];
    let keys = Some((&auth, privacy.as_ref()));
    sender.0.answers.write(&engine, &to, level, scoped, keys).unwrap()
}

fn verdict(usm: &Usm, raw: &[u8]) -> UsmVerdict {
    match usm.check(raw, IpAddr::from([10, 0, 0, 1]), &InputStats::new().usm()) {
        Checked::Store(found) => found.verdict,
        Checked::Discovery(_) | Checked::NotATrap => panic!("no notification"),
    }
}

#[test]
fn an_engines_time_is_learnt_and_what_is_old_or_from_an_earlier_boot_is_out_of_the_window() {
    let usm = usm(SecurityLevel::AuthNoPriv);
    let level = SecurityLevel::AuthPriv;
    assert_eq!(verdict(&usm, &trap(level, 5, 1_000)), UsmVerdict::Accepted, "first contact");
    assert_eq!(verdict(&usm, &trap(level, 5, 900)), UsmVerdict::Accepted, "100 s behind");
    assert_eq!(verdict(&usm, &trap(level, 5, 2_000)), UsmVerdict::Accepted, "ahead");
    assert_eq!(verdict(&usm, &trap(level, 5, 1_000)), UsmVerdict::NotInTimeWindow, "replayed");
    assert_eq!(verdict(&usm, &trap(level, 6, 3)), UsmVerdict::Accepted, "booted anew");
    assert_eq!(verdict(&usm, &trap(level, 5, 9_000)), UsmVerdict::NotInTimeWindow);
}

#[test]
fn a_forgery_teaches_nothing() {
    let usm = usm(SecurityLevel::AuthNoPriv);
    let level = SecurityLevel::AuthPriv;
    let mut forged = trap(level, 900, 1);
    let at = v3::read(&forged).unwrap().auth_at;
    forged[at] ^= 1;
    assert_eq!(verdict(&usm, &forged), UsmVerdict::WrongDigest);
    assert_eq!(verdict(&usm, &trap(level, 5, 1_000)), UsmVerdict::Accepted);
}

#[test]
fn a_lower_level_than_the_users_is_refused() {
    let usm = usm(SecurityLevel::AuthPriv);
    let level = SecurityLevel::AuthNoPriv;
    assert_eq!(verdict(&usm, &trap(level, 5, 1)), UsmVerdict::UnsupportedLevel);
    let other = super::Usm::new(Vec::new(), None).unwrap();
    assert_eq!(verdict(&other, &trap(level, 5, 1)), UsmVerdict::UnknownUser);
    assert_eq!(verdict(&usm, b"0\x05\x02\x01\x03\x30\x00"), UsmVerdict::ParseError);
}

/// RFC 3414 section A.3.2: "maplesyrup" with the engine id 00..02; and the digest of a password
/// that changes while MUTT runs.
#[test]
fn keys_are_those_of_the_rfc_and_follow_a_changed_password() {
    let live = Live::new("maplesyrup".into());
    let auth = Some((AuthProtocol::Sha1, live.clone()));
    let keyed = Keyed::new(SnmpUser { auth, ..user(SecurityLevel::AuthNoPriv) });
    let engine = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2];
    let key = || keyed.auth_key(&engine).unwrap().unwrap().as_bytes().to_vec();
    let expected = [
        0x66, 0x95, 0xfe, 0xbc, 0x92, 0x88, 0xe3, 0x62, 0x82, 0x23, 0x5f, 0xc7, 0x15, 0x1f, 0x12,
        0x84, 0x97, 0xb3, 0x8f, 0x3f,
    ];
    assert_eq!(key(), expected);
    live.set("another-one".into());
    assert_ne!(key(), expected);
}
