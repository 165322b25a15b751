//! Numbers in text, compared exactly: a 64-bit counter, a temperature, a JSON number.
//!
//! From: rules, and the values of fields. To: `at_least`, `at_most`, `between`.

/// Digits behind the point that count; more are cut off.
const FRACTION_DIGITS: usize = 9;
/// Digits before the point; more are no number here.
const WHOLE_DIGITS_MAX: usize = 25;

/// A number as billionths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Number(i128);

impl Number {
    /// Reads `-12`, `3.75` or `1.5e3`, blanks around it allowed. `None`: it is no number.
    pub fn read(text: &[u8]) -> Option<Number> {
        let text = text.trim_ascii();
        let (negative, digits) = match text.split_first()? {
            (b'-', rest) => (true, rest),
            (b'+', rest) => (false, rest),
            _ => (false, text),
        };
        if !digits.first()?.is_ascii_digit() {
            return None;
        }
        if digits.iter().any(|byte| matches!(byte, b'e' | b'E')) {
            return with_exponent(text);
        }
        let point = digits.iter().position(|byte| *byte == b'.');
        let (whole, fraction) = match point {
            Some(at) => (&digits[..at], &digits[at + 1..]),
            None => (digits, [].as_slice()),
        };
        let is_good = |digits: &[u8]| digits.iter().all(u8::is_ascii_digit);
        let lacks_fraction = point.is_some() && fraction.is_empty();
        let leading = whole.iter().take_while(|digit| **digit == b'0').count();
        let too_long = whole.len() - leading > WHOLE_DIGITS_MAX;
        if !is_good(whole) || !is_good(fraction) || lacks_fraction || too_long {
            return None;
        }
        let nines = fraction.iter().copied().chain(std::iter::repeat(b'0')).take(FRACTION_DIGITS);
        let value = whole[leading..]
            .iter()
            .copied()
            .chain(nines)
            .fold(0i128, |value, digit| value * 10 + i128::from(digit - b'0'));
        Some(Number(if negative { -value } else { value }))
    }
}

/// JSON writes large numbers with an exponent; about 15 of their digits are exact.
fn with_exponent(text: &[u8]) -> Option<Number> {
    let value: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    // Casts to an integer stop at its ends.
    value.is_finite().then(|| Number((value * 1e9).round() as i128))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        Number::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn numbers_are_ordered_exactly() {
        let ascending = [
            "-1e3",
            "-2.5",
            "-2",
            "-0.000000001",
            "0",
            "0.1",
            "00.25",
            "1",
            "+87.5",
            "1.5e3",
            "18446744073709551614",
            "18446744073709551615",
            "1e30",
        ];
        for pair in ascending.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("1.50"), number(" 1.5 "));
        assert_eq!(number("-0"), number("0"));
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "", "-", "x", "1x", "1.", ".5", "1.2.3", "1e", "nan", "inf", "0x10", "1 2", "--1",
            "1e999",
        ] {
            assert_eq!(Number::read(text.as_bytes()), None, "{text}");
        }
    }
}
