//! A message's text becomes tokens: words, marks, and wildcards for what varies (numbers,
//! addresses, interface names, paths, times). From: the text. To: the miner, as [`Masked`].
//!
//! One pass by hand over the bytes; no regex. What holds a digit varies, but for a few names.

use crate::shape;
use crate::words;

/// The byte that stands for a wildcard in masked text; the scanner takes it for a blank elsewhere.
pub(crate) const WILD: u8 = 1;
/// The byte that stands for a value that is not there, as in `()` or `user  from`.
pub(crate) const GAP: u8 = 2;
/// Parts the key from the text. No text has it, and a key may have what it likes before it.
const BEHIND_KEY: u8 = 3;
/// A word longer than this is taken for a value.
const WORD_BYTES_MAX: usize = 64;

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Piece {
    /// A constant: where it is in the text.
    Word { start: u32, end: u32 },
    /// Punctuation that parts words.
    Mark(u8),
    /// Something that varies.
    Wild,
    /// Where a value could stand and none does.
    Gap,
}

/// A token, and whether a blank stands before it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token {
    pub piece: Piece,
    pub spaced: bool,
}

/// A masked text; its buffers are used again for the next one.
#[derive(Debug, Default)]
pub(crate) struct Masked {
    pub tokens: Vec<Token>,
    /// Key and masked text as bytes: equal for messages with equal key and tokens, no others.
    pub canon: Vec<u8>,
}

impl Masked {
    /// Masks `text`, of which no more than `bytes_max` is looked at and `tokens_max` kept.
    pub fn read(&mut self, key: &str, text: &[u8], bytes_max: usize, tokens_max: usize) {
        self.tokens.clear();
        let seen = text.get(..bytes_max).unwrap_or(text);
        let mut scanner = Scanner { text: seen, at: 0, tokens: &mut self.tokens, wide: false };
        scanner.run(tokens_max);
        let cut = seen.len() < text.len() || self.tokens.len() > tokens_max;
        if cut {
            // Whatever comes behind the cut is one wildcard; the last word may be half of one.
            self.tokens.truncate(tokens_max);
            self.tokens.pop();
            if self.tokens.last().is_none_or(|last| last.piece != Piece::Wild) {
                self.tokens.push(Token { piece: Piece::Wild, spaced: true });
            }
        }
        self.write(key, seen);
    }

    fn write(&mut self, key: &str, text: &[u8]) {
        self.canon.clear();
        self.canon.extend_from_slice(key.as_bytes());
        self.canon.push(BEHIND_KEY);
        for token in &self.tokens {
            if token.spaced {
                self.canon.push(b' ');
            }
            match token.piece {
                Piece::Word { start, end } => {
                    self.canon.extend_from_slice(&text[start as usize..end as usize]);
                    // So that `a` `.` and `a.` differ where both can come.
                    self.canon.push(0);
                }
                Piece::Mark(byte) => self.canon.push(byte),
                Piece::Wild => self.canon.push(WILD),
                Piece::Gap => self.canon.push(GAP),
            }
        }
    }
}

struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    tokens: &'t mut Vec<Token>,
    /// Two blanks or more were just passed behind a word.
    wide: bool,
}

impl Scanner<'_> {
    fn run(&mut self, tokens_max: usize) {
        while self.tokens.len() <= tokens_max {
            let blanks = self.skip_blanks();
            let Some(byte) = self.text.get(self.at).copied() else { break };
            let spaced = blanks > 0 && !self.tokens.is_empty();
            self.wide = blanks > 1 && self.after_constant();
            if blanks > 0 && self.after_open_equals() {
                self.tokens.push(Token { piece: Piece::Gap, spaced: false });
            }
            if shape::is_mark(byte) {
                self.mark(byte, spaced);
            } else {
                self.chunk(spaced);
            }
        }
    }

    fn skip_blanks(&mut self) -> usize {
        let start = self.at;
        while self.text.get(self.at).is_some_and(|byte| shape::is_blank(*byte)) {
            self.at += 1;
        }
        self.at - start
    }

    /// A word, and not a value as in `name=word`.
    fn after_constant(&self) -> bool {
        match self.tokens.as_slice() {
            [.., Token { piece: Piece::Mark(b'='), .. }, _] => false,
            [.., last] => matches!(last.piece, Piece::Word { .. }),
            [] => false,
        }
    }

    /// `name= other`: the value is missing.
    fn after_open_equals(&self) -> bool {
        matches!(self.tokens.last(), Some(Token { piece: Piece::Mark(b'='), spaced: false }))
            && !self.text[self.at].is_ascii_digit()
    }

    fn mark(&mut self, byte: u8, spaced: bool) {
        if byte == b'<' && self.text[self.at..].starts_with(b"<*>") {
            self.at += 3;
            return self.wild(spaced);
        }
        self.at += 1;
        if self.wide && matches!(byte, b'[' | b'(' | b'{' | b'<') {
            self.tokens.push(Token { piece: Piece::Gap, spaced: true });
        }
        self.tokens.push(Token { piece: Piece::Mark(byte), spaced });
        let close = self.text.get(self.at).copied();
        if shape::closing(byte).is_some() && shape::closing(byte) == close {
            self.tokens.push(Token { piece: Piece::Gap, spaced: false });
        }
    }

    /// What reaches to the next blank or mark; a colon may be inside.
    fn chunk(&mut self, spaced: bool) {
        let start = self.at;
        let rest = &self.text[start..];
        if let Some(length) = shape::url_length(rest).or_else(|| shape::path_length(rest)) {
            self.at += length;
            return self.wild(spaced);
        }
        let (mut colons, mut doubled, mut last) = (0, false, 0);
        let mut end = start;
        for byte in rest {
            if shape::is_blank(*byte) || shape::is_mark(*byte) {
                break;
            }
            colons += usize::from(*byte == b':');
            doubled |= *byte == last && shape::is_filler(*byte);
            last = *byte;
            end += 1;
        }
        self.at = end;
        if colons == 0 {
            return self.part(start, end, spaced, doubled);
        }
        let bare = if self.text[start..end].ends_with(b"::") {
            end
        } else {
            end - usize::from(last == b':')
        };
        if shape::is_address(&self.text[start..bare]) {
            self.wild(spaced);
            if bare < end {
                self.tokens.push(Token { piece: Piece::Mark(b':'), spaced: false });
            }
            return;
        }
        self.parts(start, end, spaced, doubled);
    }

    fn parts(&mut self, mut start: usize, end: usize, mut spaced: bool, doubled: bool) {
        while start < end {
            let chunk = &self.text[start..end];
            let stop = start + chunk.iter().position(|byte| *byte == b':').unwrap_or(chunk.len());
            if stop > start {
                self.part(start, stop, spaced, doubled);
                spaced = false;
            }
            if stop < end {
                self.tokens.push(Token { piece: Piece::Mark(b':'), spaced });
                spaced = false;
            }
            start = stop + 1;
        }
    }

    /// A part without colon: the dots behind it and rows of dots or dashes in it are marks.
    fn part(&mut self, start: usize, end: usize, mut spaced: bool, doubled: bool) {
        let mut stop = end;
        while stop > start && matches!(self.text[stop - 1], b'.' | b'!' | b'?') {
            stop -= 1;
        }
        let mut from = start;
        if doubled {
            while let Some((row, behind, byte)) = shape::row(self.text, from, stop) {
                if row > from {
                    self.atom(from, row, spaced);
                    spaced = false;
                }
                self.tokens.push(Token { piece: Piece::Mark(byte), spaced });
                spaced = false;
                from = behind;
            }
        }
        if stop > from {
            self.atom(from, stop, spaced);
            spaced = false;
        }
        if end > stop {
            self.tokens.push(Token { piece: Piece::Mark(self.text[stop]), spaced });
        }
    }

    fn atom(&mut self, start: usize, end: usize, spaced: bool) {
        let text = &self.text[start..end];
        if text.len() > WORD_BYTES_MAX || shape::varies(text) {
            return self.wild(spaced);
        }
        let after_wild = self.tokens.last().is_some_and(|last| last.piece == Piece::Wild);
        if after_wild && words::belongs_to_number(text) {
            return;
        }
        if self.wide && spaced {
            self.tokens.push(Token { piece: Piece::Gap, spaced: true });
            self.wide = false;
        }
        let piece = Piece::Word { start: start as u32, end: end as u32 };
        self.tokens.push(Token { piece, spaced });
    }

    /// One more wildcard, which becomes one with what belongs to it.
    fn wild(&mut self, mut spaced: bool) {
        while let Some(last) = self.tokens.last().copied() {
            match last.piece {
                Piece::Wild => return,
                Piece::Word { start, end }
                    if spaced && words::is_date(&self.text[start as usize..end as usize]) =>
                {
                    spaced = last.spaced;
                    self.tokens.pop();
                }
                Piece::Mark(byte) if !last.spaced && shape::joins(byte, spaced) => {
                    let before = self.tokens.len().checked_sub(2).map(|at| self.tokens[at].piece);
                    if before != Some(Piece::Wild) {
                        break;
                    }
                    self.tokens.pop();
                    return;
                }
                _ => break,
            }
        }
        self.tokens.push(Token { piece: Piece::Wild, spaced });
    }
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
