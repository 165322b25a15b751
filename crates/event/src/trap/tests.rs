//! Datagrams as Net-SNMP 5.9.3 sends them, whole, odd and cut.

use proptest::prelude::*;

use super::*;
use crate::Event;

/// `snmptrap -v1 -c public … 1.3.6.1.4.1.9.9.41.2 192.0.2.7 6 1 12345 OID s 'Interface down'`
pub(crate) const V1_ENTERPRISE: &str = "304c02010004067075626c6963a43f06092b06010401090929024004c00002\
    070201060201014302303930223020060e2b06010401090929010203010501040e496e7465726661636520646f776e";
/// `snmptrap -v1 … 1.3.6.1.4.1.9.1.1 192.0.2.7 2 0 12345 ifIndex.3 i 3`
const V1_LINK_DOWN: &str = "303a02010004067075626c6963a42d06082b060104010901014004c0000207020102020100\
    430230393011300f060a2b060102010202010103020103";
/// linkDown with ifIndex, ifDescr and snmpTrapAddress.0 = 198.51.100.9
pub(crate) const V2C: &str = "307d02010104067075626c6963a770020430e355d60201000201003062300e06082b0601\
    0201010300430203093017060a2b06010603010104010006092b0601060301010503300f060a2b06010201020201010302\
    01033013060a2b06010201020201020304054769302f33301106092b06010603120103004004c6336409";
/// NetIM's 1.3.6.1.4.1.21359.2.1.491.0.2 with a value of every type
const V2C_VALUES: &str = "3081e502010104067075626c6963a781d7020460554e1f0201000201003081c8300e06082b060\
    10201010300430203093 01c060a2b060106030101040100060e2b0601040181a66f0201836b0002300c06072b060104010\
    1010201fb301006072b060104010102410500ffffffff300c06072b060104010103420107300c06072b060104010104430\
    164300d06072b060104010105040200ff301606072b060104010106060b2b06010401098fffffff7f301406072b0601040\
    10107460900ffffffffffffffff301206072b06010401010844079f78043fc00000300b06072b0601040101090500";
const INFORM: &str = "305502010104067075626c6963a6480204180f0244020100020100303a300e06082b06010201010300\
    430203093017060a2b06010603010104010006092b0601060301010503300f060a2b060102010202010103020103";
const V3: &str = "3081990201033011020462e99bb4020300ffe30401030201030430302e040880000000010203040101020\
    30282040f02753104";

pub(crate) fn bytes_of(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn oid(text: &str) -> Oid {
    text.parse().unwrap()
}

fn event(raw: &[u8]) -> Event<'_> {
    use crate::{Envelope, Flags, Input, Kind, MessageId, Parser, ParserConfig, Timestamp};
    let envelope = Envelope {
        input: Input::Snmp,
        kind: Kind::Trap,
        flags: Flags::default(),
        received: Timestamp::ZERO,
        session: 0,
        peer: None,
        host: "r1",
        dedup: None,
        usm: None,
        raw,
    };
    let id = MessageId { appended: Timestamp::ZERO, partition: 0, position: 0 };
    Parser::new(ParserConfig::default()).parse(id, &envelope)
}

#[test]
fn version_1_enterprise_specific() {
    let raw = bytes_of(V1_ENTERPRISE);
    let trap = decode(&raw).unwrap();
    assert_eq!((trap.version, trap.community, trap.inform), (Version::V1, &b"public"[..], false));
    assert_eq!(trap.trap_oid, oid("1.3.6.1.4.1.9.9.41.2.0.1"));
    assert_eq!(trap.enterprise, Some(oid("1.3.6.1.4.1.9.9.41.2")));
    assert_eq!(trap.agent_addr, Some([192, 0, 2, 7].into()));
    assert_eq!(trap.uptime_ticks, Some(12345));
    assert!(trap.complete);
    assert_eq!(
        render(&trap, &Names::default()),
        "CISCO-SYSLOG-MIB::clogMessageGenerated ciscoMgmt.41.1.2.3.1.5.1=Interface down"
    );
}

#[test]
fn version_1_generic_traps_are_mapped() {
    let raw = bytes_of(V1_LINK_DOWN);
    // generic-trap is the integer behind agent-addr.
    let at = raw.windows(3).position(|w| w == [2, 1, 2]).unwrap() + 2;
    for generic in 0..=5 {
        let mut raw = raw.clone();
        raw[at] = generic;
        let trap = decode(&raw).unwrap();
        assert_eq!(trap.trap_oid, oid(&format!("1.3.6.1.6.3.1.1.5.{}", generic + 1)));
    }
    let trap = decode(&raw).unwrap();
    assert_eq!(render(&trap, &Names::default()), "IF-MIB::linkDown ifIndex.3=3");
}

#[test]
fn version_2c() {
    let raw = bytes_of(V2C);
    let event = event(&raw);
    let trap = event.trap.as_ref().unwrap();
    assert_eq!((trap.version, trap.inform, trap.uptime_ticks), (Version::V2c, false, Some(777)));
    assert_eq!(trap.trap_oid, oid("1.3.6.1.6.3.1.1.5.3"));
    assert_eq!(event.trap_oid(), Some(&trap.trap_oid));
    assert_eq!((trap.agent_addr, trap.trap_address), (None, Some([198, 51, 100, 9].into())));
    let text = "IF-MIB::linkDown ifIndex.3=3 ifDescr.3=Gi0/3 snmpTrapAddress.0=198.51.100.9";
    assert_eq!(event.message.as_ref(), text.as_bytes());
    assert_eq!((event.severity, event.facility, &event.trap_error), (None, None, &None));
    assert!(!is_netim_own(&raw, None));
}

#[test]
fn every_type_of_value() {
    let raw = bytes_of(V2C_VALUES);
    let trap = decode(&raw).unwrap();
    assert!(is_netim_own(&raw, None));
    let texts: Vec<String> = trap.varbinds.iter().map(|v| v.value.text().into_owned()).collect();
    let want = [
        "-5",
        "4294967295",
        "7",
        "100",
        "00:ff",
        "1.3.6.1.4.1.9.4294967295",
        "18446744073709551615",
        "1.5",
        "",
    ];
    assert_eq!(texts, want);
    assert_eq!(trap.varbinds[4].value, Value::Bytes(&[0, 255]));
    assert!(trap.complete);
    let text = render(&trap, &Names::default());
    assert!(text.starts_with("OPNET-MIB::opnet.2.1.491.0.2 1.3.6.1.4.1.1.1=-5 "), "{text}");
}

#[test]
fn an_inform_differs_from_its_answer_and_its_trap_in_one_byte() {
    let raw = bytes_of(INFORM);
    assert!(is_inform(&raw) && decode(&raw).unwrap().inform);
    for (patched, tag) in
        [(inform_response(&raw).unwrap(), 0xa2), (inform_to_trap(&raw).unwrap(), 0xa7)]
    {
        let differing: Vec<usize> = (0..raw.len()).filter(|&i| raw[i] != patched[i]).collect();
        assert_eq!(patched.len(), raw.len());
        assert_eq!(differing.len(), 1);
        assert_eq!((raw[differing[0]], patched[differing[0]]), (0xa6, tag));
    }
    let trap = inform_to_trap(&raw).unwrap();
    assert!(!is_inform(&trap));
    assert_eq!(decode(&trap).unwrap().trap_oid, decode(&raw).unwrap().trap_oid);
    for other in [V1_ENTERPRISE, V2C, V3] {
        let other = bytes_of(other);
        assert!(!is_inform(&other) && inform_response(&other).is_none());
    }
}

#[test]
fn version_3_is_recognised() {
    let raw = bytes_of(V3);
    let event = event(&raw);
    assert_eq!(event.trap_error, Some(TrapError::Version3));
    assert!(event.trap.is_none());
    assert_eq!(event.message.as_ref(), raw);
}

/// Agents write lengths in more bytes than they need, and negative request-ids.
#[test]
fn odd_but_valid() {
    let raw = bytes_of(INFORM);
    let pdu_at = raw.iter().position(|&byte| byte == 0xa6).unwrap();
    let (head, pdu) = (&raw[2..pdu_at], &raw[pdu_at + 2..]);
    let long_pdu = [&[0xa6, 0x83, 0, 0, pdu.len() as u8], pdu].concat();
    let body = [head, &long_pdu].concat();
    let mut long = [&[0x30, 0x82, 0, body.len() as u8], &body[..]].concat();
    assert_eq!(decode(&long), decode(&raw));
    assert!(decode(&inform_response(&long).unwrap()).is_err(), "a Response is no trap");
    let id_at = long.windows(4).position(|w| w == [0x18, 0x0f, 0x02, 0x44]).unwrap();
    long[id_at] = 0xff;
    assert!(decode(&long).unwrap().request_id.unwrap() < 0);
    long.extend_from_slice(b"\0\0");
    assert!(decode(&long).is_ok(), "bytes behind the message are not read");
}

#[test]
fn a_bad_binding_ends_the_list() {
    let mut raw = bytes_of(V2C);
    let at = raw.windows(5).position(|w| w == b"Gi0/3").unwrap();
    raw[at - 2] = 0x1f; // a tag of several bytes
    let trap = decode(&raw).unwrap();
    assert!(!trap.complete);
    assert_eq!(trap.varbinds.len(), 1);
    assert_eq!(trap.trap_oid, oid("1.3.6.1.6.3.1.1.5.3"));
}

#[test]
fn what_is_no_trap() {
    let why = |raw: &[u8]| decode(raw).unwrap_err();
    assert_eq!(why(b""), TrapError::Malformed("message"));
    assert_eq!(why(b"<13>x"), TrapError::Malformed("message"));
    let mut raw = bytes_of(V2C);
    raw[4] = 0x09;
    assert_eq!(why(&raw), TrapError::UnknownVersion(9));
    let get = bytes_of(&INFORM.replacen("a648", "a048", 1));
    assert_eq!(why(&get), TrapError::NoTrap(0xa0));
    let nameless = bytes_of(&V2C.replacen("2b060106030101040100", "2b060106030101040101", 1));
    assert_eq!(why(&nameless), TrapError::NoTrapOid);
}

proptest! {
    /// Cut anywhere or with any byte changed, it is read or refused, never more.
    #[test]
    fn damaged_datagrams(
        which in prop::sample::select(vec![V1_ENTERPRISE, V1_LINK_DOWN, V2C, V2C_VALUES, INFORM, V3]),
        cut in 0usize..240, at in 0usize..240, byte: u8,
    ) {
        let mut raw = bytes_of(which);
        raw.truncate(cut);
        if let Some(place) = raw.get_mut(at) {
            *place = byte;
        }
        let event = event(&raw);
        prop_assert_eq!(event.raw, &raw[..]);
        prop_assert!(event.trap.is_some() != event.trap_error.is_some());
        let _ = (inform_response(&raw), inform_to_trap(&raw));
    }
}
