//! Each planted bug is found within so many seeds, and an oracle says what is wrong.

use mutt_sim::{Bug, Form, Tale, play};

/// Plays the stories of the first `within` seeds over one log with a bug, until one fails with
/// `words` in what its oracle says.
fn found(bug: Bug, within: u64, words: &str) {
    found_in(Form::Log, bug, within, words);
}

/// The same over lanes.
fn found_in_lanes(bug: Bug, within: u64, words: &str) {
    found_in(Form::Lanes, bug, within, words);
}

fn found_in(form: Form, bug: Bug, within: u64, words: &str) {
    let said = (0..within).filter_map(|seed| {
        let tale = Tale::new(seed).in_form(form).with_bug(Some(bug));
        play(&tale).err().map(|failure| failure.broken)
    });
    let mut others = Vec::new();
    let is_found = said.into_iter().any(|said| {
        others.push(said);
        others.last().is_some_and(|said| said.contains(words))
    });
    assert!(is_found, "{bug} was not found within {within} seeds; what was said: {others:#?}");
}

#[test]
fn acknowledge_before_sync() {
    found(Bug::AcknowledgeBeforeSync, 10, "was acknowledged and is not stored");
}

#[test]
fn cursor_apart() {
    found(Bug::CursorApart, 40, "alert Summary");
}

#[test]
fn confirm_on_send() {
    found(Bug::ConfirmOnSend, 20, "did not reach the archive");
}

#[test]
fn early_cursor() {
    found(Bug::EarlyCursor, 10, "did not reach the archive");
}

#[test]
fn no_epoch_check() {
    found(Bug::NoEpochCheck, 600, "a judge judged again");
}

#[test]
fn double_count_on_replay() {
    found(Bug::DoubleCountOnReplay, 40, "messages are accounted for");
}

#[test]
fn forget_tracks() {
    found(Bug::ForgetTracks, 10, "expected alert");
}

#[test]
fn lost_notice() {
    found(Bug::LostNotice, 40, "the notices of");
}

#[test]
fn stale_lease_send() {
    found(Bug::StaleLeaseSend, 80, "without holding that lease");
}

#[test]
fn half_loaded_rules() {
    found(Bug::HalfLoadedRules, 20, "expected alert");
}

#[test]
fn timers_lost() {
    found(Bug::TimersLost, 10, "expected alert");
}

#[test]
fn decide_twice() {
    found(Bug::DecideTwice, 10, "decisions: ");
}

#[test]
fn stored_twice() {
    found_in_lanes(Bug::StoredTwice, 20, "times and is stored");
}

#[test]
fn time_ahead() {
    found_in_lanes(Bug::TimeAhead, 20, "was to come");
}

#[test]
fn not_the_slowest() {
    found_in_lanes(Bug::NotTheSlowest, 20, "not between the messages");
}

#[test]
fn signals_apart() {
    found_in_lanes(Bug::SignalsApart, 20, "expected alert");
}

#[test]
fn late_signals() {
    found_in_lanes(Bug::LateSignals, 80, "writes as judge/");
}

#[test]
fn a_story_that_fails_is_told_shorter() {
    let tale = Tale::new(0).with_bug(Some(Bug::AcknowledgeBeforeSync));
    let whole = play(&tale).unwrap_err();
    let short = mutt_sim::shorten(whole);
    assert!(short.tale.actions < tale.actions / 2 && short.tale.without.len() > 5, "{short}");
    assert_eq!(play(&short.tale).unwrap_err().broken, short.broken);
}
