//! Messages of SNMP version 3, RFC 3412 section 6 and RFC 3414 section 2.4: read and written, without
//! any key.
//!
//! From: raw datagrams, and who checks them. To: the checks, and datagrams that answer.

use super::ber::{self, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, Reader, SEQUENCE};
use super::pdu::{INFORM, RESPONSE, TRAP_V2};

const COUNTER32: u8 = 0x41;
const REPORT: u8 = 0xa8;
/// The User-based Security Model's number (RFC 3411 section 5).
const USM: i64 = 3;
/// msgFlags: the sender wants to be told why a message fails.
const REPORTABLE: u8 = 4;
/// What MUTT says that it can take: the most that UDP carries.
const SIZE_MAX: i64 = 65_507;

/// A message, not checked yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)] // the RFC's own names
pub struct Message<'a> {
    pub id: i64,
    pub flags: u8,
    pub engine_id: &'a [u8],
    pub engine_boots: u32,
    pub engine_time: u32,
    pub user: &'a [u8],
    pub auth: &'a [u8],
    /// Where the digest stands in the datagram.
    pub auth_at: usize,
    pub privacy: &'a [u8],
    pub data: Data<'a>,
}

/// What a message carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Data<'a> {
    /// The scoped PDU, with its head.
    Plain(&'a [u8]),
    /// The scoped PDU, encrypted.
    Sealed(&'a [u8]),
}

impl<'a> Message<'a> {
    /// Does its sender want to be told why it fails?
    pub fn is_reportable(&self) -> bool {
        self.flags & REPORTABLE != 0
    }

    /// The scoped PDU, unless it is encrypted.
    pub fn plain(&self) -> Option<&'a [u8]> {
        match self.data {
            Data::Plain(scoped) => Some(scoped),
            Data::Sealed(_) => None,
        }
    }
}

/// Reads a datagram; `None` if it is no whole message of version 3 with USM.
pub fn read(raw: &[u8]) -> Option<Message<'_>> {
    let mut outer = Reader::new(raw);
    let mut inside = outer.expect(SEQUENCE)?.inside();
    integer(&mut inside).filter(|version| *version == 3)?;
    let mut global = inside.expect(SEQUENCE)?.inside();
    let id = integer(&mut global)?;
    let _size = integer(&mut global)?;
    let &[flags] = global.expect(OCTET_STRING)?.content else { return None };
    integer(&mut global).filter(|model| *model == USM)?;
    let mut security = inside.expect(OCTET_STRING)?.inside().expect(SEQUENCE)?.inside();
    let engine_id = security.expect(OCTET_STRING)?.content;
    let engine_boots = counted(&mut security)?;
    let engine_time = counted(&mut security)?;
    let user = security.expect(OCTET_STRING)?.content;
    let auth = security.expect(OCTET_STRING)?;
    let privacy = security.expect(OCTET_STRING)?.content;
    let tag = if flags & 2 != 0 { OCTET_STRING } else { SEQUENCE };
    let data = inside.expect(tag)?;
    let data = match tag {
        SEQUENCE => Data::Plain(raw.get(data.at..data.content_at() + data.content.len())?),
        _ => Data::Sealed(data.content),
    };
    let (auth, auth_at) = (auth.content, auth.content_at());
    Some(Message {
        id,
        flags,
        engine_id,
        engine_boots,
        engine_time,
        user,
        auth,
        auth_at,
        privacy,
        data,
    })
}

fn integer(reader: &mut Reader<'_>) -> Option<i64> {
    ber::integer(reader.expect(INTEGER)?.content)
}

/// 0 to 2^31 - 1, as boots and times are.
fn counted(reader: &mut Reader<'_>) -> Option<u32> {
    integer(reader).and_then(|value| i32::try_from(value).ok()).and_then(|v| u32::try_from(v).ok())
}

/// A scoped PDU's head.
#[derive(Clone, Copy, Debug)]
pub struct Scoped<'a> {
    pub(super) pdu: Element<'a>,
    /// Where the scoped PDU ends; what DES filled up comes behind.
    len: usize,
    request_id: Option<i64>,
}

impl Scoped<'_> {
    /// A trap or an inform.
    pub fn is_notification(&self) -> bool {
        matches!(self.pdu.tag, TRAP_V2 | INFORM)
    }

    /// Does its sender wait for an answer?
    pub fn is_inform(&self) -> bool {
        self.pdu.tag == INFORM
    }

    /// Its request-id, as far as it can be read.
    pub fn request_id(&self) -> Option<i64> {
        self.request_id
    }
}

/// Reads a scoped PDU up to its PDU; what follows it is not read.
pub fn scoped(plain: &[u8]) -> Option<Scoped<'_>> {
    let outer = Reader::new(plain).expect(SEQUENCE)?;
    let len = outer.content_at() + outer.content.len();
    let mut inside = outer.inside();
    let _engine = inside.expect(OCTET_STRING)?;
    let _name = inside.expect(OCTET_STRING)?;
    let pdu = inside.next().filter(|pdu| !pdu.cut)?;
    let request_id = integer(&mut pdu.inside());
    Some(Scoped { pdu, len, request_id })
}

/// The answer to an inform: its scoped PDU with a Response in it (RFC 3416 section 4.2.7).
pub fn response(inform: &[u8]) -> Option<Vec<u8>> {
    let scoped = scoped(inform).filter(Scoped::is_inform)?;
    let mut answer = inform.get(..scoped.len)?.to_vec();
    *answer.get_mut(scoped.pdu.at)? = RESPONSE;
    Some(answer)
}

/// A scoped PDU that reports a counter (RFC 3412 section 7.1), from the engine `engine_id`.
pub fn report(engine_id: &[u8], request_id: i64, counter: &[u32], value: u32) -> Vec<u8> {
    let mut name = Vec::new();
    ber::write_oid(&mut name, counter);
    let value = element(COUNTER32, &unsigned(value));
    let varbind = element(SEQUENCE, &[element(OBJECT_IDENTIFIER, &name), value].concat());
    let zero = element(INTEGER, &[0]);
    let head = [element(INTEGER, &signed(request_id)), zero.clone(), zero].concat();
    let pdu = element(REPORT, &[head, element(SEQUENCE, &varbind)].concat());
    let context = [element(OCTET_STRING, engine_id), element(OCTET_STRING, b"")].concat();
    element(SEQUENCE, &[context, pdu].concat())
}

/// A datagram, and where its digest is to be put.
pub fn write(message: &Message<'_>) -> (Vec<u8>, usize) {
    let data = match message.data {
        Data::Plain(scoped) => scoped.to_vec(),
        Data::Sealed(sealed) => element(OCTET_STRING, sealed),
    };
    let behind = element(OCTET_STRING, message.privacy);
    let number = |value: u32| element(INTEGER, &unsigned(value));
    let security = [
        element(OCTET_STRING, message.engine_id),
        number(message.engine_boots),
        number(message.engine_time),
        element(OCTET_STRING, message.user),
        element(OCTET_STRING, message.auth),
        behind.clone(),
    ];
    let security = element(OCTET_STRING, &element(SEQUENCE, &security.concat()));
    let global = [
        element(INTEGER, &signed(message.id)),
        element(INTEGER, &signed(SIZE_MAX)),
        element(OCTET_STRING, &[message.flags]),
        element(INTEGER, &signed(USM)),
    ];
    let version = element(INTEGER, &[3]);
    let whole = element(
        SEQUENCE,
        &[version, element(SEQUENCE, &global.concat()), security, data.clone()].concat(),
    );
    // Seen from the end, nothing before it moves.
    let auth_at = whole.len() - data.len() - behind.len() - message.auth.len();
    (whole, auth_at)
}

/// Tag, length and content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    ber::write(&mut out, tag, content);
    out
}

/// The shortest two's complement.
fn signed(value: i64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let spare = |at: &usize| {
        let sign = bytes[at + 1] & 0x80 != 0;
        bytes[*at] == if sign { 0xff } else { 0 }
    };
    let from = (0..7).take_while(spare).count();
    bytes[from..].to_vec()
}

fn unsigned(value: u32) -> Vec<u8> {
    signed(i64::from(value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::bytes_of;
    use super::*;

    /// `snmptrap -v3 -e 0x8000000001020304 -u nobody -l noAuthNoPriv ... 5 coldStart`, its head.
    fn message(data: Data<'static>) -> Message<'static> {
        Message {
            id: 0x62e9_9bb4,
            flags: 4,
            engine_id: &[0x80, 0, 0, 0, 1, 2, 3, 4],
            engine_boots: 1,
            engine_time: 300,
            user: b"nobody",
            auth: &[0; 12],
            auth_at: 0,
            privacy: b"",
            data,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let inform = "301004000400a60a02020309020100020100";
        let inform: &'static [u8] = bytes_of(inform).leak();
        let sealed = Message { flags: 7, privacy: &[9; 8], ..message(Data::Sealed(&[7; 300])) };
        for message in [message(Data::Plain(inform)), sealed] {
            let (raw, auth_at) = write(&message);
            assert_eq!(read(&raw), Some(Message { auth_at, ..message }));
        }
    }

    #[test]
    fn an_answer_is_the_inform_with_another_pdu_and_without_what_des_filled_up() {
        let inform = bytes_of("301004000400a60a02020309020100020100");
        let answer = bytes_of("301004000400a20a02020309020100020100");
        assert_eq!(response(&[&inform[..], &[0; 7]].concat()), Some(answer));
        assert_eq!(scoped(&inform).and_then(|scoped| scoped.request_id()), Some(0x309));
        assert_eq!(response(&bytes_of("301004000400a70a02020309020100020100")), None);
    }

    #[test]
    fn a_report_names_its_counter() {
        let raw = report(&[1, 2, 3, 4, 5], -1, &[1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0], 200);
        let expected = "3028 0405 0102030405 0400 a81d 0201ff 020100 020100 3012 3010 060a \
            2b060106030f01010400 4102 00c8";
        assert_eq!(raw, bytes_of(expected));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(raw: Vec<u8>) {
            let _ = read(&raw);
            let _ = scoped(&raw);
            let _ = response(&raw);
        }

        #[test]
        fn numbers_are_as_short_as_they_can_be(value: i64) {
            let bytes = signed(value);
            prop_assert_eq!(ber::integer(&bytes), Some(value));
            prop_assert!(bytes.len() == 1 || ber::integer(&bytes[1..]) != Some(value));
        }
    }
}
