//! The adapters: what they write, and how the stand-in takes it.

use std::time::Duration;

use mutt_alert::{Alert, Facts, Notice, NoticeKind, own_plan};
use mutt_event::{MessageId, Timestamp};
use mutt_rules::{AlertSeverity, Handling};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::standin::{API_KEY, Moogsoft, Reply};
use crate::{
    Adapter, Answer, CloudSettings, Heartbeat, Http, HttpSettings, Method, ReqwestHttp,
    WebhookSettings,
};

pub(crate) fn notice(kind: NoticeKind) -> Notice {
    let time = Timestamp::from_millis(1_795_608_000_999);
    let cause = MessageId { appended: time, partition: 3, position: 77 };
    let facts = Facts {
        key: "Gi0/1".into(),
        site: Some("fra1".into()),
        handling: Handling::PageAndTicket,
        severity: AlertSeverity::Major,
        team: "NETO".into(),
        summary: "Gi0/1 of r1 is down".into(),
        text: "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down".into(),
        reason: "mnemonic is LINK-3-UPDOWN".into(),
        labels: [("rack".into(), "7".into()), ("uplink".into(), "Hu1/0/1".into())].into(),
        ..Facts::bare("r1", cause, time)
    };
    let mut plan = own_plan("link-down", None);
    plan.revision = "c0ffee".into();
    plan.runbook = Some("https://wiki.example/link".into());
    let alert = Alert {
        id: "alert-1".into(),
        count: 4,
        notices: 1,
        ..Alert::new("r1::link-down::Gi0/1", &plan, &facts)
    };
    Notice { id: "alert-1#1".into(), kind, at: time, received: time, cause, alert, late: false }
}

fn cloud(moogsoft: &Moogsoft) -> Adapter {
    let mut settings = CloudSettings::new(SecretString::from(API_KEY));
    settings.url = moogsoft.cloud_url();
    Adapter::MoogsoftCloud(settings)
}

fn webhook(moogsoft: &Moogsoft) -> Adapter {
    Adapter::MoogsoftWebhook(WebhookSettings::new(moogsoft.webhook_url()))
}

fn body(adapter: &Adapter, notices: &[&Notice]) -> Value {
    serde_json::from_slice(&adapter.render(notices).body).unwrap()
}

#[test]
fn the_webhooks_fields() {
    let adapter = Adapter::MoogsoftWebhook(WebhookSettings::new("http://m.example/events/w"));
    let (open, clear) = (notice(NoticeKind::Open), notice(NoticeKind::Clear));
    let body = body(&adapter, &[&open, &clear]);
    let expected = json!({
        "signature": "r1::link-down::Gi0/1",
        "source": "r1",
        "source_id": "r1",
        "external_id": "alert-1",
        "manager": "MUTT",
        "class": "link-down",
        "type": "Gi0/1",
        "agent": "MUTT",
        "severity": 4,
        "description": "Gi0/1 of r1 is down",
        "agent_time": 1_795_608_000,
        "custom_info": { "mutt": {
            "notice_id": "alert-1#1",
            "kind": "open",
            "alert_id": "alert-1",
            "correlation_id": open.cause.to_string(),
            "message_id": open.cause.to_string(),
            "rule": "link-down",
            "revision": "c0ffee",
            "reason": "mnemonic is LINK-3-UPDOWN",
            "environment": "prod",
            "site": "fra1",
            "handling": "page_and_ticket",
            "team": "NETO",
            "labels": { "rack": "7", "uplink": "Hu1/0/1" },
            "count": 4,
            "first_seen": "2026-11-25T12:00:00.999000Z",
            "last_seen": "2026-11-25T12:00:00.999000Z",
            "runbook": "https://wiki.example/link",
            "text": "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
            "worst": "major",
            "reopened": 0,
            "hosts": [],
            "flapping": false,
            "late": false,
        }},
    });
    assert_eq!(body["events"][0], expected);
    assert_eq!(body["events"][1]["signature"], expected["signature"], "a clear finds its alert");
    assert_eq!(body["events"][1]["severity"], 0);
    assert_eq!(body["events"].as_array().unwrap().len(), 2);
}

#[test]
fn the_clouds_fields() {
    let mut settings = CloudSettings::new(SecretString::from("key"));
    settings.deduplication_field = "dedupe_key".into();
    settings.services = vec!["wan".into()];
    let adapter = Adapter::MoogsoftCloud(settings);
    let (open, clear) = (notice(NoticeKind::Open), notice(NoticeKind::Clear));
    let body = body(&adapter, &[&open, &clear]);
    let expected = json!({
        "dedupe_key": "r1::link-down::Gi0/1",
        "source": "r1",
        "check": "link-down",
        "class": "prod",
        "type": "Gi0/1",
        "manager": "MUTT",
        "severity": "major",
        "description": "Gi0/1 of r1 is down",
        "time": 1_795_608_000,
        "services": ["wan"],
        "tags": {
            "mutt_notice_id": "alert-1#1",
            "mutt_kind": "open",
            "mutt_alert_id": "alert-1",
            "mutt_correlation_id": open.cause.to_string(),
            "mutt_message_id": open.cause.to_string(),
            "mutt_rule": "link-down",
            "mutt_revision": "c0ffee",
            "mutt_reason": "mnemonic is LINK-3-UPDOWN",
            "mutt_environment": "prod",
            "mutt_site": "fra1",
            "mutt_handling": "page_and_ticket",
            "mutt_team": "NETO",
            "mutt_label_rack": "7",
            "mutt_label_uplink": "Hu1/0/1",
            "mutt_count": 4,
            "mutt_first_seen": "2026-11-25T12:00:00.999000Z",
            "mutt_last_seen": "2026-11-25T12:00:00.999000Z",
            "mutt_runbook": "https://wiki.example/link",
            "mutt_text": "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
            "mutt_worst": "major",
        },
    });
    assert_eq!(body[0], expected);
    assert_eq!(body[1]["dedupe_key"], expected["dedupe_key"]);
    assert_eq!(body[1]["severity"], "clear");
}

#[test]
fn each_severity_in_both_languages() {
    let moogsoft = [
        (AlertSeverity::Clear, 0, "clear"),
        (AlertSeverity::Indeterminate, 1, "unknown"),
        (AlertSeverity::Warning, 2, "warning"),
        (AlertSeverity::Minor, 3, "minor"),
        (AlertSeverity::Major, 4, "major"),
        (AlertSeverity::Critical, 5, "critical"),
    ];
    let webhook = Adapter::MoogsoftWebhook(WebhookSettings::new("http://m.example"));
    let cloud = Adapter::MoogsoftCloud(CloudSettings::new(SecretString::from("key")));
    for (severity, number, word) in moogsoft {
        let mut notice = notice(NoticeKind::Worse);
        notice.alert.severity = severity;
        assert_eq!(body(&webhook, &[&notice])["events"][0]["severity"], number);
        assert_eq!(body(&cloud, &[&notice])[0]["severity"], word);
    }
}

#[test]
fn headers_carry_the_secrets_and_debug_does_not() {
    let settings = WebhookSettings::new("http://m.example");
    let adapter = Adapter::MoogsoftWebhook(settings.basic("graze", SecretString::from("graze")));
    let request = adapter.render(&[]);
    let (name, value) = &request.headers[0];
    assert_eq!((name.as_str(), value.expose_secret()), ("authorization", "Basic Z3JhemU6Z3JhemU="));
    let adapter = Adapter::MoogsoftCloud(CloudSettings::new(SecretString::from("s3cret")));
    assert!(!format!("{:?} {adapter:?}", adapter.render(&[])).contains("s3cret"));
}

#[tokio::test]
async fn the_stand_in_takes_both_and_the_clear_closes_the_alert() {
    let moogsoft = Moogsoft::start().await.unwrap();
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    for adapter in [webhook(&moogsoft), cloud(&moogsoft)] {
        let open = notice(NoticeKind::Open);
        let result = http.send(adapter.render(&[&open])).await;
        assert_eq!(adapter.classify(&result), Answer::Taken, "{:?}", moogsoft.faults());
        assert_eq!(moogsoft.open().get("r1::link-down::Gi0/1"), Some(&4));
        let clear = notice(NoticeKind::Clear);
        let result = http.send(adapter.render(&[&clear])).await;
        assert_eq!(adapter.classify(&result), Answer::Taken);
        assert!(moogsoft.open().is_empty());
    }
    assert_eq!(moogsoft.told_count(), 4);
    assert_eq!(moogsoft.told()[0].notice_id, "alert-1#1");
}

/// Whatever a device or a rule writes, the contract holds.
#[tokio::test]
async fn hostile_texts_keep_the_contract() {
    let moogsoft = Moogsoft::start().await.unwrap();
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let long = "ä\u{0}\"\\\n".repeat(20_000);
    let mut worst = notice(NoticeKind::Open);
    let alert = &mut worst.alert;
    for text in [&mut alert.summary, &mut alert.text, &mut alert.reason, &mut alert.team] {
        text.clone_from(&long);
    }
    alert.key.clone_from(&long);
    alert.site = Some(long.clone());
    alert.labels.insert("rack".into(), long.clone());
    let mut empty = notice(NoticeKind::Open);
    let alert = &mut empty.alert;
    for text in [&mut alert.summary, &mut alert.text, &mut alert.reason, &mut alert.team] {
        text.clear();
    }
    alert.key.clear();
    (alert.runbook, alert.site) = (None, None);
    alert.labels.clear();
    for adapter in [webhook(&moogsoft), cloud(&moogsoft)] {
        let result = http.send(adapter.render(&[&worst, &empty])).await;
        assert_eq!(adapter.classify(&result), Answer::Taken, "{:?}", moogsoft.faults());
    }
    for told in moogsoft.told().iter().step_by(2) {
        assert!(told.description.len() <= 32_500);
        assert!(told.description.ends_with('…'));
    }
}

#[tokio::test]
async fn each_answer_is_understood() {
    let moogsoft = Moogsoft::start().await.unwrap();
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let mut settings = WebhookSettings::new(moogsoft.webhook_url());
    settings.timeout = Duration::from_millis(300);
    let adapter = Adapter::MoogsoftWebhook(settings);
    let open = notice(NoticeKind::Open);
    let after = Some(Duration::from_secs(7));
    for (reply, name, wait) in [
        (Reply::Well, "taken", None),
        (Reply::Status(500), "again", None),
        (Reply::Status(503), "again", None),
        (Reply::Status(408), "again", None),
        (Reply::RetryAfter(429, 7), "again", after),
        (Reply::RetryAfter(503, 7), "again", after),
        (Reply::Hang, "again", None),
        (Reply::TakeAndHang, "again", None),
        (Reply::Status(401), "forbidden", None),
        (Reply::Status(403), "forbidden", None),
        (Reply::Status(400), "refused", None),
        (Reply::Status(302), "refused", None),
        (Reply::NoSuccess, "refused", None),
    ] {
        moogsoft.script([reply]);
        let answer = adapter.classify(&http.send(adapter.render(&[&open])).await);
        assert_eq!(answer.name(), name, "{reply:?}");
        if let Answer::Again { after, .. } = answer {
            assert_eq!(after, wait, "{reply:?}");
        }
    }
    assert_eq!(moogsoft.told_count(), 2, "taken once, and once unseen");
    assert_eq!(moogsoft.asked().len(), 13);
    moogsoft.stop().await;
    let answer = adapter.classify(&http.send(adapter.render(&[&open])).await);
    assert_eq!(answer.name(), "again", "nobody there");
    moogsoft.start_again().await.unwrap();
    let answer = adapter.classify(&http.send(adapter.render(&[&open])).await);
    assert_eq!(answer, Answer::Taken);
}

#[tokio::test]
async fn the_answer_is_kept_for_the_dead_letter() {
    let moogsoft = Moogsoft::start().await.unwrap();
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let mut settings = CloudSettings::new(SecretString::from("wrong"));
    settings.url = moogsoft.cloud_url();
    let adapter = Adapter::MoogsoftCloud(settings);
    let open = notice(NoticeKind::Open);
    let Answer::Forbidden { why } = adapter.classify(&http.send(adapter.render(&[&open])).await)
    else {
        panic!("a wrong key is forbidden")
    };
    assert_eq!(why, r#"HTTP 401: {"message":"apiKey is wrong or missing"}"#);
    let adapter = cloud(&moogsoft);
    let Answer::Refused { why } = adapter.classify(&http.send(adapter.render(&[])).await) else {
        panic!("no events are no batch")
    };
    assert!(why.contains("an empty list of events"), "{why}");
}

#[tokio::test]
async fn a_heartbeat_goes_out() {
    let moogsoft = Moogsoft::start().await.unwrap();
    let http = ReqwestHttp::new(&HttpSettings::default()).unwrap();
    let mut heartbeat = Heartbeat::new(moogsoft.webhook_url());
    assert_eq!(heartbeat.beat(&http, b"").await.name(), "refused", "405: it wants POST");
    heartbeat.method = Method::Post;
    assert_eq!(heartbeat.beat(&http, b"{}").await.name(), "refused");
    assert_eq!(moogsoft.asked().len(), 1);
}
