//! The keys that patterns have, as numbers. From and to: the miner. A key is known as long as it
//! has a pattern.

use std::collections::HashMap;

use foldhash::fast::RandomState;

#[derive(Debug, Default)]
pub(crate) struct Keys {
    numbers: HashMap<Box<str>, u32, RandomState>,
    /// How many patterns each key has.
    patterns: Vec<usize>,
    free: Vec<u32>,
}

impl Keys {
    pub fn find(&self, key: &str) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    /// How many patterns the key has.
    pub fn patterns(&self, key: &str) -> usize {
        self.find(key).map_or(0, |number| self.patterns[number as usize])
    }

    /// One pattern more.
    pub fn hold(&mut self, key: &str) -> u32 {
        let number = self.find(key).unwrap_or_else(|| {
            let number = self.free.pop().unwrap_or(self.patterns.len() as u32);
            if number as usize == self.patterns.len() {
                self.patterns.push(0);
            }
            self.numbers.insert(key.into(), number);
            number
        });
        self.patterns[number as usize] += 1;
        number
    }

    /// One pattern less.
    pub fn release(&mut self, key: &str) {
        let Some(number) = self.find(key) else { return };
        let patterns = &mut self.patterns[number as usize];
        *patterns = patterns.saturating_sub(1);
        if *patterns == 0 {
            self.numbers.remove(key);
            self.free.push(number);
        }
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }
}
