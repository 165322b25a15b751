//! The settings: every mistake at once with its place, the environment, secrets, the example.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // clippy lets tests, but not what they call

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mutt::config::kinds::Secret;
use mutt::config::{self, Place, Problems, Settings, render};
use secrecy::ExposeSecret;

#[path = "settings/tls.rs"]
mod tls;

fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(text: &str, env: &[(&str, &str)]) -> (Result<Settings, Problems>, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mutt.toml");
    fs::write(&file, text).unwrap();
    (config::load(Some(&file), &environment(env)), file)
}

fn mistakes(text: &str, env: &[(&str, &str)]) -> Vec<(u32, String)> {
    let (loaded, _) = load(text, env);
    let line = |place: &Place| match place {
        Place::File(_, line) => *line,
        _ => 0,
    };
    loaded
        .expect_err("mistakes were expected")
        .0
        .iter()
        .map(|problem| (line(&problem.place), problem.to_string()))
        .collect()
}

#[test]
fn the_example_is_made_from_the_declarations() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mutt.example.toml");
    let example = fs::read_to_string(&file).unwrap();
    assert_eq!(
        example,
        render::example(),
        "run `cargo run -p mutt -- config example > mutt.example.toml`"
    );
}

#[test]
fn the_example_sets_the_defaults_and_nothing_else() {
    let (loaded, _) = load(&render::example(), &[]);
    let defaults = render::show(&Settings::default(), false);
    assert_eq!(render::show(&loaded.unwrap(), false), defaults);
}

#[test]
fn the_example_with_every_sample_taken_has_no_mistake_but_missing_files() {
    let mut seen: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for line in render::example().lines().rev() {
        // Backwards, the sample of a setting comes before its default; a table header resets.
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let key = bare.split(" = ").next().unwrap_or_default().to_owned();
        if bare.starts_with('[') {
            seen.clear();
            lines.push(bare.to_owned());
        } else if bare.contains(" = ") && !key.contains(' ') && !seen.contains(&key) {
            seen.push(key);
            lines.push(bare.to_owned());
        }
    }
    lines.reverse();
    let (loaded, _) = load(&lines.join("\n"), &[]);
    let problems = loaded.expect_err("the samples name files that are not here");
    let text = problems.to_string();
    // And a file beside a server, and three servers for one journal.
    let known = [
        "cannot be read",
        "cannot read",
        "no api_key",
        "given beside database.url",
        "the journal is in one place",
        "given beside secret_id",
        "TLS is not spoken there",
    ];
    for problem in &problems.0 {
        let line = problem.to_string();
        assert!(known.iter().any(|words| line.contains(words)), "{line}\n\nall:\n{text}");
    }
}

#[test]
fn every_mistake_is_said_at_once_with_its_line() {
    let text = r#"observe = "yes"
[journal]
partitons = 8
segment_bytes = 12
[input.relp]
listen = "nowhere"
[input.syslog_tcp]
listen = "127.0.0.1:8514"
[time]
zone = "Mars/Olympus"
[archive]
mode = "on"
[rules]
seed_files = ["/nonexistent/rules.toml"]
[[destination]]
name = "cloud"
kind = "moogsoft_cloud"
url = "ftp://example.net"
"#;
    let found = mistakes(text, &[]);
    let expected = [
        (1, "observe: expected true or false, found a string"),
        (3, "journal.partitons: no such setting; did you mean `journal.partitions`?"),
        (4, "12 is out of range: 1048576 to 1073741824"),
        (6, "expected an address and port"),
        (8, "127.0.0.1:8514 over tcp is also input.http.listen"),
        (10, "`Mars/Olympus` is no time zone"),
        (0, "archive.syslog.address: missing"),
        (0, "/nonexistent/rules.toml: cannot be read"),
        (0, "destination.0.api_key: missing"),
        (18, "expected a URL"),
    ];
    for (line, words) in expected {
        let hit = found.iter().find(|(_, text)| text.contains(words));
        let (at, _) = hit.unwrap_or_else(|| panic!("`{words}` is missing in {found:#?}"));
        assert!(line == 0 || *at == line, "`{words}` at line {at}, not {line}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn a_database_is_a_file_or_a_server_and_has_one_password() {
    let said = |text: &str| mistakes(&format!("[database]\n{text}\n"), &[]);
    let expected = [
        ("path = \"a.db\"\nurl = \"postgres://m@h/d\"", 2, "leave path out for a server"),
        ("password = \"hush\"", 2, "give database.url, or leave password out"),
        ("url = \"postgres://m:hush@h/d\"\npassword = \"hush\"", 3, "given twice"),
        ("url = \"postgres://m@h/d?password=hush\"\npassword = \"hush\"", 3, "given twice"),
        ("url = \"mysql://m:hush@h/d\"", 2, "it begins with `mysql:`"),
        ("url = \"postgres://m:hush@h\"", 2, "it names no database"),
        ("url = \"postgres:///d?password=hush\"", 2, "it names no host"),
        ("url = \"postgres://m:hush@h:port/d\"", 2, "invalid port number"),
        ("url = \"postgres://m:hush@h/d?sslmode=on\"", 2, "sslmode is `on`"),
        ("url = \"postgres://m:hush@h/d\"\nreaders_max = 0", 3, "0 is out of range: 1 to 64"),
    ];
    for (text, line, words) in expected {
        let found = said(text);
        let hit = found.iter().any(|(at, said)| *at == line && said.contains(words));
        assert!(hit && found.len() == 1, "{text}: {found:#?}");
        assert!(!found[0].1.contains("hush"), "{found:#?}");
    }
}

#[test]
fn the_password_of_a_database_may_come_from_anywhere_and_is_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    fs::write(&file, "p/a:s@s %41\n").unwrap();
    let socket = "postgres://m@%2Frun%2Fpg/d";
    let whole = "postgres://m:p%2Fa%3As%40s%20%2541@%2Frun%2Fpg/d";
    let from_file = format!("[database]\nurl = \"{socket}\"\npassword_file = {file:?}\n");
    let url = format!("[database]\nurl = \"{socket}\"\n");
    let password = [("MUTT_DATABASE__PASSWORD", "p/a:s@s %41")];
    let all = [("MUTT_DATABASE__URL", whole)];
    for (text, env) in [(from_file.as_str(), &[][..]), (&url, &password), ("", &all)] {
        let settings = load(text, env).0.unwrap();
        let database = &settings.database;
        let password = database.password.as_ref().map(Secret::text);
        let url = database.url.as_ref().unwrap().with_password(password.as_ref());
        let options: sqlx::postgres::PgConnectOptions = url.expose_secret().parse().unwrap();
        let told = format!("{options:?}");
        assert!(told.contains("p/a:s@s %41") && told.contains("/run/pg"), "{told}");
        assert_eq!(database.file(), None);
        let shown = format!("{settings:?}{}", render::show(&settings, true));
        assert!(!shown.contains("a:s") && !shown.contains("a%3As"), "{shown}");
    }
}

#[test]
fn text_that_is_not_toml_is_said_with_its_line_and_the_rest_is_read() {
    let found = mistakes("[journal]\npartitions = = 3\n[log]\nformat = \"xml\"\n", &[]);
    assert!(found.iter().any(|(line, text)| *line == 2 && text.contains("not TOML")), "{found:#?}");
    assert!(found.iter().any(|(line, text)| *line == 4 && text.contains("\"json\"")), "{found:#?}");
}

#[test]
fn a_value_where_a_table_belongs_is_a_mistake() {
    let found = mistakes("journal = 3\n", &[]);
    assert!(found.iter().any(|(line, text)| *line == 1 && text.contains("journal")), "{found:#?}");
}

#[test]
fn rules_with_faults_are_said_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("rules.toml");
    fs::write(&rules, "[[rules]]\nid = \"a\"\nnonsense = 1\n").unwrap();
    let env = [("MUTT_RULES__SEED_FILES", rules.to_str().unwrap())];
    let problems = config::load(None, &environment(&env)).unwrap_err();
    assert!(
        problems
            .0
            .iter()
            .any(|p| matches!(&p.place, Place::File(file, line) if *file == rules && *line > 0)),
        "{problems}"
    );
}

#[test]
fn the_environment_wins_over_the_file() {
    let (loaded, _) = load(
        "observe = false\n[journal]\nretain_hours = 1\n[hosts]\nown_names = [\"a\"]\n",
        &[
            ("MUTT_OBSERVE", "true"),
            ("MUTT_JOURNAL__RETAIN_HOURS", "48"),
            ("MUTT_HOSTS__OWN_NAMES", "b, c"),
            ("MUTT_HOSTS__ALIASES", "10.0.0.1=core-1"),
            ("MUTT_DESTINATION__0__NAME", "moogsoft"),
            ("MUTT_DESTINATION__0__URL", "http://127.0.0.1:9/events"),
        ],
    );
    let settings = loaded.unwrap();
    assert!(settings.observe);
    assert_eq!(settings.journal.retain_hours, 48);
    assert_eq!(settings.hosts.own_names, ["b", "c"]);
    assert_eq!(settings.hosts.aliases["10.0.0.1"], "core-1");
    assert_eq!(settings.destinations[0].name.as_str(), "moogsoft");
}

#[test]
fn an_override_that_names_nothing_is_a_mistake() {
    let found = mistakes(
        "",
        &[
            ("MUTT_JOURNAL__PARTITON", "3"),
            ("MUTT_LOG__LEVEL", "loud=,="),
            ("MUTT_SERVICE_HOST", "10.0.0.1"),
            ("MUTT_PORT_514_TCP", "tcp://10.0.0.1:514"),
        ],
    );
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().any(|(_, text)| text.contains("did you mean MUTT_JOURNAL__PARTITIONS?")));
    assert!(found.iter().any(|(_, text)| text.contains("environment MUTT_LOG__LEVEL")));
}

#[test]
fn a_secret_may_come_from_a_file_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("key");
    fs::write(&secret, "s3cret-1\ns3cret-2\n").unwrap();
    let keys = format!("[input.http]\napi_keys_file = {:?}\n", secret.to_str().unwrap());
    let (loaded, _) = load(&keys, &[]);
    let settings = loaded.unwrap();
    let keys: Vec<_> = settings.input.http.api_keys.iter().map(Secret::text).collect();
    let keys: Vec<&str> = keys.iter().map(|key| key.expose_secret()).collect();
    assert_eq!(keys, ["s3cret-1", "s3cret-2"]);
    assert!(!render::show(&settings, true).contains("s3cret"));
    assert!(render::show(&settings, false).contains("s3cret"));
    assert!(!format!("{settings:?}").contains("s3cret"));
}

#[test]
fn what_secrets_and_vault_need_of_each_other_is_said() {
    let login = "[vault]\naddress = \"https://v\"\nrole_id = \"r\"";
    let to = "[[destination]]\nname = \"m\"\nkind = \"moogsoft_cloud\"";
    for (text, words) in [
        (format!("{to}\napi_key = \"vault:secret/mutt#key\""), "vault.address is not set"),
        (format!("{to}\napi_key = \"vault:secret/mutt\""), "vault:MOUNT/PATH#FIELD"),
        (format!("{to}\napi_key = \"k\"\npassword_next = \"k\""), "replaces password, which"),
        (format!("{to}\napi_key_next = \"k\""), "replaces api_key, which is not given"),
        ("[database]\npassword_next = \"k\"".to_owned(), "replaces password"),
        ("[redis_journal]\npassword_next = \"k\"".to_owned(), "replaces password"),
        ("[vault]\nrole_id = \"r\"".to_owned(), "no Vault to log in to"),
        ("[vault]\naddress = \"https://v\"\nsecret_id = \"s\"".to_owned(), "by AppRole"),
        (login.to_owned(), "give it or wrapped_secret_id"),
        (format!("{login}\nsecret_id = \"s\"\nwrapped_secret_id = \"w\""), "leave one out"),
        (format!("{login}\nsecret_id = \"vault:secret/mutt#id\""), "it opens Vault"),
        (format!("{login}\nsecret_id = \"s\"\napprole_mount = \"a//b\""), "such as \"approle\""),
        (format!("{login}\nsecret_id = \"s\"\nnamespace = \"a b\""), "such as \"network\""),
        (
            format!("{login}\nsecret_id = \"s\"\nretry_first_ms = 90_000"),
            "longer than retry_max_ms",
        ),
        (format!("{login}\nsecret_id = \"s\"\nca_file = \"/nonexistent\""), "cannot read"),
    ] {
        let found = mistakes(&format!("{text}\n"), &[]);
        assert!(found.iter().any(|(_, said)| said.contains(words)), "{text}: {found:#?}");
    }
    let named = format!("{login}\nsecret_id = \"s\"\n{to}\napi_key = \"vault:secret/mutt#key\"\n");
    let settings = load(&named, &[]).0.unwrap();
    let shown = render::show(&settings, true);
    assert!(shown.contains("api_key = \"vault:secret/mutt#key\""), "{shown}");
    assert!(shown.contains("secret_id = \"(secret)\""), "{shown}");
}

#[test]
fn a_secret_file_that_cannot_be_read_is_a_mistake() {
    let found = mistakes("[input.http]\napi_keys_file = \"/nonexistent/key\"\n", &[]);
    assert!(found[0].1.contains("cannot read /nonexistent/key"), "{found:#?}");
    assert_eq!(found[0].0, 2);
}

#[test]
fn an_http_listener_for_all_needs_a_key() {
    let text = "[input.http]\nlisten = \"0.0.0.0:8080\"\nallow_plaintext = true\n";
    let found = mistakes(text, &[]);
    assert!(found[0].1.contains("input.http.api_keys: missing"), "{found:#?}");
}

#[test]
fn two_destinations_of_one_name_are_a_mistake() {
    let one = "[[destination]]\nname = \"m\"\nurl = \"http://127.0.0.1:9/\"\n";
    let found = mistakes(&format!("{one}{one}"), &[]);
    assert!(found[0].1.contains("`m` is the name of another destination"), "{found:#?}");
}

const LIST: &str =
    "[[input.redis_list]]\nname = \"a\"\nurl = \"redis://127.0.0.1/2\"\nlist = \"in\"\n";

#[test]
fn a_redis_list_with_nothing_but_what_it_needs() {
    let (loaded, _) = load(LIST, &[("MUTT_INPUT__REDIS_LIST__0__PASSWORD", "s3cret")]);
    let settings = loaded.unwrap();
    let list = &settings.input.redis_list[0];
    let url = list.url.as_ref().unwrap();
    assert_eq!((url.address.as_str(), url.database), ("127.0.0.1:6379", 2));
    assert_eq!(list.password.as_ref().unwrap().text().expose_secret(), "s3cret");
    let shown = render::show(&settings, true);
    assert!(shown.contains("[[input.redis_list]]") && shown.contains("redis://127.0.0.1:6379/2"));
    assert!(!shown.contains("s3cret") && !format!("{settings:?}").contains("s3cret"));
    let (again, _) = load(&render::show(&settings, false), &[]);
    assert_eq!(render::show(&again.unwrap(), true), shown);
}

#[test]
fn every_mistake_of_redis_lists_is_said() {
    let text = r#"[[input.redis_list]]
url = "redis://mutt:s3cret@127.0.0.1:6379"
list = "a}b"
user = "mutt"
timeout_ms = 60_000
batch_messages_max = 2_000
[[input.redis_list]]
name = "b"
retry_first_ms = 20_000
batch_bytes_max = 16_777_216
[[input.redis_list]]
name = "b"
url = "redis://127.0.0.1:6379/0"
list = "in"
[[input.redis_list]]
name = "c"
url = "redis://127.0.0.1"
list = "in"
[journal]
retain_bytes = 67_108_864
"#;
    let found = mistakes(text, &[]);
    let expected = [
        (1, "input.redis_list.0.name: missing"),
        (2, "`password_file`"),
        (3, "`a}b`: no other key can be in its slot"),
        (4, "a user logs in with a password"),
        (5, "longer than dead_after_ms"),
        (6, "2000 is out of range: 1 to 1000"),
        (7, "input.redis_list.1.url: missing"),
        (7, "input.redis_list.1.list: missing"),
        (9, "longer than retry_max_ms"),
        (10, "more than an eighth of journal.retain_bytes"),
        (12, "`b` is the name of another input.redis_list"),
        (18, "is read by `b` already"),
    ];
    for (line, words) in expected {
        let hit = found.iter().find(|(_, text)| text.contains(words));
        let (at, _) = hit.unwrap_or_else(|| panic!("`{words}` is missing in {found:#?}"));
        assert!(line == 0 || *at == line, "`{words}` at line {at}, not {line}");
    }
    assert!(found.iter().all(|(_, text)| !text.contains("s3cret")), "{found:#?}");
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    let many: String = (0..9)
        .map(|n| LIST.replace("\"a\"", &format!("\"{n}\"")).replace("\"in\"", &format!("\"{n}\"")))
        .collect();
    assert!(mistakes(&many, &[])[0].1.contains("9 lists, and 8 is the most"));
}

#[test]
fn check_exits_2_and_says_every_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mutt.toml");
    fs::write(&file, "[journal]\npartitions = 0\nretain_hour = 3\n").unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_mutt"))
        .args(["check", "--config", file.to_str().unwrap()])
        .env_remove("MUTT_CONFIG")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{said}");
    assert!(said.contains(&format!("{}:2: journal.partitions", file.display())), "{said}");
    assert!(said.contains(&format!("{}:3: journal.retain_hour", file.display())), "{said}");
    assert!(said.contains("2 mistakes"), "{said}");
}
