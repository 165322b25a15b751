//! The real client against a stand-in that answers one request with a given text.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::*;

fn tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

fn client(address: &str) -> Client {
    let settings = ClientSettings {
        address: address.parse().unwrap(),
        approle_mount: "team/approle".to_owned(),
        namespace: Some("network/mutt".to_owned()),
        timeout: Duration::from_secs(5),
    };
    Client::new(settings, tls()).unwrap()
}

/// Answers one request; gives what was asked.
async fn vault(status: &str, body: &str) -> (Client, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}/", listener.local_addr().unwrap()));
    let length = body.len();
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}");
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !is_whole(&asked) {
            asked.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(asked).unwrap()
    });
    (client, asked)
}

fn is_whole(asked: &[u8]) -> bool {
    let text = String::from_utf8_lossy(asked);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn at() -> SecretPath {
    SecretPath { mount: "kv/prod".into(), path: "team a/mutt".into() }
}

fn token() -> SecretString {
    "s.token".into()
}

#[tokio::test]
async fn a_login_names_the_mount_and_the_namespace() {
    let body = r#"{"auth":{"client_token":"s.1","lease_duration":5,"renewable":true}}"#;
    let (client, asked) = vault("200 OK", body).await;
    let grant = client.login(&"r\"1".into(), &"s1".into()).await.unwrap();
    assert_eq!((grant.token.expose_secret(), grant.lease.as_secs()), ("s.1", 5));
    assert!(grant.renewable);
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("POST /v1/auth/team/approle/login HTTP/1.1"), "{asked}");
    assert!(asked.contains("x-vault-namespace: network/mutt"), "{asked}");
    assert!(asked.contains("x-vault-request: true"), "{asked}");
    assert!(asked.ends_with(r#"{"role_id":"r\"1","secret_id":"s1"}"#), "{asked}");
}

#[tokio::test]
async fn a_secret_is_read_with_the_token_in_its_namespace() {
    let (client, asked) = vault("200 OK", r#"{"data":{"data":{"key":"k1"}}}"#).await;
    let fields = client.read(&token(), &at()).await.unwrap();
    assert_eq!(fields.get("key").unwrap().unwrap().expose_secret(), "k1");
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("GET /v1/kv/prod/data/team%20a/mutt HTTP/1.1"), "{asked}");
    assert!(asked.contains("x-vault-token: s.token"), "{asked}");
    assert!(asked.contains("x-vault-namespace: network/mutt"), "{asked}");
}

#[tokio::test]
async fn a_wrapped_secret_id_and_a_renewal() {
    let (client, asked) = vault("200 OK", r#"{"data":{"secret_id":"s7"}}"#).await;
    assert_eq!(client.unwrap(&"w1".into()).await.unwrap().expose_secret(), "s7");
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("POST /v1/sys/wrapping/unwrap "), "{asked}");
    assert!(asked.contains("x-vault-token: w1"), "{asked}");
    let body = r#"{"auth":{"client_token":"s.token","lease_duration":0,"renewable":false}}"#;
    let (client, asked) = vault("200 OK", body).await;
    assert_eq!(client.renew(&token()).await.unwrap().lease, Duration::ZERO);
    assert!(asked.await.unwrap().starts_with("POST /v1/auth/token/renew-self "));
}

#[tokio::test]
async fn what_a_status_means_to_a_read() {
    for (status, body, reason, words) in [
        ("403 Forbidden", r#"{"errors":["permission denied"]}"#, "denied", "kv/prod/data/team a"),
        ("404 Not Found", r#"{"errors":[]}"#, "missing", "there is no secret kv/prod//team a/mutt"),
        ("200 OK", r#"{"data":{"data":null}}"#, "missing", "may have been deleted"),
        ("503 No", r#"{"errors":["Vault is sealed"]}"#, "sealed", "unseal it"),
        ("500 No", r#"{"errors":["disk\nfull s.token"]}"#, "failing", "(disk full (secret))"),
        ("429 No", "", "failing", "answers 429"),
        ("307 No", "", "elsewhere", "vault.address"),
        ("400 No", "", "odd_answer", "answers 400"),
        ("200 OK", "<html>s.token", "odd_answer", "answers 200"),
    ] {
        let (client, _) = vault(status, body).await;
        let fault = client.read(&token(), &at()).await.unwrap_err();
        assert_eq!(fault.reason(), reason, "{status}: {fault}");
        assert!(fault.to_string().contains(words), "{status}: {fault}");
        assert!(!fault.to_string().contains("s.token"), "{fault}");
        assert!(Fault::REASONS.contains(&fault.reason()));
        assert_eq!(fault.passes(), ["sealed", "failing"].contains(&reason), "{fault}");
    }
}

#[tokio::test]
async fn what_a_status_means_to_the_other_calls() {
    let said = r#"{"errors":["invalid role or secret ID s1"]}"#;
    let (client, _) = vault("400 Bad Request", said).await;
    let fault = client.login(&"r1".into(), &"s1".into()).await.unwrap_err();
    assert_eq!(fault.reason(), "login");
    assert!(fault.to_string().contains("(invalid role or secret ID (secret))"), "{fault}");
    assert!(fault.to_string().contains("auth/team/approle"), "{fault}");
    let (client, _) =
        vault("400 Bad Request", r#"{"errors":["wrapping token is not valid"]}"#).await;
    let fault = client.unwrap(&"w1".into()).await.unwrap_err();
    assert_eq!((fault.reason(), fault.passes()), ("wrapped", false), "{fault}");
    let (client, _) = vault("403 Forbidden", "").await;
    assert_eq!(client.renew(&token()).await.unwrap_err().reason(), "denied");
}

#[tokio::test]
async fn nobody_there_and_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let mut silent = client(&address);
    silent.settings.timeout = Duration::from_millis(100);
    let silent = Client::new(silent.settings, tls()).unwrap();
    let fault = silent.read(&token(), &at()).await.unwrap_err();
    assert_eq!(fault, Fault::Silent { address: address.clone(), ms: 100 });
    drop(listener);
    let fault = client(&address).read(&token(), &at()).await.unwrap_err();
    assert!(matches!(&fault, Fault::Unreachable { .. }), "{fault}");
    assert!(fault.passes() && fault.to_string().contains(&address), "{fault}");
}

#[test]
fn a_namespace_that_is_none_is_said() {
    let settings =
        ClientSettings { namespace: Some("a\nb".to_owned()), ..client("http://h").settings };
    assert!(Client::new(settings, tls()).unwrap_err().contains("vault.namespace"));
}
