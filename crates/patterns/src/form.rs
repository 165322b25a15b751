//! A template's tokens as a text that survives the database, and back. From: templates. To:
//! [`crate::Pattern::form`], and from there to the miner when it starts.
//!
//! One line a token: what it is (`w`ord, `m`ark, `v`alue, `x` widened value, `g`ap), `_` if a
//! blank stands before it or else `-`, and its text. No word has a line break in it.

use crate::intern::{Id, Interner, is_gap, is_spaced, is_wild, is_word};
use crate::mask::{Masked, Piece, Token};
use crate::templates::{Places, Row};

/// Writes a template's tokens.
pub(crate) fn write(interner: &Interner, row: &Row) -> String {
    let mut form = String::new();
    for (place, id) in row.tokens().iter().enumerate() {
        if place > 0 {
            form.push('\n');
        }
        form.push(kind(*id, row.places >> place & 1 == 1));
        form.push(if is_spaced(*id) { '_' } else { '-' });
        if !is_wild(*id) {
            interner.write(*id & !1, &mut form);
        }
    }
    form
}

fn kind(id: Id, widened: bool) -> char {
    match id {
        _ if is_wild(id) && widened => 'x',
        _ if is_wild(id) => 'v',
        _ if is_gap(id) => 'g',
        _ if is_word(id) => 'w',
        _ => 'm',
    }
}

/// Reads the tokens, whose words are in `form`; `None` if it is no form.
pub(crate) fn read(form: &str, masked: &mut Masked) -> Option<Places> {
    masked.tokens.clear();
    let (mut places, mut start): (Places, usize) = (0, 0);
    for line in form.split('\n').filter(|_| !form.is_empty()) {
        let (kind, rest) = line.split_at_checked(1)?;
        let (spaced, text) = rest.split_at_checked(1)?;
        let end = start + line.len();
        let piece = match kind {
            "w" if !text.is_empty() => Piece::Word { start: start as u32 + 2, end: end as u32 },
            "m" => Piece::Mark(*text.as_bytes().first()?),
            "v" | "x" => Piece::Wild,
            "g" => Piece::Gap,
            _ => return None,
        };
        if masked.tokens.len() >= 127 {
            return None;
        }
        places |= Places::from(kind == "x") << masked.tokens.len();
        masked.tokens.push(Token { piece, spaced: spaced == "_" });
        start = end + 1;
    }
    Some(places)
}
