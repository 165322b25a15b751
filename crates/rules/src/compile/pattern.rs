//! A regular expression of a rule, cheap to build.
//!
//! From: a regex or glob as text. To: yes or no for a value, and captures.
//!
//! The index has looked for the literals already, so the regex does not look for them again: a
//! search for literals without case takes most of the time that the crate `regex` needs to
//! build, and ten thousand rules are built at every save.

use regex_automata::meta::{Config, Regex};
use regex_syntax::ast;
use regex_syntax::hir::translate::TranslatorBuilder;

use super::literal::{check_syntax, syntax_error};

/// A compiled pattern over bytes, without Unicode.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles; `case`: upper and lower case of letters differ.
    pub fn new(text: &str, case: bool, bytes_max: usize) -> Result<Self, String> {
        let bad = || format!("bad regex: {}", syntax_error(text));
        let ast = ast::parse::Parser::new().parse(text).map_err(|_| bad())?;
        check_syntax(&ast)?;
        let mut translator = TranslatorBuilder::new();
        let translator = translator.unicode(false).utf8(false).case_insensitive(!case);
        let hir = translator.build().translate(text, &ast).map_err(|_| bad())?;
        let config = Config::new()
            .auto_prefilter(false)
            .onepass(false)
            .utf8_empty(false)
            .nfa_size_limit(Some(bytes_max));
        let regex = Regex::builder().configure(config).build_from_hir(&hir);
        let regex = regex.map_err(|error| match error.size_limit() {
            Some(limit) => format!(
                "the regex takes more than {limit} bytes compiled, the limit: use smaller counts \
                 in {{ }}"
            ),
            None => format!("bad regex: {error}"),
        })?;
        Ok(Self { text: text.to_owned(), regex })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn is_match(&self, value: &[u8]) -> bool {
        self.regex.is_match(value)
    }

    /// The names of its groups.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.regex.group_info().all_names().filter_map(|(_, _, name)| name)
    }

    /// What each named group captured in the first match.
    pub fn captures<'v>(&self, value: &'v [u8]) -> Vec<(&str, &'v [u8])> {
        let mut found = self.regex.create_captures();
        self.regex.captures(value, &mut found);
        let part = |name| Some((name, &value[found.get_group_by_name(name)?.range()]));
        self.names().filter_map(part).collect()
    }
}
