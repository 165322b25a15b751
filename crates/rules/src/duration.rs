//! Lengths of time as people write them: `90s`, `15m`, `24h`, `7d`, `1h30m`.

use std::time::Duration;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads whole numbers with units, the largest first.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let bad = || {
        format!("`{text}` is no length of time: write numbers with d, h, m or s, like 24h or 1h30m")
    };
    let mut seconds: u64 = 0;
    let mut units = UNITS.iter();
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(bad());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(bad)?;
        let number: u64 = rest[..digits].parse().map_err(|_| bad())?;
        let unit = rest[digits..].chars().next().ok_or_else(bad)?;
        let (_, factor) = units.find(|(name, _)| *name == unit).ok_or_else(bad)?;
        seconds = number
            .checked_mul(*factor)
            .and_then(|more| seconds.checked_add(more))
            .ok_or_else(bad)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    Ok(Duration::from_secs(seconds))
}

/// The shortest text that [`parse`] reads as this time, in whole seconds.
pub(crate) fn text(time: Duration) -> String {
    let mut seconds = time.as_secs();
    let mut out = String::new();
    for (unit, factor) in UNITS {
        let number = seconds / factor;
        seconds %= factor;
        if number > 0 {
            out.push_str(&format!("{number}{unit}"));
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_people_write() {
        for (written, seconds) in [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(parse(written).unwrap().as_secs(), seconds);
        }
        assert_eq!(parse("1h30m").unwrap().as_secs(), 5_400);
    }

    #[test]
    fn refuses_what_is_none() {
        for written in ["", "24", "h", "1x", "30m1h", "1.5h", "-1h", "99999999999999999d"] {
            assert!(parse(written).unwrap_err().contains("24h"), "{written}");
        }
    }

    proptest! {
        #[test]
        fn survives_its_text(seconds in 0u64..100_000_000) {
            let time = Duration::from_secs(seconds);
            prop_assert_eq!(parse(&text(time)).unwrap(), time);
        }
    }
}
