//! A way from TCP to a server's Unix socket that a test can cut, silence, or let lose an answer.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;

/// What the way does with what comes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// It carries it.
    Open,
    /// It closes every connection.
    Cut,
    /// It keeps it, as a network that drops packets: they come again once it is open.
    Silent,
}

struct State {
    way: Way,
    streams: Vec<TcpStream>,
    /// Whether the answer to the next commit in which a cursor moves shall be lost.
    armed: bool,
    lost: u64,
}

/// The way.
pub struct Proxy {
    /// Where clients connect.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("the way's state")
    }

    /// Waits until the way is no longer silent; answers whether it is open.
    fn opens(&self) -> bool {
        let silent = |state: &mut State| state.way == Way::Silent;
        let state = self.changed.wait_while(self.lock(), silent).expect("the way's state");
        state.way == Way::Open
    }
}

impl Proxy {
    /// Starts it towards a Unix socket, which need not be there yet.
    pub fn start(socket: PathBuf, way: Way) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the proxy");
        let address = listener.local_addr().expect("its address");
        let state = State { way, streams: Vec::new(), armed: false, lost: 0 };
        let shared = Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() });
        let of_clients = Arc::clone(&shared);
        thread::spawn(move || {
            loop {
                // While it is silent clients fill the kernel's queue, and then none gets through.
                of_clients.opens();
                let Ok((client, _)) = listener.accept() else { continue };
                let (shared, socket) = (Arc::clone(&of_clients), socket.clone());
                thread::spawn(move || carry(client, &socket, &shared));
            }
        });
        Self { address, shared }
    }

    /// From now on it does this.
    pub fn set(&self, way: Way) {
        let mut state = self.shared.lock();
        state.way = way;
        if way == Way::Cut {
            for stream in state.streams.drain(..) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        }
        self.shared.changed.notify_all();
    }

    /// The next commit in which a cursor moves is carried, and its answer and connection are lost.
    pub fn lose_an_answer(&self) {
        self.shared.lock().armed = true;
    }

    /// How many answers were lost.
    pub fn lost(&self) -> u64 {
        self.shared.lock().lost
    }
}

fn carry(client: TcpStream, socket: &PathBuf, shared: &Arc<Shared>) {
    if !shared.opens() {
        return;
    }
    let Ok(server) = UnixStream::connect(socket) else { return };
    shared.lock().streams.push(client.try_clone().expect("clone"));
    let back = (server.try_clone().expect("clone"), client.try_clone().expect("clone"));
    let (of_answers, doomed) = (Arc::clone(shared), Arc::new(Mutex::new(false)));
    let losing = Arc::clone(&doomed);
    let answers = thread::spawn(move || answers(back.0, back.1, &of_answers, &losing));
    requests(client, server, shared, &doomed);
    let _ = answers.join();
}

/// What a client's pieces mean: a statement is sent to be prepared, by a name and its text, and is
/// executed by its name.
#[derive(Default)]
struct Said {
    moves: Vec<Vec<u8>>,
    commit: Vec<u8>,
    moved: bool,
}

impl Said {
    /// Whether this piece commits a transaction in which a cursor moved.
    fn commits(&mut self, piece: &[u8]) -> bool {
        self.moves.extend(prepared(piece, b"UPDATE cursors"));
        self.moved |= self.moves.iter().any(|name| find(piece, name).is_some());
        if let Some(name) = prepared(piece, b"COMMIT") {
            self.commit = name;
            return false;
        }
        let commits = !self.commit.is_empty() && find(piece, &self.commit).is_some();
        commits && std::mem::take(&mut self.moved)
    }
}

/// The name, with the NUL at its end, of the statement that is prepared with `text` in it.
fn prepared(piece: &[u8], text: &[u8]) -> Option<Vec<u8>> {
    const NAME: &[u8] = b"sqlx_s_";
    let before = &piece[..find(piece, text)?];
    let from = before.windows(NAME.len()).rposition(|window| window == NAME)?;
    let end = before[from..].iter().position(|byte| *byte == 0)?;
    Some(before[from..=from + end].to_vec())
}

fn find(piece: &[u8], text: &[u8]) -> Option<usize> {
    piece.windows(text.len()).position(|window| window == text)
}

/// From the client to the server.
fn requests(mut client: TcpStream, mut server: UnixStream, shared: &Shared, doomed: &Mutex<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut said = Said::default();
    while let Ok(n @ 1..) = client.read(&mut buffer) {
        if !shared.opens() {
            break;
        }
        if said.commits(&buffer[..n]) && std::mem::take(&mut shared.lock().armed) {
            *doomed.lock().expect("doomed") = true;
        }
        if server.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

/// From the server to the client.
fn answers(mut server: UnixStream, mut client: TcpStream, shared: &Shared, doomed: &Mutex<bool>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(n @ 1..) = server.read(&mut buffer) {
        if *doomed.lock().expect("doomed") {
            shared.lock().lost += 1;
            break;
        }
        if !shared.opens() || client.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}
