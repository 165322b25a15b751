//! Passwords: which are taken, and Argon2id of them. From: who signs in or sets one. To: the
//! catalog, which holds the hash as a PHC string.
//!
//! Hashing costs memory and time on purpose, so few are computed at once; all others wait.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use mutt_event::Timestamp;
use rand::{Rng as _, RngCore as _};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::problem::Problem;
use crate::site::blocking;

/// OWASP's first choice for Argon2id: memory in KiB, passes, lanes.
const COST: (u32, u32, u32) = (19 * 1_024, 2, 1);
/// So many hashes are computed at once, each in 19 MiB.
const AT_ONCE: usize = 2;
/// In characters (ASVS 4.0.3, 2.1.1 and 2.1.2).
const LENGTH: std::ops::RangeInclusive<usize> = 12..=128;
/// A one-time password has so many characters of [`LETTERS`], 95 bits.
const ONE_TIME_LENGTH: usize = 20;
/// Without those that look like others.
const LETTERS: &[u8; 27] = b"abcdefghijkmnpqrstwxyz23456";
/// How long a one-time password opens.
pub const ONE_TIME_HOURS: u32 = 24;
/// Of no password: a name that nobody has costs as much time as one that somebody has.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Computes hashes, a few at once.
#[derive(Clone)]
pub struct Hasher(Arc<Semaphore>);

impl Default for Hasher {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Hasher {
    /// Whether a password is the one of a hash; without a hash it is not, after the same time.
    pub async fn verify(&self, password: SecretString, phc: Option<&str>) -> Result<bool, Problem> {
        let phc = phc.unwrap_or(NOBODYS).to_owned();
        self.work(move || is_of(password.expose_secret(), &phc)).await
    }

    /// The hash of a password.
    pub async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        self.work(move || hash(&password)).await?.map_err(Problem::internal)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let closed = |_| Problem::unavailable("it is stopping");
        let permit = Arc::clone(&self.0).acquire_owned().await.map_err(closed)?;
        // The permit goes with the work: a caller that gives up makes no room for more.
        let held = move || {
            let done = work();
            drop(permit);
            done
        };
        blocking(held).await
    }
}

fn argon2() -> Result<Argon2<'static>, String> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|error| error.to_string())?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The Argon2id of a password as a PHC string.
///
/// # Errors
/// If it cannot be computed.
pub fn hash(password: &SecretString) -> Result<String, String> {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    let hash = argon2()?.hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

fn is_of(password: &str, phc: &str) -> bool {
    let (Ok(argon2), Ok(hash)) = (argon2(), PasswordHash::new(phc)) else { return false };
    argon2.verify_password(password.as_bytes(), &hash).is_ok()
}

/// A password for once, to be read out or typed.
pub fn one_time() -> SecretString {
    let mut rng = rand::rng();
    let letter = |_| char::from(LETTERS[rng.random_range(0..LETTERS.len())]);
    (0..ONE_TIME_LENGTH).map(letter).collect::<String>().into()
}

/// Until when a one-time password opens that is made now.
pub fn one_time_until(now: Timestamp) -> Timestamp {
    now.after(std::time::Duration::from_secs(u64::from(ONE_TIME_HOURS) * 3_600))
}

/// Refuses a password that would be guessed.
///
/// # Errors
/// What is wrong with it.
pub fn check(password: &str, of: &[&str]) -> Result<(), String> {
    let all = password.chars().count();
    // Of several spaces in a row one counts; all of them are kept.
    let spare = password.as_bytes().windows(2).filter(|pair| *pair == b"  ").count();
    let length = if LENGTH.contains(&all) { all - spare } else { all };
    if !LENGTH.contains(&length) {
        return Err(format!("has {length} characters: a password has 12 to 128, any you like"));
    }
    let of: Vec<&str> = of.iter().copied().filter(|word| word.len() > 2).collect();
    let lower = password.to_lowercase();
    if of.iter().any(|word| lower.contains(&word.to_lowercase())) {
        return Err("holds the name of whose it is".to_owned());
    }
    match zxcvbn::zxcvbn(password, &of).score() {
        zxcvbn::Score::Zero | zxcvbn::Score::One | zxcvbn::Score::Two => {
            Err("is guessed easily (by zxcvbn): it is common, or made of common words and rows; \
             take several words at random"
                .to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_kept_as_argon2id_with_owasps_cost() {
        let hash = hash(&"correct horse battery".into()).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_of("correct horse battery", &hash));
        assert!(!is_of("correct horse batterz", &hash));
        assert!(!is_of("", NOBODYS) && PasswordHash::new(NOBODYS).is_ok());
    }

    #[test]
    fn passwords_that_are_guessed_easily_are_refused() {
        for bad in [
            "short",
            "passwordpassword",
            "123456789012",
            "qwertyuiop12",
            "aaaaaaaaaaaaaaaa",
            "administrator1",
            "ann-lives-in-a-shoe",
            "Xk9#vQ2z    ",
            &"x1y".repeat(43),
        ] {
            assert!(check(bad, &["ann", "Ann Other"]).is_err(), "{bad}");
        }
        for good in ["correct horse battery staple", "żółw idzie przez błoto", "Tr4nsf3r-µ-0penly"]
        {
            assert_eq!(check(good, &["ann"]), Ok(()), "{good}");
        }
        assert!(check(one_time().expose_secret(), &["ann"]).is_ok());
    }
}
