//! After a destination's absence: of each alert only the latest is sent, and nothing of one that
//! began and ended meanwhile. From: the queue. To: what is left of it, and what is written down of
//! the rest.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use mutt_alert::NoticeKind;
use mutt_event::Timestamp;
use mutt_store::{Delivered, Delivery, DeliveryState};

/// Takes out of the queue what needs not be sent: of alerts whose first waiting notice is older
/// than `late_after`. Up to the number `in_doubt` it is not known whether it was sent. Answers what
/// became of it.
pub(super) fn only(
    waiting: &mut VecDeque<Delivery>,
    in_doubt: i64,
    late_after: Duration,
    now: Timestamp,
) -> Vec<Delivered> {
    let mut of: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, delivery) in waiting.iter().enumerate() {
        of.entry(&delivery.notice.alert.id).or_default().push(place);
    }
    let mut needless: HashMap<usize, String> = HashMap::new();
    for places in of.values().filter(|places| places.len() > 1) {
        let (first, last) = (&waiting[places[0]], &waiting[places[places.len() - 1]]);
        if now.since(first.notice.at) < late_after {
            continue;
        }
        // What was tried may have been taken, and then its end must be told; so must that of an
        // alert that came back, whose last end is perhaps not told either.
        let is_begin = first.notice.kind == NoticeKind::Open && first.notice.alert.notices <= 1;
        let unseen = is_begin && first.attempts == 0 && first.number > in_doubt;
        let is_over = unseen && last.notice.kind == NoticeKind::Clear;
        let keep = if is_over { places.len() } else { places.len() - 1 };
        for place in &places[..keep] {
            let why = match is_over {
                true => "not sent: it began and ended while the destination was away".to_owned(),
                false => format!("not sent: {} tells the latest", last.notice.id),
            };
            needless.insert(*place, why);
        }
    }
    let mut done = Vec::with_capacity(needless.len());
    let mut kept = VecDeque::with_capacity(waiting.len() - needless.len());
    for (place, delivery) in waiting.drain(..).enumerate() {
        match needless.remove(&place) {
            None => kept.push_back(delivery),
            Some(why) => done.push(Delivered {
                number: delivery.number,
                state: DeliveryState::Superseded,
                attempts: delivery.attempts,
                answer: Some(why),
                at: now,
            }),
        }
    }
    *waiting = kept;
    done
}

#[cfg(test)]
mod tests {
    use mutt_alert::{Alert, Facts, Notice, own_plan};
    use mutt_event::MessageId;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn delivery(number: i64, alert: &str, kind: NoticeKind, seconds: i64) -> Delivery {
        let cause = MessageId { appended: at(0), partition: 0, position: 1 };
        let facts = Facts::bare("r1", cause, at(0));
        let alert =
            Alert { id: alert.to_owned(), ..Alert::new(alert, &own_plan("rule", None), &facts) };
        let id = format!("{}-{number}", alert.id);
        let at = at(seconds);
        let notice = Notice { id, kind, at, received: at, cause, alert, late: false };
        let state = DeliveryState::Waiting;
        let destination = "moogsoft".to_owned();
        Delivery {
            number,
            destination,
            notice,
            state,
            attempts: 0,
            answer: None,
            done_at: None,
            replays: 0,
        }
    }

    fn after(now: i64, queue: Vec<Delivery>) -> (Vec<i64>, Vec<i64>) {
        let mut queue: VecDeque<Delivery> = queue.into();
        let done = only(&mut queue, 0, MINUTE, at(now));
        let left = queue.iter().map(|delivery| delivery.number).collect();
        (left, done.iter().map(|done| done.number).collect())
    }

    #[test]
    fn what_waited_long_is_sent_as_it_is_now() {
        let queue = vec![
            delivery(1, "a", NoticeKind::Open, 0),
            delivery(2, "b", NoticeKind::Open, 1),
            delivery(3, "a", NoticeKind::Worse, 5),
            delivery(4, "b", NoticeKind::Clear, 70),
            delivery(5, "c", NoticeKind::Clear, 3),
            delivery(6, "d", NoticeKind::Worse, 4),
            delivery(7, "d", NoticeKind::Clear, 80),
        ];
        // Of a the latest, of b nothing, and who was told of d before is told of its end.
        assert_eq!(after(90, queue), (vec![3, 5, 7], vec![1, 2, 4, 6]));
    }

    #[test]
    fn what_is_fresh_is_sent_as_it_came() {
        let queue =
            vec![delivery(1, "a", NoticeKind::Open, 40), delivery(2, "a", NoticeKind::Clear, 41)];
        assert_eq!(after(90, queue), (vec![1, 2], vec![]));
    }

    #[test]
    fn the_end_of_what_came_back_is_told() {
        let mut back = delivery(3, "a", NoticeKind::Open, 30);
        back.notice.alert.notices = 3;
        let queue = vec![delivery(2, "a", NoticeKind::Clear, 20), back.clone()];
        assert_eq!(after(90, queue), (vec![3], vec![2]), "its end was not told");
        let queue = vec![back, delivery(4, "a", NoticeKind::Clear, 100)];
        assert_eq!(after(110, queue), (vec![4], vec![3]));
    }

    #[test]
    fn the_end_of_what_was_perhaps_sent_before_a_crash_is_told() {
        let queue = vec![
            delivery(1, "a", NoticeKind::Open, 0),
            delivery(2, "b", NoticeKind::Open, 0),
            delivery(3, "a", NoticeKind::Clear, 5),
            delivery(4, "b", NoticeKind::Clear, 5),
        ];
        let mut queue: VecDeque<Delivery> = queue.into();
        only(&mut queue, 1, MINUTE, at(90));
        assert_eq!(queue.iter().map(|delivery| delivery.number).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn the_end_of_what_was_tried_is_told() {
        let mut open = delivery(1, "a", NoticeKind::Open, 0);
        open.attempts = 1;
        let queue = vec![open, delivery(2, "a", NoticeKind::Clear, 5)];
        assert_eq!(after(90, queue), (vec![2], vec![1]));
    }
}
