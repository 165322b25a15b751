//! Lost updates are refused: a state has an ETag, and a change says by If-Match which state it
//! changes (RFC 9110 sections 8.8.3 and 13.1).
//!
//! An item's ETag is the number of the revision that made it; that of all rules or all hosts
//! together is the number of the last revision.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::problem::Problem;

/// The ETag of a revision.
pub fn etag(revision: u64) -> String {
    format!("\"{revision}\"")
}

/// The header of an ETag.
pub fn header(revision: u64) -> (header::HeaderName, HeaderValue) {
    // Digits in quotes are always a header's value.
    let value = HeaderValue::from_str(&etag(revision))
        .unwrap_or_else(|_| HeaderValue::from_static("\"0\""));
    (header::ETAG, value)
}

/// What a change demands of the state that it finds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    if_match: Option<Tags>,
    if_none_match_any: bool,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Tags {
    Any,
    These(Vec<String>),
}

impl Condition {
    /// From a request's headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let read = |name| {
            let text = headers.get(name)?.to_str().ok()?.trim().to_owned();
            Some(match text.as_str() {
                "*" => Tags::Any,
                list => Tags::These(list.split(',').map(|tag| tag.trim().to_owned()).collect()),
            })
        };
        Self {
            if_match: read(header::IF_MATCH),
            if_none_match_any: read(header::IF_NONE_MATCH) == Some(Tags::Any),
        }
    }

    /// Holds the demand against an item: the revision that made it, or that there is none.
    pub fn check(&self, what: &str, found: Option<u64>) -> Result<(), Problem> {
        match (found, &self.if_match) {
            (Some(_), _) if self.if_none_match_any => {
                Err(Problem::outdated(format!("{what} is there already")))
            }
            (Some(revision), Some(Tags::These(tags))) if !tags.contains(&etag(revision)) => {
                let now = etag(revision);
                Err(Problem::outdated(format!(
                    "{what} was changed meanwhile: it is at ETag {now} now; read it again and \
                     repeat the change"
                )))
            }
            (Some(_), Some(_)) => Ok(()),
            (Some(_), None) => Err(Problem::precondition()),
            (None, Some(_)) => Err(Problem::outdated(format!("{what} is not there any more"))),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(name: header::HeaderName, value: &'static str) -> Condition {
        Condition::of(&HeaderMap::from_iter([(name, HeaderValue::from_static(value))]))
    }

    #[test]
    fn a_change_says_which_state_it_changes() {
        let status = |condition: &Condition, found| {
            condition.check("rule `a`", found).map_err(|problem| problem.status)
        };
        let none = Condition::of(&HeaderMap::new());
        assert_eq!(status(&none, None), Ok(()));
        assert_eq!(status(&none, Some(7)), Err(428));
        let this = condition(header::IF_MATCH, "\"6\", \"7\"");
        assert_eq!(status(&this, Some(7)), Ok(()));
        assert_eq!(status(&this, Some(8)), Err(412));
        assert_eq!(status(&this, None), Err(412));
        let any = condition(header::IF_MATCH, "*");
        assert_eq!(status(&any, Some(8)), Ok(()));
        let new = condition(header::IF_NONE_MATCH, "*");
        assert_eq!(status(&new, None), Ok(()));
        assert_eq!(status(&new, Some(1)), Err(412));
    }
}
