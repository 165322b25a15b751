//! Field lengths: what is too long is cut at a character's edge and marked.

/// What marks a cut.
const MARK: &str = "…";

/// `text`, at most `most` bytes: cut at a character's edge, with `…` at its end.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(MARK.len()) else {
        return text[..text.floor_char_boundary(most)].to_owned();
    };
    format!("{}{MARK}", &text[..text.floor_char_boundary(room)])
}

/// The text, or what stands for an empty one.
pub(super) fn or<'a>(text: &'a str, empty: &'a str) -> &'a str {
    if text.is_empty() { empty } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cuts_at_characters_and_says_so() {
        assert_eq!(cut("abc", 3), "abc");
        assert_eq!(cut("abcdef", 5), "ab…");
        assert_eq!(cut("ääää", 6), "ä…");
        assert_eq!(cut("ääää", 1), "");
    }

    proptest! {
        #[test]
        fn never_longer_than_the_limit(text: String, most in 0usize..40) {
            let short = cut(&text, most);
            prop_assert!(short.len() <= most);
            prop_assert!(text.len() > most || short == text);
        }
    }
}
