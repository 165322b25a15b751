//! A real OpenBao: sealed and unsealed by its key, with its files in a folder, on a port of its own.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::child::Running;
use super::{ports, tools, wait};

/// A running OpenBao with AppRole and a KV engine of version 2 at `secret/`.
pub struct OpenBao {
    pub process: Running,
    /// Where it listens for the test, without TLS.
    pub address: SocketAddr,
    folder: PathBuf,
    key: String,
    root: String,
    namespace: String,
}

/// A role's two halves.
pub struct Role {
    pub role_id: String,
    pub secret_id: String,
}

impl OpenBao {
    /// Starts one; `listener` is a second one's settings.
    pub fn start(folder: &Path, listener: &str) -> Self {
        let address = ports::free();
        let (at, cluster) = (folder.join("raft"), ports::free());
        fs::create_dir(&at).expect("a folder for its storage");
        let config = format!(
            "storage \"raft\" {{\n path = {at:?}\n node_id = \"test\"\n}}\n\
             listener \"tcp\" {{\n address = \"{address}\"\n tls_disable = true\n}}\n{listener}\n\
             api_addr = \"http://{address}\"\ncluster_addr = \"http://{cluster}\"\n",
        );
        fs::write(folder.join("bao.hcl"), config).expect("its configuration");
        let process = launch(folder);
        let mut this = Self {
            process,
            address,
            folder: folder.to_owned(),
            key: String::new(),
            root: String::new(),
            namespace: String::new(),
        };
        this.wait_listening();
        let shares = json!({ "secret_shares": 1, "secret_threshold": 1 });
        let made = this.must("POST", "sys/init", &shares);
        this.key = text(&made["keys_base64"][0]);
        this.root = text(&made["root_token"]);
        this.unseal();
        this.engines();
        this
    }

    fn engines(&self) {
        let kv = json!({ "type": "kv", "options": { "version": "2" } });
        self.must("POST", "sys/mounts/secret", &kv);
        self.must("POST", "sys/auth/approle", &json!({ "type": "approle" }));
        // An engine that was just mounted is still being upgraded to version 2.
        wait::until("the KV engine", || match self.ask("GET", "secret/config", &Value::Null) {
            (200, _) => Ok(()),
            other => Err(format!("{other:?}")),
        });
    }

    /// Goes on in a new namespace, with engines of its own.
    pub fn in_namespace(&mut self, name: &str) {
        self.must("POST", &format!("sys/namespaces/{name}"), &json!({}));
        name.clone_into(&mut self.namespace);
        self.engines();
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The token that may do all.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// Makes the secret `secret/mutt` this.
    pub fn put(&self, fields: &Value) {
        self.put_at("mutt", fields);
    }

    /// Makes a secret this.
    pub fn put_at(&self, path: &str, fields: &Value) {
        self.must("POST", &format!("secret/data/{path}"), &json!({ "data": fields }));
    }

    /// A role that may read `secret/mutt`; `token` are settings of its tokens.
    pub fn role(&self, token: &Value) -> Role {
        let policy = "path \"secret/data/mutt\" { capabilities = [\"read\"] }";
        self.must("PUT", "sys/policies/acl/mutt", &json!({ "policy": policy }));
        let mut role = json!({ "token_policies": ["mutt"] });
        for (name, value) in token.as_object().expect("settings") {
            role[name] = value.clone();
        }
        self.must("POST", "auth/approle/role/mutt", &role);
        let id = self.must("GET", "auth/approle/role/mutt/role-id", &Value::Null);
        let secret = self.must("POST", "auth/approle/role/mutt/secret-id", &json!({}));
        Role {
            role_id: text(&id["data"]["role_id"]),
            secret_id: text(&secret["data"]["secret_id"]),
        }
    }

    /// A token that wraps another secret id of the role.
    pub fn wrapped_secret_id(&self) -> String {
        let path = "auth/approle/role/mutt/secret-id";
        let (status, answer) = self.send("POST", path, &json!({}), "X-Vault-Wrap-TTL: 300\r\n");
        assert_eq!(status, 200, "{answer}");
        text(&answer["wrap_info"]["token"])
    }

    /// Another secret id of the role; the old one opens nothing any more.
    pub fn another_secret_id(&self, old: &str) -> String {
        let path = "auth/approle/role/mutt/secret-id";
        self.must("POST", &format!("{path}/destroy"), &json!({ "secret_id": old }));
        text(&self.must("POST", path, &json!({}))["data"]["secret_id"])
    }

    /// Revokes all tokens that AppRole gave.
    pub fn revoke_tokens(&self) {
        self.must("POST", "sys/leases/revoke-prefix/auth/approle/login", &json!({}));
    }

    /// Seals it.
    pub fn seal(&self) {
        self.must("POST", "sys/seal", &json!({}));
    }

    /// Unseals it.
    pub fn unseal(&self) {
        self.must("POST", "sys/unseal", &json!({ "key": self.key }));
        wait::until("OpenBao to be unsealed", || {
            match self.ask("GET", "sys/health", &Value::Null) {
                (200, _) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        });
    }

    /// Starts it again with what it had; it is sealed then.
    pub fn start_again(&mut self) {
        self.process = launch(&self.folder);
        self.wait_listening();
    }

    fn wait_listening(&self) {
        wait::until("OpenBao to listen", || {
            TcpStream::connect(self.address).map(drop).map_err(|error| error.to_string())
        });
    }

    /// One call that must succeed.
    pub fn must(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(method, path, body);
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// One call: status and answer.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.send(method, path, body, "")
    }

    fn send(&self, method: &str, path: &str, body: &Value, headers: &str) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        // HTTP/1.0: the answer ends with the connection.
        let head = format!(
            "{method} /v1/{path} HTTP/1.0\r\nHost: bao\r\nX-Vault-Token: {}\r\n\
             X-Vault-Namespace: {}\r\nContent-Length: {}\r\n{headers}\r\n",
            self.root,
            self.namespace,
            body.len()
        );
        let mut stream = TcpStream::connect(self.address).expect("a connection to OpenBao");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        stream.write_all(head.as_bytes()).expect("a request's head");
        stream.write_all(body.as_bytes()).expect("a request's body");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
        let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

fn launch(folder: &Path) -> Running {
    let mut command = tools::bao();
    command.arg("server").arg("-config").arg(folder.join("bao.hcl")).env("HOME", folder);
    Running::start("bao", &mut command, folder)
}
