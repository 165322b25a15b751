use mutt_event::{MessageId, Timestamp};
use proptest::prelude::*;
use regex::bytes::RegexBuilder;

use crate::{Limits, Miner, Pattern, Proposal, Seen, propose};

fn mined(texts: &[&[u8]]) -> Vec<Pattern> {
    let mut miner = Miner::new(Limits::default());
    for (at, text) in (0..).zip(texts) {
        let at = Timestamp::from_millis(at);
        let id = MessageId { appended: at, partition: 0, position: at.as_millis() as u64 };
        let (key, host) = (b"k".as_slice(), "r1");
        miner.observe(&Seen { key, host, text, severity: None, team: None, at, id });
    }
    miner.take_changes()
}

fn proposed(texts: &[&str]) -> Proposal {
    let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
    let patterns = mined(&texts);
    assert_eq!(patterns.len(), 1, "{patterns:?}");
    propose(&patterns[0])
}

#[test]
fn a_link_that_went_down() {
    let proposal = proposed(&[
        "Interface GigabitEthernet1/0/3, changed state to down",
        "Interface Vlan12, changed state to down",
    ]);
    assert_eq!(proposal.regex, r"Interface (?<interface>[^\s,]+), changed state to down");
    assert_eq!(proposal.key_template, "{captures.interface}");
    assert_eq!(proposal.captures[0].values, ["GigabitEthernet1/0/3", "Vlan12"]);
}

#[test]
fn values_are_named_by_what_they_are_or_stand_behind() {
    let proposal = proposed(&[
        "Failed password for root from 192.0.2.7 port 22 after 3.5 ms",
        "Failed password for admin5 from 2001:db8::1 port 2222 after 7 ms",
    ]);
    assert_eq!(
        proposal.regex,
        r"Failed password for (?<value>\S+) from (?<ip>[0-9A-Fa-f.:]+) port (?<port>\d+) after (?<after>.+)"
    );
    assert_eq!(proposal.key_template, "{captures.ip}");
}

#[test]
fn rows_and_missing_values_fit() {
    let proposal =
        proposed(&["enable......0  (unit )", "enable...1 (unit )", "enable..2  (unit  )"]);
    assert_eq!(proposal.regex, r"enable\.+(?<number>\d+)\s+\(unit\s+\)");
}

#[test]
fn a_message_without_words_is_matched_as_a_whole() {
    assert_eq!(proposed(&["12", "7"]).regex, r"^\s*(?<number>\d+)\s*$");
    assert_eq!(proposed(&[""]).regex, r"^\s*\s*$");
}

/// Pieces that masking takes apart in every way it knows.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z]{1,5}",
        1 => "[0-9]{1,4}",
        1 => r"[ \t]{1,3}",
        1 => r#"[=,;:()\[\]{}<>"'|.!?*#~+/\\$^_%&@-]{1,3}"#,
        1 => prop_oneof![
            Just("Jul 5 10:00:00 CEST".to_owned()), Just("192.0.2.1:80".to_owned()),
            Just("<*>".to_owned()), Just("user  ".to_owned()), Just("12 ms".to_owned()),
            Just("()".to_owned()), Just("x= y".to_owned()), Just("é\u{1}ß\n".to_owned()),
            Just("https://192.0.2.1/a?b=c".to_owned()), Just("fe80::1%eth0".to_owned()),
        ],
    ]
}

fn message() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 0..12).prop_map(|pieces| pieces.concat())
}

fn check(patterns: &[Pattern]) -> Result<(), TestCaseError> {
    for pattern in patterns {
        let proposal = propose(pattern);
        let regex = RegexBuilder::new(&proposal.regex).unicode(false).build().unwrap();
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        let told: Vec<&str> = proposal.captures.iter().map(|c| c.name.as_str()).collect();
        prop_assert_eq!(names, told);
        for sample in &pattern.samples {
            let text = sample.text.as_bytes();
            prop_assert!(regex.is_match(text), "{:?}\n{:?}", proposal, pattern.form);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_regex_fits_its_samples(messages in prop::collection::vec(message(), 1..20)) {
        let texts: Vec<&[u8]> = messages.iter().map(|text| text.as_bytes()).collect();
        check(&mined(&texts))?;
    }

    #[test]
    fn a_regex_fits_samples_of_widened_patterns(
        words in prop::collection::hash_set("[a-z]{1,8}", 6..12), before in message(), after in message(),
    ) {
        let texts: Vec<String> = words.iter().map(|word| format!("{before} user {word} gone {after}")).collect();
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        check(&mined(&texts))?;
    }

    #[test]
    fn a_regex_fits_samples_of_any_bytes(texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..10)) {
        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
        check(&mined(&texts))?;
    }
}
