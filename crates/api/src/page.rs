//! A page of many, with the cursor of the next.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::request::PageQuery;

/// A part of a list.
#[derive(Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// The cursor of the next page, for `after`; none: this is the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// The items behind the query's cursor. `items` come in the order of `key`, which is unique.
    pub fn of<I, K>(
        items: impl Iterator<Item = I>,
        query: &PageQuery,
        key: impl Fn(&I) -> K,
        show: impl Fn(I) -> T,
    ) -> Result<Self, Problem>
    where
        K: Ord + Serialize + DeserializeOwned,
    {
        let limit = query.limit()?;
        let after: Option<K> = query.after.as_deref().map(decode).transpose()?;
        let mut rest = items.filter(|item| after.as_ref().is_none_or(|after| key(item) > *after));
        let mut last = None;
        let mut shown = Vec::new();
        for item in rest.by_ref().take(limit) {
            last = Some(key(&item));
            shown.push(show(item));
        }
        let next = if rest.next().is_some() { last.as_ref().map(encode) } else { None };
        Ok(Self { items: shown, next })
    }
}

/// A cursor: nothing that a caller should read or make.
pub fn encode<K: Serialize>(key: &K) -> String {
    // Texts and numbers always serialise.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

/// What [`encode`] made of a key.
pub fn decode<K: DeserializeOwned>(cursor: &str) -> Result<K, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
        Problem::unreadable("after is no cursor of this list: take `next` of the page before")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: u32, after: Option<String>) -> Page<u32> {
        let query = PageQuery { limit: Some(limit), after };
        Page::of([1_u32, 3, 5].into_iter(), &query, |n| *n, |n| n).unwrap()
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        let first = page(2, None);
        assert_eq!(first.items, [1, 3]);
        let second = page(2, first.next);
        assert_eq!((second.items, second.next), (vec![5], None));
        assert_eq!(page(3, None).next, None);
    }

    #[test]
    fn a_made_up_cursor_and_a_limit_out_of_range_are_refused() {
        for (limit, after) in [(2, Some("x".to_owned())), (0, None), (1_001, None)] {
            let query = PageQuery { limit: Some(limit), after };
            let page = Page::of([1_u32].into_iter(), &query, |n| *n, |n| n);
            assert_eq!(page.err().unwrap().status, 400);
        }
    }
}
