//! One connection to Redis: asked by one, one pipeline after the other, each within a time limit.
//!
//! From: the session's commands. To: the server, and its answers or a [`Trouble`]. Dropping it
//! closes the socket at once, which ends a call that blocks at the server.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use mutt_secrets::{ExposeSecret, SecretString};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Pipeline, RedisConnectionInfo, Value};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::RedisListConfig;
use super::trouble::Trouble;

/// An open connection.
#[derive(Debug)]
pub(super) struct Link {
    connection: MultiplexedConnection,
    driver: AbortHandle,
    patience: Duration,
    /// The server's address.
    pub peer: SocketAddr,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Link {
    /// Connects to `address` (host and port) and logs in, with another password that may be in force
    /// if one is refused.
    pub async fn open(config: &RedisListConfig, address: &str) -> Result<Self, Trouble> {
        let Some(passwords) = &config.password else {
            return Self::open_with(config, address, None).await;
        };
        let open = |password: SecretString| async move {
            Self::open_with(config, address, Some(&password)).await
        };
        let opened = passwords.log_in(open, Trouble::is_login).await;
        opened.map_err(|refused| {
            refused.unwrap_or_else(|| Trouble::Unexpected("no password is known".to_owned()))
        })
    }

    async fn open_with(
        config: &RedisListConfig,
        address: &str,
        password: Option<&SecretString>,
    ) -> Result<Self, Trouble> {
        let patience = Duration::from_millis(config.answer_timeout_ms);
        let unreachable =
            |error: io::Error| Trouble::Unreachable { address: address.to_owned(), error };
        let socket = match timeout(patience, TcpStream::connect(address)).await {
            Ok(socket) => socket.map_err(unreachable)?,
            Err(_) => return Err(unreachable(io::ErrorKind::TimedOut.into())),
        };
        let peer = socket.peer_addr().map_err(unreachable)?;
        let _ = socket.set_nodelay(true); // each request waits for its answer
        let mut login =
            RedisConnectionInfo::default().set_db(config.database).set_skip_set_lib_name();
        if let Some(user) = &config.user {
            login = login.set_username(user);
        }
        if let Some(password) = password {
            login = login.set_password(password.expose_secret());
        }
        let opening = async {
            let Some(tls) = &config.tls else { return log_in(&login, socket).await };
            let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
            log_in(&login, tls.connect(host, socket).await.map_err(unreachable)?).await
        };
        let opened = timeout(patience, opening).await;
        let (connection, driver) = opened.map_err(|_| Trouble::Silent(patience.as_millis()))??;
        Ok(Self { connection, driver, patience, peer })
    }

    /// Sends commands and waits for all answers, `blocking` longer than usual.
    pub async fn ask(
        &mut self,
        commands: &Pipeline,
        blocking: Duration,
    ) -> Result<Answers, Trouble> {
        let patience = self.patience + blocking;
        let asked = self.connection.send_packed_commands(commands, 0, commands.len());
        let values =
            timeout(patience, asked).await.map_err(|_| Trouble::Silent(patience.as_millis()))??;
        for value in &values {
            if let Value::ServerError(error) = value {
                return Err(error.into());
            }
        }
        Ok(Answers(values.into_iter()))
    }
}

/// Logs in over a socket, with or without TLS, and lets the connection work.
async fn log_in<S>(
    login: &RedisConnectionInfo,
    socket: S,
) -> Result<(MultiplexedConnection, AbortHandle), Trouble>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // The time limits are this file's own, since a call that blocks has another one.
    let limits = AsyncConnectionConfig::new().set_response_timeout(None);
    let opening = MultiplexedConnection::new_with_config(login, socket, limits);
    let (connection, driver) = opening.await?;
    Ok((connection, tokio::spawn(driver).abort_handle()))
}

/// The answers to a pipeline, in its order.
#[derive(Debug)]
pub(super) struct Answers(std::vec::IntoIter<Value>);

impl Answers {
    fn next(&mut self) -> Result<Value, Trouble> {
        self.0.next().ok_or_else(|| Trouble::Unexpected("too few answers".to_owned()))
    }

    /// Passes over answers that say nothing.
    pub fn skip(&mut self, count: usize) -> Result<(), Trouble> {
        for _ in 0..count {
            self.next()?;
        }
        Ok(())
    }

    /// Whether a transaction was executed; it is not if what it watches was touched.
    pub fn executed(&mut self) -> Result<bool, Trouble> {
        match self.next()? {
            Value::Nil => Ok(false),
            Value::Array(values) => {
                let refused = values.iter().find_map(|value| match value {
                    Value::ServerError(error) => Some(Trouble::from(error)),
                    _ => None,
                });
                refused.map_or(Ok(true), Err)
            }
            other => Err(unexpected(&other)),
        }
    }

    /// A text, or that there is none.
    pub fn bytes(&mut self) -> Result<Option<Vec<u8>>, Trouble> {
        match self.next()? {
            Value::Nil => Ok(None),
            Value::BulkString(bytes) => Ok(Some(bytes)),
            other => Err(unexpected(&other)),
        }
    }

    /// A count.
    pub fn count(&mut self) -> Result<usize, Trouble> {
        match self.next()? {
            Value::Int(count) => Ok(usize::try_from(count).unwrap_or(0)),
            other => Err(unexpected(&other)),
        }
    }

    /// A list of texts.
    pub fn list(&mut self) -> Result<Vec<Vec<u8>>, Trouble> {
        let Value::Array(values) = self.next()? else {
            return Err(Trouble::Unexpected("no list".to_owned()));
        };
        let bytes = |value: Value| match value {
            Value::BulkString(bytes) => Ok(bytes),
            other => Err(unexpected(&other)),
        };
        values.into_iter().map(bytes).collect()
    }
}

fn unexpected(value: &Value) -> Trouble {
    let kind = match value {
        Value::Nil => "nothing",
        Value::Int(_) => "a number",
        Value::BulkString(_) | Value::SimpleString(_) | Value::Okay => "a text",
        Value::Array(_) => "a list",
        _ => "something else",
    };
    Trouble::Unexpected(kind.to_owned())
}
