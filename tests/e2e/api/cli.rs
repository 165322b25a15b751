//! The command line as a client: rules and inventory as files, explanations, backtests.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::Way;
use crate::common::api::ADMIN_KEY;
use crate::common::mutt::Mutt;
use crate::common::{send, wait};

const PACK: &str = "[[rules]]\nid = \"fan\"\npriority = 10\nteam = \"dc\"\nhandling = \"page_only\"\n\
                    when.message.contains = \"fan failed\"\n\
                    examples = [{ expect = \"match\", message = \"<187>fan failed\" }]\n\n\
                    [[rules]]\nid = \"link\"\npriority = 20\nhandling = \"log_only\"\n\
                    when.message.contains = \"link down\"\n";

fn mutt(way: &Way, args: &[&str]) -> Output {
    let url = format!("http://{}", way.mutt.doors.api);
    let mut command = Mutt::command();
    command.args(args).env("MUTT_URL", url).env("MUTT_API_KEY", ADMIN_KEY);
    command.output().expect("mutt")
}

fn text(output: &Output) -> String {
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    format!("{out}{err}")
}

fn good(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(output));
    text(output)
}

fn shown(path: &Path) -> &str {
    path.to_str().expect("a path")
}

#[test]
fn rules_that_are_exported_apply_back_to_nothing_changed() {
    let way = Way::start("");
    let packs = way.folder.path().join("packs");
    fs::create_dir(&packs).expect("a folder");
    fs::write(packs.join("pack.toml"), PACK).expect("a pack");
    let dry = good(&mutt(&way, &["rules", "apply", shown(&packs), "--dry-run"]));
    assert!(dry.contains("+ rule fan") && dry.contains("would be changed"), "{dry}");
    assert_eq!(way.api.get("/rules/fan").status, 404);
    let done = good(&mutt(&way, &["rules", "apply", shown(&packs), "--why", "from git"]));
    assert!(done.contains("changed: 2 added"), "{done}");
    assert_eq!(way.api.get("/revisions/1").expect(200).json()["why"], "from git");
    let exported = way.folder.path().join("exported");
    good(&mutt(&way, &["rules", "export", shown(&exported)]));
    assert!(exported.join("fan.yaml").is_file() && exported.join("link.yaml").is_file());
    let back = good(&mutt(&way, &["rules", "apply", shown(&exported)]));
    assert!(back.contains("nothing differs"), "{back}");
    // A rule that is gone leaves a file that would come back.
    way.api.ask("DELETE", "/rules/link", &["If-Match: *"], "").expect(200);
    let stale = mutt(&way, &["rules", "export", shown(&exported)]);
    assert!(!stale.status.success() && text(&stale).contains("link.yaml"), "{}", text(&stale));
    good(&mutt(&way, &["rules", "export", shown(&exported), "--prune"]));
    assert!(!exported.join("link.yaml").exists());
}

#[test]
fn a_folder_with_faults_changes_nothing_and_names_files_and_lines() {
    let way = Way::start("");
    let packs = way.folder.path().join("packs");
    fs::create_dir(&packs).expect("a folder");
    fs::write(packs.join("good.toml"), PACK).expect("a pack");
    let bad = "rules:\n  - id: bad\n    priority: high\n    when: { mesage: { contains: x } }\n    handling: log_only\n";
    fs::write(packs.join("bad.yaml"), bad).expect("a pack");
    let refused = mutt(&way, &["rules", "apply", shown(&packs)]);
    assert!(!refused.status.success());
    let words = text(&refused);
    assert!(words.contains("bad.yaml:3: rule bad: priority"), "{words}");
    assert!(words.contains("bad.yaml:4") && words.contains("Did you mean `message`"), "{words}");
    assert_eq!(way.api.get("/rules").expect(200).json()["items"].as_array().map(Vec::len), Some(0));
    // What only the whole set shows is told with the file too.
    fs::remove_file(packs.join("bad.yaml")).expect("to be gone");
    way.api.put("/teams/net", &serde_json::json!({ "name": "net" })).expect(200);
    let words = text(&mutt(&way, &["rules", "apply", shown(&packs)]));
    assert!(words.contains("good.toml") && words.contains("team `dc`"), "{words}");
    let empty = way.folder.path().join("empty");
    fs::create_dir(&empty).expect("a folder");
    assert!(!mutt(&way, &["rules", "apply", shown(&empty)]).status.success());
}

#[test]
fn a_folder_is_tested_without_a_running_mutt() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("pack.toml"), PACK).expect("a pack");
    let test = |more: &[&str]| {
        let mut command = Mutt::command();
        command.args(["rules", "test", shown(folder.path())]).args(more);
        command.output().expect("mutt rules test")
    };
    let words = good(&test(&[]));
    assert!(words.contains("1 of 2 rules have examples (1); none: link"), "{words}");
    assert_eq!(test(&["--all"]).status.code(), Some(1), "a rule without an example");
    fs::write(folder.path().join("pack.toml"), PACK.replace("<187>fan failed", "<187>all is well"))
        .expect("a pack");
    let failed = test(&[]);
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed).contains("examples[0]"), "{}", text(&failed));
    let played = |told: &str| {
        let scenario = format!(
            "\n[[rules.scenarios]]\nname = \"once\"\ntold = [{told}]\nevents = [\
             {{ at = \"0s\", message = \"<187>fan failed\" }}, \
             {{ at = \"5s\", message = \"<187>fan failed\" }}]\n\n"
        );
        let pack = PACK.replacen("\n\n", &scenario, 1);
        fs::write(folder.path().join("pack.toml"), pack).expect("a pack");
        test(&[])
    };
    let words = good(&played("{ at = \"0s\", kind = \"open\" }"));
    assert!(words.contains("; 1 scenarios"), "{words}");
    let failed = played("");
    assert_eq!(failed.status.code(), Some(1));
    let words = text(&failed);
    assert!(words.contains("scenarios[0]") && words.contains("tells [0s open"), "{words}");
}

#[test]
fn the_live_set_is_tested_explained_and_backtested() {
    let way = Way::start(PACK);
    let words = good(&mutt(&way, &["rules", "test"]));
    assert!(words.contains("2 rules, 1 examples"), "{words}");
    let line = "<187>Nov 23 12:00:00 core-1 env: fan failed";
    let words = good(&mutt(&way, &["explain", line]));
    assert!(words.contains("owned by     fan (priority 10): page_only"), "{words}");
    send::lines(way.mutt.doors.tcp, &[line]);
    wait::until_true("it to be judged", || {
        way.mutt.metric("mutt_ledger_messages_total", &["reader=\"judge\""]) == 1.0
    });
    let draft = way.folder.path().join("draft.toml");
    fs::write(&draft, PACK.replace("fan failed", "fan lost")).expect("a draft");
    let words = good(&mutt(&way, &["backtest", shown(&draft)]));
    assert!(words.contains("1 messages judged") && words.contains("1 lost"), "{words}");
    let lines = way.folder.path().join("lines.log");
    fs::write(&lines, "<187>fan lost\n<187>fan failed\n").expect("lines");
    let words = good(&mutt(&way, &["backtest", shown(&draft), "--file", shown(&lines)]));
    assert!(words.contains("1 gained, 1 lost"), "{words}");
}

#[test]
fn an_inventory_is_applied_and_exported() {
    let way = Way::start("");
    let file = way.folder.path().join("hosts.csv");
    fs::write(&file, "host,environment,site\ncore-1,prod,berlin\nlab-*,dev,\n").expect("a file");
    let words = good(&mutt(&way, &["inventory", "apply", shown(&file)]));
    assert!(words.contains("+ host core-1") && words.contains("2 added"), "{words}");
    let out = way.folder.path().join("out.csv");
    good(&mutt(&way, &["inventory", "export", shown(&out)]));
    let back = good(&mutt(&way, &["inventory", "apply", shown(&out)]));
    assert!(back.contains("nothing differs"), "{back}");
}

#[test]
fn without_a_key_or_a_server_it_says_what_to_do() {
    let way = Way::start("");
    let mut command = Mutt::command();
    command.args(["explain", "x"]).env_remove("MUTT_API_KEY");
    let out = command.output().expect("mutt");
    assert!(!out.status.success() && text(&out).contains("mutt key create"), "{}", text(&out));
    let mut command = Mutt::command();
    command.args(["explain", "x", "--url", "http://127.0.0.1:9"]).env("MUTT_API_KEY", "k");
    let out = command.output().expect("mutt");
    assert!(!out.status.success() && text(&out).contains("does not answer"), "{}", text(&out));
    drop(way);
}
