use proptest::prelude::*;

use super::*;

/// The masked text, `<*>` for a wildcard and `<>` for a gap.
fn masked(text: &str) -> String {
    let mut masked = Masked::default();
    masked.read("", text.as_bytes(), 1_024, 100);
    let mut shown = String::new();
    for token in &masked.tokens {
        if token.spaced {
            shown.push(' ');
        }
        match token.piece {
            Piece::Word { start, end } => shown.push_str(&text[start as usize..end as usize]),
            Piece::Mark(byte) => shown.push(char::from(byte)),
            Piece::Wild => shown.push_str("<*>"),
            Piece::Gap => shown.push_str("<>"),
        }
    }
    shown
}

#[test]
fn what_varies_is_a_wildcard() {
    for (text, shown) in [
        ("Interface GigabitEthernet1/0/3, changed state", "Interface <*>, changed state"),
        ("xe-0/0/1.0 and eth0 and Po12", "<*> and <*> and <*>"),
        ("from 192.0.2.7:514 to 2001:db8::1", "from <*> to <*>"),
        ("mac 00:00:5e:00:53:01 ff:ff:ff:ff:ff:ff", "mac <*>"),
        ("peer fe80::1%eth0: down", "peer <*>: down"),
        ("took 12 ms, 3.5MB or 512 KB left", "took <*> or <*> left"),
        ("at Sun Jul  5 10:00:00 CEST 2026 it", "at <*> it"),
        ("addr 0xdeadbeef feedfacecafe", "addr <*>"),
        ("id 018f4d8e-0000-7000-8000-000000000000.", "id <*>."),
        ("read /etc/hosts and a/b/c not a/b", "read <*> and <*> not a/b"),
        ("GET https://192.0.2.1/a?b=c&d=e HTTP/1.1", "GET <*>"),
        ("\"GET /v1/x?y=z HTTP/1.1\" 200", "\"GET <*>\" <*>"),
        ("usage=95% (limit 90%)", "usage=<*> (limit <*>)"),
    ] {
        assert_eq!(masked(text), shown, "{text}");
    }
}

#[test]
fn words_and_marks_stay() {
    for (text, shown) in [
        ("IPv6 over L2TP with SHA256 is Down.", "IPv6 over L2TP with SHA256 is Down."),
        ("%LINK-3-UPDOWN: Interface", "%LINK-3-UPDOWN: Interface"),
        ("fp exception..............0", "fp exception.<*>"),
        ("a=b;c(d)[e]{f}|'g'", "a=b;c(d)[e]{f}|'g'"),
        ("state: full->init", "state: full->init"),
        ("May be", "May be"),
    ] {
        assert_eq!(masked(text), shown, "{text}");
    }
}

#[test]
fn a_missing_value_is_a_gap() {
    for (text, shown) in [
        ("user  from", "user <> from"),
        ("user x  from", "user x <> from"),
        ("via 192.0.2.1  from", "via <*> from"),
        ("call() of ()", "call(<>) of (<>)"),
        ("logname= uid=0 rhost=x  user=y", "logname=<> uid=<*> rhost=x user=y"),
        ("a = b", "a = b"),
    ] {
        assert_eq!(masked(text), shown, "{text}");
    }
}

#[test]
fn what_is_too_long_ends_in_a_wildcard() {
    let mut masked = Masked::default();
    masked.read("", b"one two three four", 1_024, 3);
    assert_eq!(masked.canon, b"\x03one\0 two\0 \x01");
    masked.read("", b"one two three four", 11, 100);
    assert_eq!(masked.canon, b"\x03one\0 two\0 \x01");
}

proptest! {
    #[test]
    fn any_bytes_have_bounded_tokens_of_whole_words(
        text in prop::collection::vec(any::<u8>(), 0..300), bytes in 1usize..200, tokens in 1usize..40,
    ) {
        let mut masked = Masked::default();
        masked.read("", &text, bytes, tokens);
        prop_assert!(masked.tokens.len() <= tokens);
        for token in &masked.tokens {
            if let Piece::Word { start, end } = token.piece {
                let word = &text[start as usize..end as usize];
                prop_assert!(!word.is_empty() && std::str::from_utf8(word).is_ok());
            }
        }
    }

    #[test]
    fn numbers_do_not_tell_messages_apart(a in any::<u32>(), b in any::<u32>()) {
        let of = |n: u32| masked(&format!("neighbor 10.0.0.{n} on Te{n}/1: {n} of -{n}, {n}.5%"));
        prop_assert_eq!(of(a), of(b));
    }
}
