//! Where the master of a slot is: one server, what Sentinels say, or what a cluster's nodes say.
//!
//! From: the options' URLs. To: a [`Link`] to a master, found anew for each connection.

use mutt_secrets::{ExposeSecret, SecretString};
use redis::{ConnectionAddr, IntoConnectionInfo, cmd, pipe};

use super::link::{Answers, Link, Login};
use super::options::{RedisOptions, Topology};
use super::trouble::Trouble;
use crate::options::OpenError;

/// Finds masters.
#[derive(Debug)]
pub(super) struct Masters {
    nodes: Vec<String>,
    kind: Kind,
    pub login: Login,
}

#[derive(Debug)]
enum Kind {
    Single,
    Sentinel(String),
    Cluster,
}

impl Masters {
    /// From the options' URLs.
    pub fn new(options: &RedisOptions) -> Result<Self, OpenError> {
        let (urls, kind): (&[SecretString], Kind) = match &options.topology {
            Topology::Single(url) => (std::slice::from_ref(url), Kind::Single),
            Topology::Sentinel { urls, master_name } => (urls, Kind::Sentinel(master_name.clone())),
            Topology::Cluster { urls } => (urls, Kind::Cluster),
        };
        let mut login = None;
        let mut nodes = Vec::with_capacity(urls.len());
        for url in urls {
            let (node, this) = parse(url, options)?;
            nodes.push(node);
            login.get_or_insert(this);
        }
        let login = login.ok_or_else(|| OpenError::Options("no URL is given".to_owned()))?;
        if matches!(kind, Kind::Cluster) && login.database != 0 {
            let database = login.database;
            let what = format!("database {database} of a cluster, which has 0 only");
            return Err(OpenError::Options(what));
        }
        Ok(Self { nodes, kind, login })
    }

    /// Whether another server may take over.
    pub fn may_fail_over(&self) -> bool {
        !matches!(self.kind, Kind::Single)
    }

    /// A connection to the master of `slot`.
    pub async fn open(&self, slot: u16) -> Result<Link, Trouble> {
        let address = self.find(slot).await?;
        let link = Link::open(&self.login, &address).await?;
        let mut role = link.ask(pipe().cmd("ROLE")).await?.list()?;
        if role.text()? == "master" { Ok(link) } else { Err(Trouble::Replica(address)) }
    }

    /// The address of the master of `slot`, of the first node that knows.
    async fn find(&self, slot: u16) -> Result<String, Trouble> {
        let mut last = Trouble::NoMaster("no node is named".to_owned());
        for node in &self.nodes {
            let found = match &self.kind {
                Kind::Single => Ok(node.clone()),
                Kind::Sentinel(name) => self.ask_sentinel(node, name).await,
                Kind::Cluster => self.ask_cluster(node, slot).await,
            };
            match found {
                Ok(address) => return Ok(address),
                Err(trouble) => last = trouble,
            }
        }
        Err(last)
    }

    async fn ask_sentinel(&self, node: &str, name: &str) -> Result<String, Trouble> {
        let bare = Login { database: 0, ..self.login.clone() };
        let link = match Link::open(&bare, node).await {
            // The password is the servers'; Sentinels often have none.
            Err(Trouble::Refused { .. }) if bare.passwords.is_some() => {
                Link::open(&Login { user: None, passwords: None, ..bare }, node).await?
            }
            opened => opened?,
        };
        let mut ask = cmd("SENTINEL");
        ask.arg("get-master-addr-by-name").arg(name);
        let mut answers = link.ask(pipe().add_command(ask)).await?;
        let unknown = || Trouble::NoMaster(format!("Sentinel {node} knows no master `{name}`"));
        let mut found = answers.list().map_err(|_| unknown())?;
        let (host, port) = (found.text()?, found.number()?);
        Ok(address(&host, port))
    }

    async fn ask_cluster(&self, node: &str, slot: u16) -> Result<String, Trouble> {
        let link = Link::open(&self.login, node).await?;
        let mut ask = cmd("CLUSTER");
        ask.arg("SLOTS");
        let mut answers = link.ask(pipe().add_command(ask)).await?;
        let mut ranges = answers.list()?;
        while ranges.len() > 0 {
            let mut range = ranges.list()?;
            if let Some(found) = master_of(&mut range, slot, node)? {
                return Ok(found);
            }
        }
        Err(Trouble::NoMaster(format!("the cluster serves slot {slot} nowhere, says {node}")))
    }
}

/// The master of a range of slots, if `slot` is in it.
fn master_of(range: &mut Answers, slot: u16, asked: &str) -> Result<Option<String>, Trouble> {
    let (from, to) = (range.number()?, range.number()?);
    if !(from..=to).contains(&u64::from(slot)) {
        return Ok(None);
    }
    let mut master = range.list()?;
    let (host, port) = (master.text()?, master.number()?);
    // A node that does not know its own address says nothing: it is the one that was asked.
    let own = asked.rsplit_once(':').map_or(asked, |(host, _)| host);
    Ok(Some(if host.is_empty() { format!("{own}:{port}") } else { address(&host, port) }))
}

fn address(host: &str, port: u64) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// The address in a URL, and the login. Errors name no URL, since a password may stand in it.
fn parse(url: &SecretString, options: &RedisOptions) -> Result<(String, Login), OpenError> {
    let wrong = |what: &str| OpenError::Options(format!("a URL of Redis cannot be used: {what}"));
    let info = url.expose_secret().into_connection_info();
    let info = info.map_err(|error| wrong(error.category()))?;
    let ConnectionAddr::Tcp(host, port) = info.addr() else {
        return Err(wrong("redis://host:port is expected; TLS is an option beside it"));
    };
    let settings = info.redis_settings();
    let login = Login {
        user: settings.username().map(str::to_owned),
        passwords: options
            .passwords
            .clone()
            .or_else(|| settings.password().map(|text| SecretString::from(text).into())),
        database: settings.db(),
        tls: options.tls.clone(),
        connect_timeout: options.connect_timeout(),
        response_timeout: options.response_timeout(),
    };
    Ok((address(host, u64::from(*port)), login))
}
