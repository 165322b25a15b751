//! The real client against real sockets on loopback.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;

fn after(pairs: &[(HeaderName, &'static str)]) -> Option<Duration> {
    let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value)));
    retry_after(&headers.collect(), SystemTime::UNIX_EPOCH)
}

#[test]
fn retry_after_in_seconds_or_as_a_date() {
    assert_eq!(after(&[]), None);
    assert_eq!(after(&[(header::RETRY_AFTER, "120")]), Some(Duration::from_secs(120)));
    assert_eq!(after(&[(header::RETRY_AFTER, "soon")]), None);
    let date = (header::DATE, "Sun, 06 Nov 1994 08:49:37 GMT");
    let later = (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT");
    assert_eq!(after(&[date.clone(), later]), Some(Duration::from_secs(60)));
    let earlier = (header::RETRY_AFTER, "Sun, 06 Nov 1994 08:00:00 GMT");
    assert_eq!(after(&[date, earlier]), Some(Duration::ZERO));
    let no_date = (header::RETRY_AFTER, "Thu, 01 Jan 1970 00:00:09 GMT");
    assert_eq!(after(&[no_date]), Some(Duration::from_secs(9)));
}

#[test]
fn a_bad_header_is_named_but_not_shown() {
    let error = headers(vec![("apiKey".into(), "sec\nret".into())]).unwrap_err();
    assert!(error.to_string().contains("apiKey"));
    assert!(!error.to_string().contains("ret\""));
}

fn get(url: String) -> Request {
    let timeout = Duration::from_secs(10);
    Request { method: Method::Get, url, headers: Vec::new(), body: Vec::new(), timeout }
}

async fn answer(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin), text: &str) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
}

/// Answers one request with these bytes.
async fn server(text: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        answer(&mut stream, &text).await;
        // Held open, so that only what was sent can end the answer.
        let _ = stream.read_u8().await;
    });
    format!("http://{address}/")
}

#[tokio::test]
async fn the_body_is_cut() {
    let long = "x".repeat(100_000);
    let url = server(format!("HTTP/1.1 400 Bad\r\ncontent-length: 100000\r\n\r\n{long}")).await;
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let response = http.send(get(url)).await.unwrap();
    assert_eq!((response.status, response.body.len()), (400, BODY_BYTES_MAX));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let head = "HTTP/1.1 302 Found\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n";
    let url = server(head.to_owned()).await;
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    assert_eq!(http.send(get(url)).await.unwrap().status, 302);
}

#[tokio::test]
async fn errors_say_what_but_not_where() {
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-path", listener.local_addr().unwrap());
    let slow = Request { timeout: Duration::from_millis(100), ..get(url.clone()) };
    assert_eq!(http.send(slow).await, Err(HttpError::Timeout(Duration::from_millis(100))));
    drop(listener);
    let error = http.send(get(url)).await.unwrap_err();
    assert!(matches!(&error, HttpError::Network(_)), "{error}");
    assert!(!error.to_string().contains("secret-path"), "{error}");
    let error = http.send(get("no url".into())).await.unwrap_err();
    assert!(matches!(error, HttpError::Invalid(_)), "{error}");
}

#[tokio::test]
async fn tls_trusts_the_ca_file_and_nobody_else() {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, signed.cert.pem()).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(signed.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![signed.cert.der().clone()], key.unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                answer(&mut stream, "HTTP/1.1 204 Fine\r\n\r\n").await;
            }
        }
    });
    let url = format!("https://localhost:{port}/");
    let strict = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let error = strict.send(get(url.clone())).await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");
    let settings = HttpSettings { ca_file: Some(ca_file), ..HttpSettings::default() };
    let trusting = ReqwestHttp::new(&settings).unwrap();
    assert_eq!(trusting.send(get(url)).await.unwrap().status, 204);
}

#[test]
fn a_bad_ca_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let with = |path: &std::path::Path| HttpSettings {
        ca_file: Some(path.to_owned()),
        ..HttpSettings::default()
    };
    assert!(ReqwestHttp::new(&with(&path)).unwrap_err().to_string().contains("ca.pem"));
    std::fs::write(&path, "nothing").unwrap();
    assert!(ReqwestHttp::new(&with(&path)).unwrap_err().to_string().contains("no certificate"));
}
