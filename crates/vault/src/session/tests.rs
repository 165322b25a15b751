//! The policy, against a Vault that says what it is told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use super::*;

const TTL: Duration = Duration::from_secs(60);

#[derive(Default)]
struct Script {
    calls: Vec<String>,
    logins: VecDeque<Result<(), Fault>>,
    renewals: VecDeque<Result<Duration, Fault>>,
    reads: VecDeque<Result<(), Fault>>,
    unwraps: VecDeque<Result<(), Fault>>,
    renewable: bool,
}

#[derive(Clone, Default)]
struct Twin(Arc<Mutex<Script>>);

impl Twin {
    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.0.lock().unwrap()
    }

    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.script().calls)
    }

    fn next<T>(of: &mut VecDeque<Result<T, Fault>>, or: T) -> Result<T, Fault> {
        of.pop_front().unwrap_or(Ok(or))
    }
}

impl Api for Twin {
    async fn login(&self, _: &SecretString, secret_id: &SecretString) -> Result<Grant, Fault> {
        let mut script = self.script();
        script.calls.push(format!("login by {}", secret_id.expose_secret()));
        Twin::next(&mut script.logins, ())?;
        let token = format!("t{}", script.calls.len()).into();
        Ok(Grant { token, lease: TTL, renewable: script.renewable })
    }

    async fn renew(&self, token: &SecretString) -> Result<Grant, Fault> {
        let mut script = self.script();
        script.calls.push("renew".to_owned());
        let lease = Twin::next(&mut script.renewals, TTL)?;
        Ok(Grant { token: token.clone(), lease, renewable: true })
    }

    async fn unwrap(&self, wrapping: &SecretString) -> Result<SecretString, Fault> {
        let mut script = self.script();
        script.calls.push(format!("unwrap {}", wrapping.expose_secret()));
        Twin::next(&mut script.unwraps, ())?;
        Ok(format!("in {}", wrapping.expose_secret()).into())
    }

    async fn read(&self, _: &SecretString, at: &SecretPath) -> Result<Fields, Fault> {
        let mut script = self.script();
        script.calls.push(format!("read {}", at.path));
        Twin::next(&mut script.reads, ()).map(|()| Fields::default())
    }
}

fn denied() -> Fault {
    Fault::Denied("secret/mutt".into(), "secret/data/mutt".into())
}

fn sealed() -> Fault {
    Fault::Sealed("https://vault".into())
}

fn at(path: &str) -> SecretPath {
    SecretPath { mount: "secret".into(), path: path.into() }
}

fn session(secret_id: SecretId) -> (Twin, Session<Twin>, Instant) {
    let twin = Twin::default();
    twin.script().renewable = true;
    let role = Role { role_id: Live::new("role".into()), secret_id };
    let mut session = Session::new(twin.clone(), role);
    session.chance = || 0.0;
    (twin, session, Instant::now())
}

fn given() -> (Twin, Session<Twin>, Instant) {
    session(SecretId::Given(Live::new("s1".into())))
}

#[tokio::test]
async fn it_logs_in_once_and_renews_at_two_thirds() {
    let (twin, mut session, now) = given();
    session.read(&at("a"), now).await.unwrap();
    session.read(&at("b"), now).await.unwrap();
    assert_eq!(twin.calls(), ["login by s1", "read a", "read b"]);
    let due = session.due().unwrap();
    assert_eq!(due - now, Duration::from_secs(40));
    session.keep(due - Duration::from_millis(1)).await.unwrap();
    assert!(twin.calls().is_empty());
    session.keep(due).await.unwrap();
    assert_eq!(twin.calls(), ["renew"]);
    assert_eq!(session.due().unwrap() - due, Duration::from_secs(40));
    assert_eq!(session.tally(), Tally { logins: 1, renewals: 1 });
}

#[tokio::test]
async fn it_logs_in_anew_when_a_token_cannot_be_renewed() {
    let (twin, mut session, now) = given();
    session.keep(now).await.unwrap();
    let due = session.due().unwrap();
    twin.script().renewals.push_back(Err(denied()));
    session.keep(due).await.unwrap();
    // One that comes to its last end.
    twin.script().renewals.push_back(Ok(TTL / 3));
    session.keep(session.due().unwrap()).await.unwrap();
    assert_eq!(twin.calls(), ["login by s1", "renew", "login by s1", "renew", "login by s1"]);
    twin.script().renewable = false;
    twin.script().renewals.push_back(Err(denied()));
    session.keep(session.due().unwrap()).await.unwrap();
    twin.calls();
    session.keep(session.due().unwrap()).await.unwrap();
    assert_eq!(twin.calls(), ["login by s1"], "one that is not renewable is not asked for");
}

#[tokio::test]
async fn a_denial_makes_it_log_in_anew_and_only_once() {
    let (twin, mut session, now) = given();
    session.read(&at("a"), now).await.unwrap();
    twin.calls();
    // Revoked.
    twin.script().reads.push_back(Err(denied()));
    session.read(&at("a"), now).await.unwrap();
    assert_eq!(twin.calls(), ["read a", "login by s1", "read a"]);
    // Not allowed, whatever the token.
    twin.script().reads.extend([Err(denied()), Err(denied())]);
    assert_eq!(session.read(&at("b"), now).await.unwrap_err(), denied());
    twin.script().reads.push_back(Err(denied()));
    assert_eq!(session.read(&at("b"), now).await.unwrap_err(), denied());
    assert_eq!(twin.calls(), ["read b", "login by s1", "read b", "read b"]);
    // And then revoked: another path tells.
    twin.script().reads.push_back(Err(denied()));
    session.read(&at("a"), now).await.unwrap();
    assert_eq!(twin.calls(), ["read a", "login by s1", "read a"]);
}

#[tokio::test]
async fn a_token_that_is_over_is_not_used() {
    let (twin, mut session, now) = given();
    session.read(&at("a"), now).await.unwrap();
    twin.calls();
    session.read(&at("a"), now + TTL).await.unwrap();
    assert_eq!(twin.calls(), ["login by s1", "read a"]);
}

#[tokio::test]
async fn while_it_is_sealed_nothing_is_given_up() {
    let (twin, mut session, now) = given();
    session.keep(now).await.unwrap();
    let due = session.due().unwrap();
    twin.calls();
    twin.script().renewals.push_back(Err(sealed()));
    assert_eq!(session.keep(due).await.unwrap_err(), sealed());
    assert_eq!(session.due(), Some(due), "it is still due");
    session.keep(due + Duration::from_secs(1)).await.unwrap();
    assert_eq!(twin.calls(), ["renew", "renew"]);
}

#[tokio::test]
async fn a_wrapped_secret_id_is_unwrapped_once() {
    let wrapping = Live::new("w1".into());
    let (twin, mut session, now) = session(SecretId::Wrapped(wrapping.clone()));
    session.read(&at("a"), now).await.unwrap();
    session.read(&at("a"), now + TTL).await.unwrap();
    let expected = ["unwrap w1", "login by in w1", "read a", "login by in w1", "read a"];
    assert_eq!(twin.calls(), expected);
    // Another one, such as after the secret id was over.
    wrapping.set("w2".into());
    session.read(&at("a"), now + TTL * 2).await.unwrap();
    assert_eq!(twin.calls(), ["unwrap w2", "login by in w2", "read a"]);
    let used = Fault::Wrapped { address: "https://vault".into(), said: String::new() };
    wrapping.set("w3".into());
    twin.script().unwraps.push_back(Err(used.clone()));
    assert_eq!(session.read(&at("a"), now + TTL * 3).await.unwrap_err(), used);
}

#[tokio::test]
async fn a_login_takes_the_secret_id_as_it_is_then() {
    let secret_id = Live::new("s1".into());
    let (twin, mut session, now) = session(SecretId::Given(secret_id.clone()));
    session.keep(now).await.unwrap();
    secret_id.set("s2".into());
    session.read(&at("a"), now + TTL).await.unwrap();
    assert_eq!(twin.calls(), ["login by s1", "login by s2", "read a"]);
}
