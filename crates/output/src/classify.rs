//! What an HTTP result means for the notices that were sent.
//!
//! From: the result of one request. To: the deliverer, as an [`Answer`].

use std::time::Duration;

use crate::{HttpError, Response};

/// What became of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// The destination has them.
    Taken,
    /// Not now: try again, no sooner than `after` if the destination said so.
    Again {
        /// The destination's own wish (Retry-After).
        after: Option<Duration>,
        /// What happened.
        why: String,
    },
    /// Never: the destination will not take these. For the dead letters; of a batch it may be a
    /// single one, so a batch is to be sent again one by one first.
    Refused {
        /// Its answer.
        why: String,
    },
    /// The destination does not know us: nothing will be taken until a person acts.
    Forbidden {
        /// Its answer.
        why: String,
    },
}

impl Answer {
    /// The name as a metric's label.
    pub fn name(&self) -> &'static str {
        match self {
            Answer::Taken => "taken",
            Answer::Again { .. } => "again",
            Answer::Refused { .. } => "refused",
            Answer::Forbidden { .. } => "forbidden",
        }
    }
}

/// Judges a result by its status:
///
/// | result | answer |
/// |---|---|
/// | 2xx | taken |
/// | 408, 425, 429, 5xx, network error, timeout | again, after Retry-After if given |
/// | 401, 403 (and 407, a proxy's) | forbidden |
/// | every other, 3xx included | refused, with the answer kept |
pub fn classify(result: &Result<Response, HttpError>) -> Answer {
    let response = match result {
        Ok(response) => response,
        Err(error @ HttpError::Invalid(_)) => return Answer::Refused { why: error.to_string() },
        Err(error) => return Answer::Again { after: None, why: error.to_string() },
    };
    let why = describe(response);
    match response.status {
        200..=299 => Answer::Taken,
        408 | 425 | 429 | 500..=599 => Answer::Again { after: response.retry_after, why },
        401 | 403 | 407 => Answer::Forbidden { why },
        _ => Answer::Refused { why },
    }
}

/// Status and body in one line.
pub(crate) fn describe(response: &Response) -> String {
    let body = response.body.trim();
    if body.is_empty() {
        format!("HTTP {}", response.status)
    } else {
        format!("HTTP {}: {body}", response.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(status: u16) -> Answer {
        classify(&Ok(Response {
            status,
            retry_after: None,
            body: "no".into(),
            took: Duration::ZERO,
        }))
    }

    #[test]
    fn each_status_has_its_answer() {
        for taken in [200, 201, 202, 204] {
            assert_eq!(status(taken), Answer::Taken);
        }
        for again in [408, 425, 429, 500, 502, 503, 504, 599] {
            assert_eq!(status(again).name(), "again", "{again}");
        }
        for forbidden in [401, 403, 407] {
            assert_eq!(status(forbidden).name(), "forbidden", "{forbidden}");
        }
        for refused in [301, 302, 400, 404, 405, 410, 413, 422, 600] {
            assert_eq!(status(refused).name(), "refused", "{refused}");
        }
        assert_eq!(status(400), Answer::Refused { why: "HTTP 400: no".into() });
    }

    #[test]
    fn a_network_error_is_tried_again_and_a_bad_address_is_not() {
        let network = classify(&Err(HttpError::Network("reset".into())));
        assert_eq!(network.name(), "again");
        assert_eq!(classify(&Err(HttpError::Timeout(Duration::ZERO))).name(), "again");
        assert_eq!(classify(&Err(HttpError::Invalid("x".into()))).name(), "refused");
    }

    #[test]
    fn retry_after_is_kept() {
        let after = Some(Duration::from_secs(7));
        let answer = classify(&Ok(Response {
            status: 429,
            retry_after: after,
            body: String::new(),
            took: Duration::ZERO,
        }));
        assert_eq!(answer, Answer::Again { after, why: "HTTP 429".into() });
    }
}
