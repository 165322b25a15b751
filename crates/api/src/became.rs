//! What became of a stored message beyond its rule: the alert that it opened, repeated or ended,
//! or why there is none. From: the explanation and the stored alerts. To: the answer.

use mutt_alert::{Alert, Moment, Quiet, What, signature, signature_of};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{Explanation, Matched, Plan};
use mutt_store::{AlertQuery, History, PAGE_ROWS_MAX, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::site::Site;

/// What became of a message by one rule.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Became {
    /// The rule.
    pub rule: String,
    /// opened, duplicate_of, reopened, cleared, below_threshold, waiting, seen, suppressed, or
    /// nothing: no alert of this rule's subject was open then.
    pub what: &'static str,
    /// The same in words.
    pub words: String,
    /// The alert.
    pub alert_id: Option<String>,
    /// Why nobody was told of the alert then: held, silenced by, child of, flapping, storm.
    pub quiet: Vec<String>,
}

/// What became of a message by its owner and by each rule that it clears.
pub async fn became(
    site: &Site,
    id: MessageId,
    explanation: &Explanation,
) -> Result<Vec<Became>, StoreError> {
    let mut all = Vec::new();
    for (found, clears) in explanation
        .owner
        .iter()
        .map(|owner| (owner, false))
        .chain(explanation.clears.iter().map(|clear| (clear, true)))
    {
        all.push(of_rule(site, id, explanation, found, clears).await?);
    }
    Ok(all)
}

async fn of_rule(
    site: &Site,
    id: MessageId,
    explanation: &Explanation,
    found: &Matched,
    clears: bool,
) -> Result<Became, StoreError> {
    let book = site.in_force.book();
    let plan = book.rulebook.rules.plans().find(|plan| plan.rule_id == found.rule).cloned();
    let (host, key) = (&explanation.host, &found.key);
    // Without a plan the rules changed just now.
    let signature = match &plan {
        Some(plan) => signature_of(plan, host, key),
        None => signature(host, &found.rule, key),
    };
    // An id tells the append time to the millisecond.
    let at = Timestamp::from_millis(id.appended.as_millis() + 1);
    let query = AlertQuery {
        signature: Some(signature),
        until: Some(at),
        limit: 1,
        ..AlertQuery::default()
    };
    let alert = site.store.alerts(&query).await?.pop();
    let moments = match &alert {
        Some(alert) => site.store.moments(&alert.id, 0, PAGE_ROWS_MAX).await?,
        None => Vec::new(),
    };
    let moments: Vec<Moment> = moments.into_iter().map(|(_, moment)| moment).collect();
    Ok(judged(found, plan.as_deref(), alert.as_ref(), &moments, (id, at), clears))
}

fn judged(
    found: &Matched,
    plan: Option<&Plan>,
    alert: Option<&Alert>,
    moments: &[Moment],
    (id, at): (MessageId, Timestamp),
    clears: bool,
) -> Became {
    let is = |other: MessageId| other.as_uuid() == id.as_uuid();
    let before = Timestamp::from_millis(id.appended.as_millis());
    let alert = alert.filter(|alert| alert.ended_at.is_none_or(|end| end >= before));
    let rule = found.rule.clone();
    let answer = |what, words: String, alert: Option<&Alert>| Became {
        rule: rule.clone(),
        what,
        words,
        alert_id: alert.map(|alert| alert.id.clone()),
        quiet: alert.map(|_| quiet_at(moments, at)).unwrap_or_default(),
    };
    let cleared = |moment: &Moment| matches!(moment.what, What::ClearEvent { id, .. } if is(id));
    match alert {
        Some(alert)
            if clears && (alert.cleared_by.is_some_and(is) || moments.iter().any(cleared)) =>
        {
            answer("cleared", format!("it ended alert {}", alert.id), Some(alert))
        }
        _ if clears => answer("nothing", "no alert was open that it could end".to_owned(), None),
        Some(alert) if is(alert.cause) => {
            answer("opened", format!("it opened alert {}", alert.id), Some(alert))
        }
        Some(alert) => {
            answer("duplicate_of", format!("duplicate of alert {}", alert.id), Some(alert))
        }
        None => {
            let (what, words) = without_alert(found, plan);
            answer(what, words, None)
        }
    }
}

/// Why there is no alert.
fn without_alert(found: &Matched, plan: Option<&Plan>) -> (&'static str, String) {
    let Some(plan) = plan else {
        return ("nothing", "no alert of this rule was open then".to_owned());
    };
    if let Some(count) = &plan.count {
        let words = format!("below threshold: fewer than {} came in time", count.at_least);
        return ("below_threshold", words);
    }
    if plan.sequence.is_some() {
        return ("waiting", "it began a sequence that did not go on in time".to_owned());
    }
    if plan.absent.is_some() {
        return ("seen", "it came, as the rule expects".to_owned());
    }
    match found.handling {
        mutt_rules::Handling::Suppress => ("suppressed", "the rule calls it noise".to_owned()),
        _ => ("nothing", "no alert was made of it: the rules were others then".to_owned()),
    }
}

/// Why an alert was quiet at a time.
fn quiet_at(moments: &[Moment], at: Timestamp) -> Vec<String> {
    let mut quiet: &[Quiet] = &[];
    for moment in moments.iter().filter(|moment| moment.at <= at) {
        match &moment.what {
            What::Quiet { why } => quiet = why,
            What::Audible => quiet = &[],
            _ => {}
        }
    }
    quiet.iter().map(ToString::to_string).collect()
}
