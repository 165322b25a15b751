//! A RELP sender as librelp is one: a window of messages on their way; what is not answered when
//! the connection breaks is sent again over the next one, first and in order.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use super::Progress;
use crate::load;

/// Messages on their way, as many as librelp's default.
const WINDOW: usize = 128;
/// About 12,000 messages a second.
const PACE: Duration = Duration::from_millis(5);

/// Sends until it is enough and all is answered.
pub fn run(target: SocketAddr, progress: &Progress) {
    let mut waiting: VecDeque<u64> = VecDeque::new();
    loop {
        match session(target, progress, &mut waiting) {
            Ok(()) => return,
            Err(_) => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn session(target: SocketAddr, progress: &Progress, waiting: &mut VecDeque<u64>) -> io::Result<()> {
    let mut session = Session::open(target)?;
    let lines: Vec<String> = waiting.iter().map(|n| load::line(*n)).collect();
    progress.repeat(waiting.len() as u64);
    session.send(&lines)?;
    loop {
        let room = WINDOW - waiting.len();
        // Half a window at once, so that acknowledgements and messages cross.
        let new = if room >= WINDOW / 2 { progress.take(room as u64, PACE) } else { 0..0 };
        waiting.extend(new.clone());
        if waiting.is_empty() {
            return Ok(());
        }
        session.send(&new.map(load::line).collect::<Vec<_>>())?;
        let answered = session.answers()?;
        waiting.drain(..answered);
        progress.acknowledge(answered as u64);
    }
}

/// A RELP session, by hand where a test wants it.
pub struct Session {
    stream: TcpStream,
    next: u32,
    expected: u32,
    bytes: Vec<u8>,
}

impl Session {
    /// Connects and opens.
    pub fn open(target: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(target)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut this = Self { stream, next: 1, expected: 1, bytes: Vec::new() };
        this.frame("open", "relp_version=0\nrelp_software=test\ncommands=syslog")?;
        while this.answers()? == 0 {}
        Ok(this)
    }

    /// Sends messages, in order.
    pub fn send(&mut self, lines: &[String]) -> io::Result<()> {
        lines.iter().try_for_each(|line| self.frame("syslog", line))
    }

    fn frame(&mut self, command: &str, data: &str) -> io::Result<()> {
        let frame = format!("{} {command} {} {data}\n", self.next, data.len());
        self.next += 1;
        self.stream.write_all(frame.as_bytes())
    }

    /// Waits for answers; how many came, in order, each a 200.
    pub fn answers(&mut self) -> io::Result<usize> {
        let mut answered = 0;
        while answered == 0 {
            let mut buffer = [0; 16 * 1024];
            let n = self.stream.read(&mut buffer)?;
            if n == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.bytes.extend_from_slice(&buffer[..n]);
            while let Some((answer, len)) = answer(&self.bytes) {
                let Answer { txnr, text } = answer;
                if txnr == 0 {
                    return Err(io::ErrorKind::ConnectionAborted.into()); // serverclose
                }
                assert_eq!(txnr, self.expected, "answers come in order");
                assert!(text.starts_with("200"), "{text}");
                self.expected += 1;
                answered += 1;
                self.bytes.drain(..len);
            }
        }
        Ok(answered)
    }

    /// Waits until everything sent so far is answered.
    pub fn all_answered(&mut self) -> io::Result<()> {
        while self.expected < self.next {
            self.answers()?;
        }
        Ok(())
    }

    /// Whether an answer comes within `most`.
    pub fn is_answered_within(&mut self, most: Duration) -> bool {
        self.stream.set_read_timeout(Some(most)).expect("a timeout");
        let mut byte = [0];
        let come = self.stream.peek(&mut byte).is_ok_and(|n| n > 0);
        self.stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        come
    }
}

struct Answer {
    txnr: u32,
    text: String,
}

/// The first whole frame, and its length.
fn answer(bytes: &[u8]) -> Option<(Answer, usize)> {
    let mut spaces = bytes.iter().enumerate().filter(|(_, b)| matches!(b, b' ' | b'\n'));
    let (first, second) = (spaces.next()?.0, spaces.next()?.0);
    let (third, end) = spaces.next().map(|(at, b)| (at, *b))?;
    let number = |from: usize, to: usize| -> usize {
        let digits = std::str::from_utf8(&bytes[from..to]).expect("ASCII");
        digits.parse().expect("a number")
    };
    let len = number(second + 1, third);
    let data = if end == b' ' { third + 1 } else { third };
    let text = bytes.get(data..data + len)?;
    let (b'\n', frame) = (*bytes.get(data + len)?, data + len + 1) else {
        panic!("a RELP frame ends with LF");
    };
    let txnr = number(0, first) as u32;
    Some((Answer { txnr, text: String::from_utf8_lossy(text).into_owned() }, frame))
}
