//! Each word of a template once, as a number. From and to: [`crate::templates`].
//!
//! A word lives as long as a template has it, so the bound on templates bounds the words.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::mask::Piece;
use crate::words;

/// A token as a number: its lowest bit says whether a blank stands before it.
pub(crate) type Id = u32;

const WILD: u32 = 0;
const GAP: u32 = 1;
const MARKS: u32 = 2;
const WORDS: u32 = MARKS + 256;
/// A word that no template has.
const STRANGER: u32 = u32::MAX >> 1;
/// The same, but it tells a state.
const STRANGE_GUARD: u32 = STRANGER - 1;

/// The same place as a wildcard.
pub(crate) fn wild_at(id: Id) -> Id {
    WILD << 1 | id & 1
}

pub(crate) fn is_wild(id: Id) -> bool {
    id >> 1 == WILD
}

pub(crate) fn is_gap(id: Id) -> bool {
    id >> 1 == GAP
}

pub(crate) fn is_spaced(id: Id) -> bool {
    id & 1 == 1
}

pub(crate) fn is_word(id: Id) -> bool {
    id >> 1 >= WORDS
}

#[derive(Debug, Default)]
pub(crate) struct Interner {
    numbers: HashMap<Box<str>, u32, RandomState>,
    words: Vec<Word>,
    free: Vec<u32>,
}

#[derive(Debug, Default)]
struct Word {
    text: Box<str>,
    users: u32,
    guard: bool,
    names: bool,
}

impl Interner {
    /// The token's number; a word that no template has is one of those that are equal to none.
    pub fn find(&self, piece: Piece, text: &[u8]) -> u32 {
        let word = match piece {
            Piece::Wild => return WILD,
            Piece::Gap => return GAP,
            Piece::Mark(byte) => return MARKS + u32::from(byte),
            Piece::Word { start, end } => &text[start as usize..end as usize],
        };
        let known = std::str::from_utf8(word).ok().and_then(|word| self.numbers.get(word));
        match known {
            Some(number) => number + WORDS,
            None if words::is_guard(word) => STRANGE_GUARD,
            None => STRANGER,
        }
    }

    /// The token's number; a new word gets one. Whoever asks is one more user of it.
    pub fn intern(&mut self, piece: Piece, text: &[u8]) -> u32 {
        let found = self.find(piece, text);
        if found < STRANGE_GUARD {
            self.hold(found << 1);
            return found;
        }
        let Piece::Word { start, end } = piece else { return found };
        let word: Box<str> = String::from_utf8_lossy(&text[start as usize..end as usize]).into();
        let number = self.free.pop().unwrap_or(self.words.len() as u32);
        if number as usize == self.words.len() {
            self.words.push(Word::default());
        }
        self.words[number as usize] = Word {
            users: 1,
            guard: words::is_guard(word.as_bytes()),
            names: words::names_something(word.as_bytes()),
            text: word.clone(),
        };
        self.numbers.insert(word, number);
        number + WORDS
    }

    /// One more user.
    pub fn hold(&mut self, id: Id) {
        if let Some(word) = self.word_mut(id) {
            word.users += 1;
        }
    }

    /// One user less; the last one takes the word with it.
    pub fn release(&mut self, id: Id) {
        let Some(word) = self.word_mut(id) else { return };
        word.users = word.users.saturating_sub(1);
        if word.users == 0 {
            let text = std::mem::take(&mut word.text);
            self.numbers.remove(&text);
            self.free.push((id >> 1) - WORDS);
        }
    }

    /// Whether the token is a word that tells a state.
    pub fn is_guard(&self, id: Id) -> bool {
        id >> 1 == STRANGE_GUARD || self.word(id).is_some_and(|word| word.guard)
    }

    /// Whether a name is behind this token.
    pub fn names_something(&self, id: Id) -> bool {
        self.word(id).is_some_and(|word| word.names)
    }

    /// Writes the token as a template shows it.
    pub fn write(&self, id: Id, into: &mut String) {
        if is_spaced(id) {
            into.push(' ');
        }
        match id >> 1 {
            WILD => into.push_str("<*>"),
            GAP => (),
            number if number < WORDS => into.push(char::from((number - MARKS) as u8)),
            _ => into.push_str(self.word(id).map_or("", |word| &word.text)),
        }
    }

    fn word(&self, id: Id) -> Option<&Word> {
        self.words.get((id >> 1).checked_sub(WORDS)? as usize)
    }

    fn word_mut(&mut self, id: Id) -> Option<&mut Word> {
        self.words.get_mut((id >> 1).checked_sub(WORDS)? as usize)
    }
}
