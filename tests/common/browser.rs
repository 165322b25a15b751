//! Somebody who signs in, as a browser does: it keeps the cookie and sends the token along.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::api::{Answer, exchange};

/// A browser with what it was given.
#[derive(Clone, Debug)]
pub struct Browser {
    address: SocketAddr,
    /// `name=value`; empty: none.
    pub cookie: String,
    /// What changes carry.
    pub csrf: String,
}

impl Browser {
    /// One that nobody has signed in with.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, cookie: String::new(), csrf: String::new() }
    }

    /// Signs in, if the password is right.
    pub fn sign_in(&mut self, name: &str, password: &str) -> Answer {
        let body = json!({ "name": name, "password": password });
        let answer = self.ask("POST", "/session", &body.to_string());
        self.keep(&answer);
        answer
    }

    /// Sets another password.
    pub fn set_password(&mut self, old: &str, new: &str) -> Answer {
        let body = json!({ "old": old, "new": new }).to_string();
        let answer = self.ask("PUT", "/session/password", &body);
        self.keep(&answer);
        answer
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "")
    }

    /// One request, as a page of MUTT's would make it.
    pub fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let token = format!("X-MUTT-CSRF: {}", self.csrf);
        self.ask_with(method, path, &[&token, "Sec-Fetch-Site: same-origin"], body)
    }

    /// One request with the cookie and these headers.
    pub fn ask_with(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        let cookie = format!("Cookie: {}", self.cookie);
        let mut all = headers.to_vec();
        if !self.cookie.is_empty() {
            all.push(&cookie);
        }
        exchange(self.address, method, path, &all, body)
    }

    /// Keeps the cookie of an answer, and its token.
    pub fn keep(&mut self, answer: &Answer) {
        if answer.status < 300
            && let Some(cookie) = answer.headers.get("set-cookie")
        {
            cookie.split(';').next().unwrap_or_default().clone_into(&mut self.cookie);
            let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
            body["csrf"].as_str().unwrap_or_default().clone_into(&mut self.csrf);
        }
    }
}
