//! The cookie of a session, and the refusal of changes that another site's page asks for.
//!
//! From: a browser's headers. To: `auth`, and what signs in and out.

use axum::http::{HeaderMap, HeaderValue, Method, header};

use crate::problem::Problem;

/// The header that a change by a session carries, with what `GET /session` says.
pub const CSRF_HEADER: &str = "x-mutt-csrf";

/// How this MUTT's cookies are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cookies {
    /// People come over TLS: cookies are `Secure` and cannot be set by another host (`__Host-`).
    pub secure: bool,
}

impl Cookies {
    /// The name of the session's cookie.
    pub fn session(self) -> &'static str {
        if self.secure { "__Host-mutt" } else { "mutt" }
    }

    /// The name of the cookie of a sign-in that is on its way.
    pub fn pending(self) -> &'static str {
        if self.secure { "__Host-mutt-oidc" } else { "mutt-oidc" }
    }

    /// A cookie that only this site gets back, and no script reads.
    pub fn strict(self, name: &str, value: &str) -> HeaderValue {
        self.cookie(name, value, "SameSite=Strict")
    }

    /// The same for ten minutes, and also sent when another site leads here.
    pub fn lax(self, name: &str, value: &str) -> HeaderValue {
        self.cookie(name, value, "SameSite=Lax; Max-Age=600")
    }

    /// Makes a browser forget a cookie.
    pub fn forget(self, name: &str) -> HeaderValue {
        self.cookie(name, "", "SameSite=Strict; Max-Age=0")
    }

    fn cookie(self, name: &str, value: &str, how: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; {how}{secure}");
        // Names are fixed and values base64: always a header's value.
        HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The value of a cookie.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|text| text.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim(), value.trim())).find(|pair| pair.0 == name).map(|p| p.1)
}

/// Whether a method may change something.
pub fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Refuses what another site's page asks for, as far as the browser says so.
pub fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|text| text.to_str().ok());
    let site = headers.get("sec-fetch-site").and_then(|text| text.to_str().ok());
    let foreign = match (site, text(header::ORIGIN)) {
        (Some("same-origin" | "none"), _) => false,
        (Some(_), _) => true,
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_none() || host != text(header::HOST)
        }
        (None, None) => false,
    };
    if foreign {
        return Err(Problem::forbidden("another site's page asks for this: it is refused"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &'static str)]) -> HeaderMap {
        list.iter()
            .map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn a_cookie_is_found_among_others() {
        let found = headers(&[("cookie", "a=1; mutt=x-y_z; mutt-oidc=o")]);
        assert_eq!(read(&found, "mutt"), Some("x-y_z"));
        assert_eq!(read(&found, "tt"), None);
    }

    #[test]
    fn cookies_are_for_this_site_alone_and_over_tls_for_this_host() {
        let text =
            |cookies: Cookies| cookies.strict(cookies.session(), "v").to_str().unwrap().to_owned();
        assert_eq!(text(Cookies { secure: false }), "mutt=v; Path=/; HttpOnly; SameSite=Strict");
        let secure = text(Cookies { secure: true });
        assert_eq!(secure, "__Host-mutt=v; Path=/; HttpOnly; SameSite=Strict; Secure");
    }

    #[test]
    fn what_another_site_asks_for_is_refused() {
        for own in [
            headers(&[]),
            headers(&[("sec-fetch-site", "same-origin")]),
            headers(&[("origin", "https://mutt.example.net"), ("host", "mutt.example.net")]),
        ] {
            assert!(same_site(&own).is_ok(), "{own:?}");
        }
        for foreign in [
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("sec-fetch-site", "same-site")]),
            headers(&[("origin", "https://evil.example"), ("host", "mutt.example.net")]),
            headers(&[("origin", "null"), ("host", "mutt.example.net")]),
        ] {
            assert_eq!(same_site(&foreign).unwrap_err().status, 403, "{foreign:?}");
        }
    }
}
