//! A message's id: its append time, partition and position, so that it is found without a search.
//!
//! It is a UUID of version 8 (RFC 9562 section 5.8): 48 bits of append time in milliseconds,
//! 12 bits of partition, 62 bits of position. It is the correlation id seen in logs and alerts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::Timestamp;

/// Where a message is: when it was appended, in which partition, at which journal position.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageId {
    /// Append time, to the millisecond.
    pub appended: Timestamp,
    /// Partition, 0 to 4095.
    pub partition: u16,
    /// Journal position, below 2^62.
    pub position: u64,
}

/// The text is no id of this kind.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a message id: expected a UUID of version 8, as MUTT writes into alerts")]
pub struct MessageIdError(String);

impl MessageId {
    /// The largest partition that fits.
    pub const PARTITION_MAX: u16 = 0x0fff;

    /// The id as a UUID of version 8.
    pub fn as_uuid(self) -> Uuid {
        let time = (self.appended.as_millis() as u128 & 0xffff_ffff_ffff) << 80;
        let partition = u128::from(self.partition & Self::PARTITION_MAX) << 64;
        let position = u128::from(self.position) & 0x3fff_ffff_ffff_ffff;
        Uuid::from_u128(time | 0x8 << 76 | partition | 0b10 << 62 | position)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_uuid().hyphenated().fmt(f)
    }
}

impl FromStr for MessageId {
    type Err = MessageIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = || MessageIdError(text.to_owned());
        let bits = Uuid::parse_str(text).map_err(|_| bad())?.as_u128();
        if (bits >> 76) & 0xf != 0x8 || (bits >> 62) & 0b11 != 0b10 {
            return Err(bad());
        }
        Ok(Self {
            appended: Timestamp::from_millis((bits >> 80) as i64),
            partition: (bits >> 64) as u16 & Self::PARTITION_MAX,
            position: bits as u64 & 0x3fff_ffff_ffff_ffff,
        })
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for MessageId {
    type Error = MessageIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn survives_its_text(ms in 0i64..(1 << 48), partition in 0u16..4096, position in 0u64..(1 << 62)) {
            let id = MessageId { appended: Timestamp::from_millis(ms), partition, position };
            prop_assert_eq!(id.to_string().parse::<MessageId>().unwrap(), id);
        }
    }

    #[test]
    fn refuses_another_uuid() {
        assert!("018f4d8e-0000-7000-8000-000000000000".parse::<MessageId>().is_err());
        assert!("nonsense".parse::<MessageId>().is_err());
    }
}
