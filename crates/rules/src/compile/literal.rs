//! Literals that a regex cannot match without, for the index.
//!
//! From: a regex's syntax tree. To: a set of byte strings in lower case of which every match
//! contains at least one.
//!
//! The tree is read with case, and its literals are put into lower case. That is right for the
//! regex without case too, as long as case means ASCII: whatever it matches is, in lower case,
//! in lower case what the tree with case matches. Unicode folds K (U+212A) to k, so Unicode
//! stays off and `(?u)` is refused.

use regex_syntax::ParserBuilder;
use regex_syntax::ast::{self, Ast, Flag, FlagsItemKind};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};

/// The most literals in a set.
const SET_MAX: usize = 256;
/// The most literals that a beginning may have.
const PREFIXES_MAX: usize = 64;
/// The most parts of a concatenation of which each is tried as a beginning.
const STARTS_MAX: usize = 32;

/// A set of literals, one of which must be there.
pub(crate) type Literals = Vec<Vec<u8>>;

/// Refuses what would break the reasoning above.
pub(crate) fn check_syntax(ast: &Ast) -> Result<(), String> {
    ast::visit(ast, NoUnicode).map_err(|()| {
        "`(?u)` is not offered: text is compared byte by byte, and only ASCII letters have case; \
         write the characters out"
            .to_owned()
    })
}

/// What is wrong with a pattern's syntax, in a line, with the place.
pub(crate) fn syntax_error(pattern: &str) -> String {
    let (what, at) = match bytes_parser().parse(pattern) {
        Err(regex_syntax::Error::Parse(error)) => (error.kind().to_string(), error.span().start),
        Err(regex_syntax::Error::Translate(error)) => {
            (error.kind().to_string(), error.span().start)
        }
        _ => return "it cannot be read".to_owned(),
    };
    let what = what.split('\n').next().unwrap_or_default().to_owned();
    format!("{what}, at character {} of line {} of the regex", at.column, at.line)
}

fn bytes_parser() -> regex_syntax::Parser {
    ParserBuilder::new().unicode(false).utf8(false).build()
}

/// Fails at a flag that switches Unicode on.
struct NoUnicode;

impl ast::Visitor for NoUnicode {
    type Output = ();
    type Err = ();

    fn finish(self) -> Result<(), ()> {
        Ok(())
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        let flags = match ast {
            Ast::Flags(set) => Some(&set.flags),
            Ast::Group(group) => group.flags(),
            _ => None,
        };
        let mut on = true;
        for item in flags.iter().flat_map(|flags| &flags.items) {
            match item.kind {
                FlagsItemKind::Negation => on = false,
                FlagsItemKind::Flag(Flag::Unicode) if on => return Err(()),
                FlagsItemKind::Flag(_) => {}
            }
        }
        Ok(())
    }
}

/// The best set for a pattern by `rate`, which estimates how often a set is found.
pub(crate) fn required(pattern: &str, rate: &dyn Fn(&Literals) -> f64) -> Option<Literals> {
    let hir = bytes_parser().parse(pattern).ok()?;
    best(&hir, rate)
}

fn best(hir: &Hir, rate: &dyn Fn(&Literals) -> f64) -> Option<Literals> {
    let mut sets = Vec::new();
    match hir.kind() {
        HirKind::Empty | HirKind::Class(_) | HirKind::Look(_) => {}
        HirKind::Literal(literal) => sets.push(vec![literal.0.to_vec()]),
        HirKind::Capture(capture) => sets.extend(best(&capture.sub, rate)),
        HirKind::Repetition(repetition) if repetition.min > 0 => {
            sets.extend(best(&repetition.sub, rate));
        }
        HirKind::Repetition(_) => {}
        HirKind::Concat(parts) => {
            sets.extend(parts.iter().filter_map(|part| best(part, rate)));
            // A match of the whole holds a match of each tail, so a tail's beginnings serve too:
            // they join what stands side by side, such as `state to (up|down)`.
            for start in 0..parts.len().min(STARTS_MAX) {
                sets.extend(prefixes(&Hir::concat(parts[start..].to_vec())));
            }
        }
        HirKind::Alternation(branches) => {
            let all: Option<Vec<_>> = branches.iter().map(|branch| best(branch, rate)).collect();
            sets.extend(all.map(|sets| sets.concat()));
            sets.extend(prefixes(hir));
        }
    }
    sets.into_iter().filter_map(usable).min_by(|a, b| rate(a).total_cmp(&rate(b)))
}

/// What every match begins with, if these are few.
fn prefixes(hir: &Hir) -> Option<Literals> {
    let mut extractor = Extractor::new();
    extractor.limit_total(PREFIXES_MAX).limit_class(4).limit_repeat(4).limit_literal_len(64);
    let sequence = extractor.extract(hir);
    let literals = sequence.literals()?;
    Some(literals.iter().map(|literal| literal.as_bytes().to_vec()).collect())
}

/// Lower case, no literal that another makes needless; none if one is too short to tell anything.
fn usable(mut set: Literals) -> Option<Literals> {
    for literal in &mut set {
        literal.make_ascii_lowercase();
    }
    set.sort_by_key(|literal| literal.len());
    set.dedup();
    let mut kept: Literals = Vec::with_capacity(set.len());
    for literal in set {
        if literal.len() < super::anchor::LITERAL_MIN {
            return None;
        }
        if !kept.iter().any(|short| memchr::memmem::find(&literal, short).is_some()) {
            kept.push(literal);
        }
    }
    (!kept.is_empty() && kept.len() <= SET_MAX).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::super::anchor::literal_rate;
    use super::*;

    fn of(pattern: &str) -> Option<Vec<String>> {
        let rate = |set: &Literals| set.iter().map(|text| literal_rate(text)).sum();
        let mut found: Vec<String> = required(pattern, &rate)?
            .into_iter()
            .map(|literal| String::from_utf8(literal).unwrap())
            .collect();
        found.sort();
        Some(found)
    }

    fn is(pattern: &str, literals: &[&str]) {
        assert_eq!(of(pattern).unwrap(), literals, "{pattern}");
    }

    #[test]
    fn finds_what_every_match_contains() {
        is(r"Interface (?<ifname>\S+), changed state to down", &[", changed state to down"]);
        is(r"^\S+ BGP: peer \d+", &[" bgp: peer "]);
        is(r"(fan|psu) failed", &["fan failed", "psu failed"]);
        is(r"state to (up|down)", &["state to "]);
        is(r"(?:abc)+x?", &["abc"]);
        is(r"\d+(LINK|PORT)-\d", &["link-", "port-"]);
    }

    #[test]
    fn finds_nothing_where_nothing_is_needed() {
        for pattern in [r"\d+", ".*", "(abc)?", "abc|", "a|bcd", "[a-z]{3}x*", ""] {
            assert_eq!(of(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn refuses_unicode_mode() {
        let check = |pattern| check_syntax(&ast::parse::Parser::new().parse(pattern).unwrap());
        for pattern in ["(?u)k", "a(?iu:k)", "(?su-i)x"] {
            assert!(check(pattern).unwrap_err().contains("(?u)"), "{pattern}");
        }
        for pattern in ["(?i)k", "(?-u)k", "(?s-u:.)", "(?<u>x)", "u"] {
            assert!(check(pattern).is_ok(), "{pattern}");
        }
    }
}
