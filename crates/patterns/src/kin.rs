//! Which templates are one: they differ only where many different words were seen. From: a new
//! or widened template and its neighbours. To: the miner, which makes one pattern of them.

use crate::intern::{Id, is_gap, is_spaced, is_wild, is_word};
use crate::templates::{Places, Slot, Templates, may_vary};

/// So many different words at one place are no constants.
const WORDS_MIN: usize = 4;
/// The same at each place where templates differ at several and are alike in all else: that two
/// statements of a program are so alike is rare.
const ALIKE_WORDS_MIN: usize = 3;
/// Alike are templates with so many equal words for each place that differs.
const ALIKE: usize = 3;
/// The same for a message's first word, which says more.
const FIRST_WORDS_MIN: usize = 15;
/// The same where a value was seen at that place, or behind a word such as `user`.
const VALUES_MIN: usize = 2;
/// How many sets of places are looked into for one template.
const TRIES_MAX: usize = 32;

/// Templates that shall be one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kin {
    /// All of them, the oldest first.
    pub slots: Vec<Slot>,
    /// Where they differ.
    pub places: Places,
}

/// Finds templates that shall be one with `slot`.
pub(crate) fn kin_of(templates: &Templates, slot: Slot) -> Option<Kin> {
    let own = templates.row(slot).tokens();
    let mut near: Vec<(Slot, Places)> = Vec::new();
    for neighbour in templates.neighbours(slot).iter().filter(|neighbour| **neighbour != slot) {
        let other = templates.row(*neighbour).tokens();
        near.extend(difference(templates, own, other).map(|places| (*neighbour, places)));
    }
    let mut sets: Vec<Places> = near.iter().map(|(_, places)| *places).collect();
    sets.sort_unstable_by_key(|places| (places.count_ones(), *places));
    sets.dedup();
    sets.into_iter().take(TRIES_MAX).find_map(|places| {
        let within = near.iter().filter(|(_, other)| other & !places == 0);
        let mut slots: Vec<Slot> = within.map(|(near, _)| *near).collect();
        slots.push(slot);
        if !are_kin(templates, own, &slots, places) {
            return None;
        }
        slots.sort_unstable_by_key(|slot| templates.row(*slot).born);
        Some(Kin { slots, places })
    })
}

/// Where two templates differ, if wildcards could make them equal and enough is left then.
fn difference(templates: &Templates, own: &[Id], other: &[Id]) -> Option<Places> {
    let mut left = (own.len() / 3).max(1);
    let mut places: Places = 0;
    for (place, (a, b)) in own.iter().zip(other).enumerate() {
        if a != b {
            left = left.checked_sub(1)?;
            places |= 1 << place;
        }
    }
    // Few come as far as this, and only here words are looked up.
    let may_vary = |id| may_vary(&templates.interner, id);
    let differ = own.iter().zip(other).filter(|(a, b)| a != b);
    let mut differ = differ.map(|(a, b)| (*a, *b));
    let could = differ.all(|(a, b)| is_spaced(a) == is_spaced(b) && may_vary(a) && may_vary(b));
    could.then_some(places)
}

fn are_kin(templates: &Templates, own: &[Id], slots: &[Slot], places: Places) -> bool {
    let is_kept = |place: usize| places >> place & 1 == 0;
    let constants = (0..).zip(own).filter(|(at, id)| is_kept(*at) && is_word(**id)).count();
    let count = places.count_ones() as usize;
    if constants < count {
        return false;
    }
    let alike = count > 1 && constants >= ALIKE * count;
    let mut values = Vec::with_capacity(slots.len());
    (0..own.len()).filter(|place| !is_kept(*place)).all(|place| {
        values.clear();
        values.extend(slots.iter().map(|slot| templates.row(*slot).tokens()[place]));
        values.sort_unstable();
        values.dedup();
        let named = constants > 1 && values.iter().any(|id| is_wild(*id) || is_gap(*id))
            || is_behind_name(templates, own, place);
        let enough = match place {
            _ if named => VALUES_MIN,
            _ if alike => ALIKE_WORDS_MIN,
            0 => FIRST_WORDS_MIN,
            _ => WORDS_MIN,
        };
        values.len() >= enough
    })
}

/// Whether the word before the place says that a name comes.
fn is_behind_name(templates: &Templates, own: &[Id], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| own.get(before));
    is_spaced(own[place]) && before.is_some_and(|id| templates.interner.names_something(*id))
}
