//! A shorter story that fails too. From: one that fails. To: whoever has to understand it.

use crate::tale::{Tale, Trouble};
use crate::{Failure, play};

/// How many stories are tried at most.
const TRIES: u32 = 80;

/// The shortest story found that fails like this one, in any way: without what it can do
/// without, and with fewer actions.
#[must_use]
pub fn shorten(failure: Box<Failure>) -> Box<Failure> {
    let mut search = Search { best: failure, tries: TRIES };
    for trouble in Trouble::ALL {
        search.leave_out(trouble);
    }
    while search.cut() {}
    for trouble in Trouble::ALL {
        search.leave_out(trouble);
    }
    search.best
}

struct Search {
    best: Box<Failure>,
    tries: u32,
}

impl Search {
    fn leave_out(&mut self, trouble: Trouble) {
        let mut tale = self.best.tale.clone();
        if tale.has(trouble) {
            tale.without.insert(trouble);
            self.try_this(&tale);
        }
    }

    /// Tries to do with fewer actions; whether it did.
    fn cut(&mut self) -> bool {
        let actions = self.best.tale.actions;
        let cuts = [actions / 2, actions / 4, actions / 8, actions / 16, 1];
        cuts.into_iter().filter(|cut| *cut > 0).any(|cut| {
            let tale = Tale { actions: actions - cut, ..self.best.tale.clone() };
            self.try_this(&tale)
        })
    }

    fn try_this(&mut self, tale: &Tale) -> bool {
        if self.tries == 0 {
            return false;
        }
        self.tries -= 1;
        match play(tale) {
            Ok(_) => false,
            Err(failure) => {
                self.best = failure;
                true
            }
        }
    }
}
