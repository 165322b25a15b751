//! Secrets that may change while MUTT runs.
//!
//! From: whoever reads them (settings, files, Vault), who sets a [`Live`]. To: whoever connects with
//! them, who asks [`Passwords`] for what is worth a try, the likeliest first, and says what worked.
//! Pure: nothing here reads a file, a clock or a socket, and nothing here prints a secret.

mod live;
mod passwords;

pub use live::Live;
pub use passwords::{Passwords, Place};
pub use secrecy::{ExposeSecret, SecretString, zeroize};

/// What stands in a text instead of a secret.
const HIDDEN: &str = "(secret)";

/// The text without a secret that somebody may have echoed.
pub fn scrub(text: String, secret: &SecretString) -> String {
    let secret = secret.expose_secret();
    if secret.is_empty() || !text.contains(secret) {
        return text;
    }
    text.replace(secret, HIDDEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_echoed_secret_is_taken_out() {
        let secret = SecretString::from("s3cret");
        assert_eq!(scrub("key s3cret: no".to_owned(), &secret), "key (secret): no");
        assert_eq!(scrub("no".to_owned(), &secret), "no");
        assert_eq!(scrub("no".to_owned(), &SecretString::from("")), "no");
    }
}
