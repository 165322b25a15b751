//! The Helm chart, rendered by Helm's own library: no network, no cluster.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::common::folder;
use crate::common::mutt::Mutt;
use crate::files::{check, helm, path, printed, settings_with_secrets, text};

/// The chart with these values over its own.
fn rendered(values: &Value) -> Vec<Value> {
    let chart = path("helm/mutt").display().to_string();
    let templates =
        helm(&["render", &chart], &values.to_string()).unwrap_or_else(|e| panic!("{e}"));
    let templates: BTreeMap<String, Value> = serde_json::from_value(templates).expect("templates");
    templates
        .into_values()
        .filter_map(|documents| documents.as_array().cloned())
        .flatten()
        .collect()
}

/// Values that turn everything on.
fn all_on() -> Value {
    let scaled = json!({ "autoscaling": { "enabled": true } });
    let door = json!({ "enabled": true, "allowPlaintext": true });
    json!({
        "imagePullSecrets": [{ "name": "registry" }],
        "config": config_with_a_key(),
        "doors": { "http": door },
        "ingestService": { "annotations": { "example.net/pool": "devices" } },
        "roles": {
            "ingest": scaled, "alert": scaled, "forward": scaled,
            "web": {
                "env": [{ "name": "MUTT_LOG__LEVEL", "value": "debug" }],
                "nodeSelector": { "disk": "none" },
                "tolerations": [{ "operator": "Exists" }],
                "affinity": { "nodeAffinity": {} },
                "podAnnotations": { "example.net/team": "noc" },
            },
        },
        "networkPolicy": {
            "devices": [{ "ipBlock": { "cidr": "10.0.0.0/8" } }],
            "redis": { "to": [{ "podSelector": { "matchLabels": { "app": "redis" } } }] },
        },
        "serviceMonitor": { "enabled": true, "labels": { "release": "prometheus" } },
    })
}

/// The chart's own settings, and the keys that HTTP asks for.
fn config_with_a_key() -> String {
    let values = crate::files::yaml(&text("helm/mutt/values.yaml"));
    let config = values["config"].as_str().expect("settings");
    format!("{config}\n[input.http]\napi_keys_file = \"/etc/mutt/secrets/http-keys\"\n")
}

fn of_kind<'a>(documents: &'a [Value], kind: &str) -> Vec<&'a Value> {
    documents.iter().filter(|document| document["kind"] == kind).collect()
}

fn names(documents: &[&Value]) -> Vec<String> {
    let name = |document: &&Value| document["metadata"]["name"].as_str().map(str::to_owned);
    documents.iter().filter_map(name).collect()
}

const ROLES: [&str; 4] = ["mutt-alert", "mutt-forward", "mutt-ingest", "mutt-web"];

#[test]
fn the_chart_renders_with_its_defaults_and_with_all_options_on() {
    for (values, scaled) in [(json!({}), vec![]), (all_on(), ROLES[..3].to_vec())] {
        let documents = rendered(&values);
        for kind in ["Deployment", "PodDisruptionBudget", "NetworkPolicy"] {
            assert_eq!(names(&of_kind(&documents, kind)), ROLES, "{kind}");
        }
        assert_eq!(names(&of_kind(&documents, "HorizontalPodAutoscaler")), scaled);
        assert_eq!(of_kind(&documents, "ServiceMonitor").len(), usize::from(!scaled.is_empty()));
        assert!(of_kind(&documents, "Secret").is_empty(), "secrets exist already");
    }
    let chart = path("helm/mutt").display().to_string();
    let lint = helm(&["lint", &chart], "{}").expect("lint");
    assert_eq!(lint["errors"], json!([]), "{lint:#}");
}

#[test]
fn values_that_break_the_schema_are_refused_by_name() {
    let chart = path("helm/mutt").display().to_string();
    for (values, named) in [
        (json!({ "replicas": 2 }), "replicas"),
        (json!({ "roles": { "judge": { "enabled": true } } }), "judge"),
        (json!({ "roles": { "web": { "autoscaling": { "enabled": true } } } }), "autoscaling"),
        (json!({ "roles": { "alert": { "replicas": "two" } } }), "replicas"),
        (json!({ "doors": { "relp": { "port": 70_000 } } }), "port"),
        (json!({ "existingSecret": "" }), "existingSecret"),
        (json!({ "config": "[journal]\n" }), "config"),
        (json!({ "terminationGracePeriodSeconds": 5 }), "terminationGracePeriodSeconds"),
        (json!({ "networkPolicy": { "redis": { "ports": [] } } }), "ports"),
    ] {
        let refused = helm(&["render", &chart], &values.to_string()).expect_err("a refusal");
        assert!(refused.contains(named), "{values}: {refused}");
    }
}

#[test]
fn each_deployment_is_a_role_of_mutt_and_its_settings_load() {
    for values in [json!({}), all_on()] {
        let documents = rendered(&values);
        let settings = &of_kind(&documents, "ConfigMap")[0]["data"]["mutt.toml"];
        let folder = folder();
        let settings = settings.as_str().expect("settings");
        let settings = settings_with_secrets(folder.path(), settings, "/etc/mutt/secrets");
        for deployment in of_kind(&documents, "Deployment") {
            let container = &deployment["spec"]["template"]["spec"]["containers"][0];
            let role = container["args"][0].as_str().expect("a role");
            assert_eq!(deployment["metadata"]["name"], format!("mutt-{role}"));
            let help = Mutt::command().args([role, "--help"]).output().expect("mutt");
            assert!(printed(&help).contains("until SIGTERM"), "{role}: {}", printed(&help));
            let variable = |one: &Value| {
                let text = |key: &str| one[key].as_str().expect("a text").to_owned();
                (text("name"), text("value"))
            };
            let environment = container["env"].as_array().expect("variables").iter().map(variable);
            let environment: Vec<_> =
                environment.filter(|(name, _)| name != "MUTT_CONFIG").collect();
            assert!(check(&settings, &environment).contains("no mistakes"));
        }
    }
}

#[test]
fn a_door_of_tls_opens_with_certificates_of_the_secret_and_a_plain_one_only_if_it_is_allowed() {
    let values = crate::files::yaml(&text("helm/mutt/values.yaml"));
    let secrets = "/etc/mutt/secrets";
    let config = format!(
        "{}\n[input.syslog_tls.tls]\ncertificate = \"{secrets}/server.pem\"\n\
         key = \"{secrets}/server.key\"\n",
        values["config"].as_str().expect("settings")
    );
    let rendered = |allowed: bool| {
        let plain = json!({ "enabled": true, "allowPlaintext": allowed });
        let tls = json!({ "enabled": true });
        rendered(&json!({ "config": config, "doors": { "syslogTls": tls, "relp": plain } }))
    };
    let documents = rendered(true);
    assert!(of_kind(&documents, "Service").iter().any(|one| one.to_string().contains("6514")));
    let folder = folder();
    let made = Mutt::command().args(["cert", "dev"]).arg(folder.path()).output().expect("mutt");
    assert!(made.status.success(), "{}", printed(&made));
    for (documents, right) in [(documents, true), (rendered(false), false)] {
        let settings = &of_kind(&documents, "ConfigMap")[0]["data"]["mutt.toml"];
        let settings = settings.as_str().expect("settings");
        let settings = settings_with_secrets(folder.path(), settings, secrets);
        let deployments = of_kind(&documents, "Deployment");
        let named = |one: &&&Value| one["metadata"]["name"] == "mutt-ingest";
        let ingest = deployments.iter().find(named).expect("mutt ingest");
        let container = &ingest["spec"]["template"]["spec"]["containers"][0];
        let mut command = Mutt::command();
        command.env_clear().arg("check").arg("--config").arg(&settings);
        for one in container["env"].as_array().expect("variables") {
            let text = |key: &str| one[key].as_str().expect("a text").to_owned();
            command.env(text("name"), text("value")).env("MUTT_CONFIG", &settings);
        }
        let output = command.output().expect("mutt check");
        assert_eq!(output.status.success(), right, "{}", printed(&output));
        assert_eq!(printed(&output).contains("input.relp.allow_plaintext: missing"), !right);
    }
}

#[test]
fn each_pod_runs_as_65532_with_a_read_only_root_and_no_capabilities() {
    for deployment in of_kind(&rendered(&json!({})), "Deployment") {
        let pod = &deployment["spec"]["template"]["spec"];
        let who = &pod["securityContext"];
        assert_eq!((&who["runAsNonRoot"], &who["runAsUser"]), (&json!(true), &json!(65_532)));
        assert_eq!(who["seccompProfile"]["type"], "RuntimeDefault");
        let container = &pod["containers"][0];
        let may = json!({
            "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
            "capabilities": { "drop": ["ALL"] },
        });
        assert_eq!(container["securityContext"], may);
        assert_eq!(pod["automountServiceAccountToken"], false);
        assert!(container["resources"]["limits"]["memory"].is_string());
        assert_eq!(pod["topologySpreadConstraints"].as_array().expect("spread").len(), 2);
        let probe = |name: &str| container[name]["httpGet"]["path"].clone();
        assert_eq!([probe("livenessProbe"), probe("readinessProbe")], ["/livez", "/readyz"]);
        // Secrets are files, of a Secret that exists.
        let secret =
            pod["volumes"].as_array().expect("volumes").iter().find_map(|v| v.get("secret"));
        assert_eq!(secret.expect("a secret")["secretName"], "mutt");
    }
}

#[test]
fn variables_that_kubernetes_makes_of_services_are_off_since_mutt_refuses_them() {
    for deployment in of_kind(&rendered(&json!({})), "Deployment") {
        assert_eq!(deployment["spec"]["template"]["spec"]["enableServiceLinks"], false);
    }
    let made = [("MUTT_WEB_SERVICE_HOST", "10.0.0.1")];
    let refused = Mutt::command().arg("check").envs(made).output().expect("mutt");
    assert_eq!(refused.status.code(), Some(2), "{}", printed(&refused));
}

#[test]
fn a_pod_has_longer_to_stop_than_mutt_takes() {
    let documents = rendered(&json!({}));
    let settings = of_kind(&documents, "ConfigMap")[0]["data"]["mutt.toml"].to_string();
    assert!(!settings.contains("shutdown_ms"), "the default of 10 s holds");
    for deployment in of_kind(&documents, "Deployment") {
        let grace = &deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"];
        assert!(grace.as_u64().expect("seconds") >= 20);
    }
}

/// Ports of a policy's rules: how many each rule has, in order.
fn open(policy: &Value, way: &str) -> Vec<String> {
    let rules = policy["spec"][way].as_array().expect("rules");
    let ports = rules.iter().flat_map(|rule| rule["ports"].as_array().expect("ports"));
    let mut ports: Vec<String> = ports
        .map(|port| format!("{}/{}", port["port"], port["protocol"].as_str().expect("a protocol")))
        .collect();
    ports.sort();
    ports
}

#[test]
fn only_the_doors_that_are_used_are_open() {
    let documents = rendered(&json!({ "doors": { "relp": { "enabled": false } } }));
    let policies = of_kind(&documents, "NetworkPolicy");
    let policy = |name: &str| policies.iter().find(|p| p["metadata"]["name"] == name).expect(name);
    let ingest = ["5162/UDP", "5514/TCP", "5514/UDP", "9514/TCP"];
    assert_eq!(open(policy("mutt-ingest"), "ingress"), ingest);
    assert_eq!(open(policy("mutt-web"), "ingress"), ["8515/TCP", "9514/TCP"]);
    for role in ["mutt-alert", "mutt-forward"] {
        assert_eq!(open(policy(role), "ingress"), ["9514/TCP"]);
    }
    assert_eq!(open(policy("mutt-ingest"), "egress"), ["53/TCP", "53/UDP", "6379/TCP"]);
    let forward = ["162/UDP", "443/TCP", "514/TCP", "53/TCP", "53/UDP", "5432/TCP", "6379/TCP"];
    assert_eq!(open(policy("mutt-forward"), "egress"), forward);
    let services = of_kind(&documents, "Service");
    assert!(!services.iter().any(|service| service.to_string().contains("relp")));
}

#[test]
fn alert_and_forward_scale_by_the_age_of_their_queue() {
    let documents = rendered(&all_on());
    let adapter = text("prometheus/adapter.yml");
    for (role, metric, reader) in [
        ("mutt-alert", "mutt_judge_queue_age_seconds", "reader=\"judge\""),
        ("mutt-forward", "mutt_archive_queue_age_seconds", "reader=~\"archive/.*\""),
    ] {
        let scalers = of_kind(&documents, "HorizontalPodAutoscaler");
        let scaler = scalers.iter().find(|s| s["metadata"]["name"] == role).expect(role);
        assert_eq!(scaler["spec"]["scaleTargetRef"]["name"], role);
        assert_eq!(scaler["spec"]["metrics"][0]["external"]["metric"]["name"], metric);
        let rule = adapter.split("- seriesQuery").find(|rule| rule.contains(metric)).expect(metric);
        assert!(rule.contains(reader), "{rule}");
        // Who is scaled has no count of its own.
        let deployments = of_kind(&documents, "Deployment");
        let deployment = deployments.iter().find(|d| d["metadata"]["name"] == role).expect(role);
        assert!(deployment["spec"].get("replicas").is_none());
    }
}

#[test]
fn every_service_and_monitor_names_a_port_that_pods_have() {
    let documents = rendered(&all_on());
    let deployments = of_kind(&documents, "Deployment");
    for service in of_kind(&documents, "Service") {
        let selector = service["spec"]["selector"].as_object().expect("a selector");
        let fits = |deployment: &&&Value| {
            let labels = &deployment["spec"]["template"]["metadata"]["labels"];
            selector.iter().all(|(key, value)| &labels[key] == value)
        };
        let pods: Vec<_> = deployments.iter().filter(fits).collect();
        assert!(!pods.is_empty(), "{service:#}");
        for port in service["spec"]["ports"].as_array().expect("ports") {
            for pod in &pods {
                let ports = &pod["spec"]["template"]["spec"]["containers"][0]["ports"];
                let mut ports = ports.as_array().expect("ports").iter();
                assert!(ports.any(|of| of["name"] == port["targetPort"]), "{port}");
            }
        }
    }
    let monitor = of_kind(&documents, "ServiceMonitor")[0];
    assert_eq!(monitor["spec"]["endpoints"][0]["port"], "admin");
}
