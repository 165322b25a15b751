//! TLS between the frames and the socket, and which of the plain bytes the receiver's kernel has.
//!
//! From: frames. To: records for the wire. A kernel acknowledges ciphertext, so each record's end is
//! noted in both countings: plain bytes count as acknowledged once the whole record is that carries
//! them, since nobody can open a part of one. This is exact to the record (16 KiB), and needs no more
//! repeats after a broken connection than plain TCP: the archiver's overlap, which covers what a
//! receiver that was killed had not read.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};

use rustls::ClientConnection;

use super::wire::Read;

/// The most that one record carries (RFC 8446 section 5.1).
const RECORD_BYTES: usize = 16 * 1024;

/// A TLS session, without its socket.
#[derive(Debug)]
pub(super) struct Sealed {
    session: ClientConnection,
    /// Frames that are not in records yet.
    pub plain: Vec<u8>,
    /// Plain bytes in records so far.
    sealed: u64,
    /// Ciphertext so far, since the handshake.
    ciphertext: u64,
    marks: Marks,
}

impl Sealed {
    /// After the handshake.
    pub(super) fn new(session: ClientConnection) -> Self {
        Self { session, plain: Vec::new(), sealed: 0, ciphertext: 0, marks: Marks::default() }
    }

    /// Plain bytes given so far.
    pub(super) fn given(&self) -> u64 {
        self.sealed + self.plain.len() as u64
    }

    /// Puts all plain bytes, and what the session itself has to say, into records at the end of `out`.
    pub(super) fn seal(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        self.drain(out)?;
        let plain = std::mem::take(&mut self.plain);
        for piece in plain.chunks(RECORD_BYTES) {
            self.session.writer().write_all(piece)?;
            self.drain(out)?;
            self.sealed += piece.len() as u64;
            self.marks.push(self.sealed, self.ciphertext);
        }
        // Its room is kept for the next frames.
        self.plain = plain;
        self.plain.clear();
        Ok(())
    }

    fn drain(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        while self.session.wants_write() {
            self.ciphertext += self.session.write_tls(out)? as u64;
        }
        Ok(())
    }

    /// The plain bytes that the receiver can open, if it has the first `ciphertext` bytes.
    pub(super) fn acknowledged(&mut self, ciphertext: u64) -> u64 {
        self.marks.acknowledged(ciphertext)
    }

    /// Takes what came from the receiver.
    pub(super) fn feed(&mut self, mut raw: &[u8]) -> io::Result<()> {
        while !raw.is_empty() {
            self.session.read_tls(&mut raw)?;
            self.session.process_new_packets().map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// What the receiver said.
    pub(super) fn heard(&mut self, into: &mut [u8]) -> io::Result<Read> {
        match self.session.reader().read(into) {
            Ok(0) => Ok(Read::Closed),
            Ok(n) => Ok(Read::Some(n)),
            Err(why) if why.kind() == io::ErrorKind::WouldBlock => Ok(Read::Nothing),
            Err(why) => Err(why),
        }
    }

    /// The goodbye goes with the next records.
    pub(super) fn goodbye(&mut self) {
        self.session.send_close_notify();
    }
}

/// Where records end, in plain bytes and in ciphertext.
#[derive(Debug, Default)]
struct Marks {
    ahead: VecDeque<(u64, u64)>,
    acknowledged: u64,
}

impl Marks {
    fn push(&mut self, plain: u64, ciphertext: u64) {
        self.ahead.push_back((plain, ciphertext));
    }

    fn acknowledged(&mut self, ciphertext: u64) -> u64 {
        while let Some((plain, end)) = self.ahead.front()
            && *end <= ciphertext
        {
            self.acknowledged = *plain;
            self.ahead.pop_front();
        }
        self.acknowledged
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use rustls::pki_types::{PrivateKeyDer, ServerName};
    use rustls::{ClientConfig, RootCertStore, ServerConfig, ServerConnection};

    use super::*;

    fn pair(version: &'static rustls::SupportedProtocolVersion) -> (Sealed, ServerConnection) {
        let provider = || Arc::new(rustls::crypto::ring::default_provider());
        let made = rcgen::generate_simple_self_signed(["netim".to_owned()]).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let server = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let client = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut server = ServerConnection::new(Arc::new(server)).unwrap();
        let name = ServerName::try_from("netim").unwrap();
        let mut client = ClientConnection::new(Arc::new(client), name).unwrap();
        while client.is_handshaking() || server.is_handshaking() || client.wants_write() {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            open(&mut server, &bytes);
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            let mut rest = bytes.as_slice();
            while !rest.is_empty() {
                client.read_tls(&mut rest).unwrap();
                client.process_new_packets().unwrap();
            }
        }
        (Sealed::new(client), server)
    }

    /// How many plain bytes a receiver opens that has these bytes.
    fn open(server: &mut ServerConnection, mut bytes: &[u8]) -> u64 {
        let mut plain = vec![0; 64 * 1024];
        let mut opened = 0;
        while !bytes.is_empty() {
            server.read_tls(&mut bytes).unwrap();
            server.process_new_packets().unwrap();
            while let Ok(n @ 1..) = server.reader().read(&mut plain) {
                opened += n as u64;
            }
        }
        opened
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// Whatever is sent in whichever pieces, and wherever the kernel's acknowledgement stands:
        /// what counts as acknowledged is just what a receiver with those bytes can open.
        #[test]
        fn acknowledged_is_what_a_receiver_can_open(
            old in any::<bool>(),
            frames in prop::collection::vec((1_usize..40_000, any::<bool>()), 1..12),
            stands in prop::collection::vec(0.0..=1.0, 1..6),
        ) {
            let version = if old { &rustls::version::TLS12 } else { &rustls::version::TLS13 };
            let (mut sealed, mut server) = pair(version);
            let mut out = Vec::new();
            for (len, flush) in frames {
                sealed.plain.resize(sealed.plain.len() + len, b'x');
                if flush {
                    sealed.seal(&mut out).unwrap();
                }
            }
            sealed.seal(&mut out).unwrap();
            let mut stands: Vec<usize> =
                stands.iter().map(|part: &f64| (part * out.len() as f64) as usize).collect();
            stands.sort_unstable();
            stands.push(out.len());
            let (mut given, mut opened) = (0, 0);
            for stand in stands {
                opened += open(&mut server, &out[given..stand]);
                given = stand;
                prop_assert_eq!(sealed.acknowledged(stand as u64), opened);
            }
            prop_assert_eq!(opened, sealed.given());
        }
    }
}
