//! One connection to one server: each question within a time limit.
//!
//! From: commands. To: the server, and its answers or a [`Trouble`]. Dropping it closes the socket.

use std::sync::Arc;
use std::time::Duration;

use mutt_secrets::{ExposeSecret, Passwords, SecretString};
use mutt_tls::Connector;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Pipeline, RedisConnectionInfo, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::trouble::Trouble;

/// Who MUTT is to the servers, and how long it waits for them.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub user: Option<String>,
    /// Those that may be in force; none: no login.
    pub passwords: Option<Passwords>,
    pub database: i64,
    /// The TLS of connections; none: they are plain.
    pub tls: Option<Arc<Connector>>,
    pub connect_timeout: Duration,
    pub response_timeout: Duration,
}

/// An open connection.
#[derive(Debug)]
pub(super) struct Link {
    connection: MultiplexedConnection,
    driver: AbortHandle,
    patience: Duration,
    /// The server's host and port.
    pub address: String,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Link {
    /// Connects to `address` (host and port) and logs in, with another password that may be in force
    /// if one is refused.
    pub async fn open(login: &Login, address: &str) -> Result<Self, Trouble> {
        let Some(passwords) = &login.passwords else {
            return Self::open_with(login, address, None).await;
        };
        let open = |password: SecretString| async move {
            Self::open_with(login, address, Some(&password)).await
        };
        let opened = passwords.log_in(open, Trouble::is_login).await;
        opened.map_err(|refused| refused.unwrap_or(Trouble::Unexpected("no password is known")))
    }

    async fn open_with(
        login: &Login,
        address: &str,
        password: Option<&SecretString>,
    ) -> Result<Self, Trouble> {
        let unreachable = |why: String| Trouble::Unreachable { address: address.to_owned(), why };
        let mut info =
            RedisConnectionInfo::default().set_db(login.database).set_skip_set_lib_name();
        if let Some(user) = &login.user {
            info = info.set_username(user);
        }
        if let Some(password) = password {
            info = info.set_password(password.expose_secret());
        }
        let opening = async {
            let socket = TcpStream::connect(address).await;
            let socket = socket.map_err(|error| unreachable(error.to_string()))?;
            let _ = socket.set_nodelay(true); // each request waits for its answer
            let Some(tls) = &login.tls else { return log_in(&info, socket).await };
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            let socket = tls.connect(host, socket).await;
            log_in(&info, socket.map_err(|error| unreachable(error.to_string()))?).await
        };
        let most = login.connect_timeout;
        let opened = timeout(most, opening).await;
        let slow = |_| unreachable(format!("no answer within {} ms", most.as_millis()));
        let (connection, driver) = opened.map_err(slow)??;
        let patience = login.response_timeout;
        Ok(Self { connection, driver, patience, address: address.to_owned() })
    }

    /// Whether it was not seen to break; over one that was, nothing is sent.
    pub fn is_open(&self) -> bool {
        !self.driver.is_finished()
    }

    /// Sends commands and waits for all answers. The first that is an error is this answer.
    pub async fn ask(&self, commands: &Pipeline) -> Result<Answers, Trouble> {
        Answers::checked(self.send(commands, Duration::ZERO).await?.0.collect())
    }

    /// As [`Self::ask`], but waits for `blocking` longer, and tells an error where its answer is
    /// looked at: what stands before was done.
    pub async fn send(&self, commands: &Pipeline, blocking: Duration) -> Result<Answers, Trouble> {
        let patience = self.patience + blocking;
        let mut connection = self.connection.clone();
        let asked = connection.send_packed_commands(commands, 0, commands.len());
        let values = timeout(patience, asked).await;
        let values = values.map_err(|_| Trouble::Silent(patience.as_millis()))??;
        Ok(Answers(values.into_iter()))
    }
}

/// Logs in over a socket, with or without TLS, and lets the connection work.
async fn log_in<S>(
    info: &RedisConnectionInfo,
    socket: S,
) -> Result<(MultiplexedConnection, AbortHandle), Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // The time limits are this file's own, since WAIT has another one.
    let limits = AsyncConnectionConfig::new().set_response_timeout(None);
    let opening = MultiplexedConnection::new_with_config(info, socket, limits);
    let (connection, driver) = opening.await?;
    Ok((connection, tokio::spawn(driver).abort_handle()))
}

/// Answers, in order.
#[derive(Debug)]
pub(super) struct Answers(std::vec::IntoIter<Value>);

impl Answers {
    fn checked(values: Vec<Value>) -> Result<Self, Trouble> {
        for value in &values {
            if let Value::ServerError(error) = value {
                return Err(error.into());
            }
        }
        Ok(Self(values.into_iter()))
    }

    /// How many are left.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn next(&mut self) -> Result<Value, Trouble> {
        match self.0.next() {
            Some(Value::ServerError(error)) => Err((&error).into()),
            next => next.ok_or(Trouble::Unexpected("too few answers")),
        }
    }

    /// A list.
    pub fn list(&mut self) -> Result<Answers, Trouble> {
        match self.next()? {
            Value::Array(values) => Answers::checked(values),
            _ => Err(Trouble::Unexpected("no list")),
        }
    }

    /// Bytes, or that there are none.
    pub fn bytes(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match self.next()? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => Ok(Some(bytes)),
            Value::SimpleString(text) => Ok(Some(text.into_bytes())),
            Value::Okay => Ok(Some(b"OK".to_vec())),
            Value::Int(number) => Ok(Some(number.to_string().into_bytes())),
            Value::VerbatimString { text, .. } => Ok(Some(text.into_bytes())),
            _ => Err(Trouble::Unexpected("no text")),
        }
    }

    /// A text, empty if there is none.
    pub fn text(&mut self) -> Result<String, Trouble> {
        let bytes = self.bytes()?.unwrap_or_default();
        String::from_utf8(bytes).map_err(|_| Trouble::Unexpected("no text"))
    }

    /// A number, 0 if there is none.
    pub fn number(&mut self) -> Result<u64, Trouble> {
        let text = self.text()?;
        if text.is_empty() {
            return Ok(0);
        }
        text.parse().map_err(|_| Trouble::Unexpected("no number"))
    }

    /// Passes over an answer that says nothing.
    pub fn skip(&mut self) -> Result<(), Trouble> {
        self.next().map(drop)
    }
}

/// The value of a line `name:value` of INFO.
pub(super) fn info<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
}
