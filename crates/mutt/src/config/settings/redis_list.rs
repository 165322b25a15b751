//! Redis lists that messages come in from.

use super::tls::WayTlsSettings;
use crate::config::kinds::{Name, Secret};
use crate::config::redis_url::RedisUrl;
use crate::config::section::section;

section! {
    /// A Redis list that senders LPUSH to, such as rsyslog's omhiredis: an element is taken out once
    /// it is on disk. Take the # away from what it needs; repeat it for another list, 8 at most.
    RedisListSettings {
        /// Its name in the log, in readiness and in metrics.
        name: Name = Name::literal("unnamed"), like "\"syslog\"";
        /// Where Redis is: host, port and number of the database; rediss:// for TLS.
        url: Option<RedisUrl> = None, like "\"redis://redis.example.net:6379/0\"";
        /// The user to log in as (Redis 6 or newer); unset: the default user.
        user: Option<String> = None, like "\"mutt\"";
        /// The password; unset: no login.
        password: Option<Secret> = None, like "\"secret\"";
        /// The password that is to replace it: tried when the other is refused.
        password_next: Option<Secret> = None, like "\"secret\"";
        /// The list's key.
        list: Option<String> = None, like "\"syslog\"";
        /// This MUTT's name among those that read the list, the same over restarts and nobody
        /// else's; unset: its journal's identity.
        worker: Option<Name> = None, like "\"mutt-1\"";
        /// A longer message is cut to this many bytes, marked and counted.
        message_bytes_max: u64 = 65_536, in 480..=1_048_576;
        /// Messages in one batch.
        batch_messages_max: u64 = 1_000, in 1..=1_000;
        /// Bytes in one batch; what is read at once may be more, since it goes by the largest message
        /// of the last batch.
        batch_bytes_max: u64 = 1_048_576, in 4_096..=16_777_216;
        /// An answer must come within this, in milliseconds.
        timeout_ms: u64 = 5_000, in 10..=600_000;
        /// A worker that gave no sign of life for this long is dead, and what it had taken and not
        /// stored is moved back to the list, in milliseconds.
        dead_after_ms: u64 = 30_000, in 500..=86_400_000;
        /// The first wait before it connects again, in milliseconds; it doubles, with jitter.
        retry_first_ms: u64 = 100, in 1..=600_000;
        /// The longest wait between connections, in milliseconds.
        retry_max_ms: u64 = 10_000, in 1..=3_600_000;
    }
    tables { tls: WayTlsSettings }
}
