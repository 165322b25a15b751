//! Who meets whom.

use proptest::prelude::*;
use rcgen::{CertificateParams, KeyPair, SanType};

use super::*;

fn peer(text: &str) -> Peer {
    text.parse().unwrap()
}

fn bearer(sans: Vec<SanType>) -> Bearer {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name.push(rcgen::DnType::CommonName, "common.example.net");
    params.subject_alt_names = sans;
    Bearer::of(params.self_signed(&key).unwrap().der()).unwrap()
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

#[test]
fn what_names_a_peer() {
    assert_eq!(peer("Core-1.Example.NET."), Peer::Name("core-1.example.net".to_owned()));
    assert_eq!(peer("*.example.net"), Peer::Name("*.example.net".to_owned()));
    assert_eq!(peer("2001:db8::1"), Peer::Address("2001:db8::1".parse().unwrap()));
    assert_eq!(peer("spiffe://x/y"), Peer::Uri("spiffe://x/y".to_owned()));
    let digits = "AB:".repeat(31) + "AB";
    assert_eq!(peer(&format!("SHA256:{digits}")), Peer::Fingerprint([0xab; 32]));
    assert_eq!(peer(&format!("sha-256:{}", "ab".repeat(32))), Peer::Fingerprint([0xab; 32]));
}

#[test]
fn what_names_none() {
    for text in
        ["", "*", "*.com", "a.*.net", "f*.example.net", "a b", "sha256:12", "a..b", "sha1:aa"]
    {
        let fault = text.parse::<Peer>().unwrap_err().to_string();
        assert!(fault.contains(text) && fault.contains("expected"), "{fault}");
    }
    assert!(format!("sha256:{}", "zz".repeat(32)).parse::<Peer>().is_err());
}

#[test]
fn a_star_is_one_label() {
    let found = bearer(vec![dns("a.example.net"), dns("*.lab.example.net")]);
    for (allowed, expected) in [
        ("a.example.net", true),
        ("*.example.net", true),
        ("x.lab.example.net", true),
        ("*.lab.example.net", true),
        ("b.example.net", false),
        ("example.net", false),
        ("x.y.lab.example.net", false),
        ("*.net.example", false),
    ] {
        assert_eq!(found.is_named_in(&[peer(allowed)]), expected, "{allowed}");
    }
    assert!(!bearer(vec![dns("a.b.example.net")]).is_named_in(&[peer("*.example.net")]));
}

#[test]
fn a_common_name_counts_for_nothing() {
    assert!(!bearer(vec![]).is_named_in(&[peer("common.example.net")]));
}

#[test]
fn addresses_and_uris_meet_as_they_are() {
    let uri = SanType::URI("spiffe://site/relay".try_into().unwrap());
    let found = bearer(vec![SanType::IpAddress("10.0.0.7".parse().unwrap()), uri]);
    assert!(found.is_named_in(&[peer("10.0.0.7")]));
    assert!(found.is_named_in(&[peer("spiffe://site/relay")]));
    assert!(!found.is_named_in(&[peer("10.0.0.8"), peer("spiffe://site/Relay")]));
}

#[test]
fn what_the_log_says_can_be_allowed() {
    let found = bearer(vec![dns("a.example.net")]);
    for word in found.to_string().split(", ") {
        let peer = peer(word);
        assert!(peer == found.fingerprint || found.is_named_in(&[peer]));
    }
}

proptest! {
    /// The rule in one sentence, as a second implementation: label by label, a star only first.
    #[test]
    fn names_meet_label_by_label(
        allowed in r"(\*\.)?[ab](\.[ab]){1,3}", found in r"(\*\.)?[ab](\.[ab]){1,3}",
    ) {
        let (a, b): (Vec<_>, Vec<_>) = (allowed.split('.').collect(), found.split('.').collect());
        let first = a[0] == b[0] || (a[0] == "*") != (b[0] == "*");
        prop_assert_eq!(names_meet(&allowed, &found), a.len() == b.len() && first && a[1..] == b[1..]);
    }

    #[test]
    fn no_text_and_no_bytes_make_it_panic(text: String, bytes: Vec<u8>) {
        let _ = text.parse::<Peer>();
        let _ = Bearer::of(&CertificateDer::from(bytes));
    }
}
