//! Whether a server keeps what it says it has: its settings, and its replicas'.
//!
//! From: CONFIG GET and INFO. To: a list of what is weak, in words.

use redis::{Pipeline, pipe};

use super::link::{Link, info};
use super::options::{Durability, RedisOptions};
use super::topology::Masters;
use super::trouble::Trouble;

/// What makes an acknowledged message survive a crash of the server.
const FILE: [(&str, &str); 2] = [("appendonly", "yes"), ("appendfsync", "always")];

/// Asks the master at `link`; in strict durability anything weak is an error, else it is answered.
pub(super) async fn check(
    link: &Link,
    masters: &Masters,
    options: &RedisOptions,
) -> Result<Vec<String>, Trouble> {
    let weak = weaknesses(link, masters, options).await?;
    if options.durability == Durability::Relaxed || weak.is_empty() {
        return Ok(weak);
    }
    Err(Trouble::Weak(format!(
        "{}; or choose durability = \"relaxed\", which loses what such a server loses",
        weak.join("; ")
    )))
}

async fn weaknesses(
    link: &Link,
    masters: &Masters,
    options: &RedisOptions,
) -> Result<Vec<String>, Trouble> {
    let mut about = link.ask(pipe().cmd("INFO").arg("replication")).await?;
    let about = about.text()?;
    let replicas: Vec<String> = replicas(&about).collect();
    let mut weak = settings(link, &FILE, options).await?;
    weak.extend(settings(link, &[("maxmemory-policy", "noeviction")], options).await?);
    if !replicas.is_empty() || masters.may_fail_over() {
        weak.extend(least_replicas(link, options).await?);
        if options.replicas == 0 {
            weak.push(
                "replicas is 0, but must be at least 1, since a replica may take over".into(),
            );
        }
    }
    for address in replicas {
        // One that cannot be reached from here may be sound: its master speaks for it.
        let Ok(replica) = Link::open(&masters.login, &address).await else { continue };
        weak.extend(settings(&replica, &FILE, options).await?);
    }
    Ok(weak)
}

/// The addresses of the replicas that follow.
fn replicas(about: &str) -> impl Iterator<Item = String> {
    let count = info(about, "connected_slaves").and_then(|text| text.parse().ok()).unwrap_or(0);
    (0..count).filter_map(|n: u32| {
        let line = info(about, &format!("slave{n}"))?;
        let field = |name| line.split(',').find_map(|pair| pair.strip_prefix(name));
        let (host, port) = (field("ip=")?, field("port=")?);
        Some(if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") })
    })
}

/// Which of `wanted` the server has otherwise.
async fn settings(
    link: &Link,
    wanted: &[(&str, &str)],
    options: &RedisOptions,
) -> Result<Vec<String>, Trouble> {
    let mut weak = Vec::new();
    for (name, must) in wanted {
        match config(link, name, options).await? {
            Config::Value(has) if has == *must => {}
            Config::Value(has) => {
                weak.push(format!("{name} is {has} at {}, but must be {must}", link.address))
            }
            Config::Declared => {}
            Config::Forbidden => return Ok(vec![forbidden(link)]),
        }
    }
    Ok(weak)
}

async fn least_replicas(link: &Link, options: &RedisOptions) -> Result<Option<String>, Trouble> {
    let name = "min-replicas-to-write";
    Ok(match config(link, name, options).await? {
        Config::Value(has) if has.parse::<u32>().is_ok_and(|has| has >= 1) => None,
        Config::Value(has) => {
            Some(format!("{name} is {has} at {}, but must be at least 1", link.address))
        }
        Config::Declared => None,
        Config::Forbidden => Some(forbidden(link)),
    })
}

enum Config {
    Value(String),
    Declared,
    Forbidden,
}

fn forbidden(link: &Link) -> String {
    format!(
        "{} forbids CONFIG GET, so its settings are not known: allow it, or set declared = true \
         if you know that they are appendonly yes, appendfsync always, maxmemory-policy noeviction",
        link.address
    )
}

async fn config(link: &Link, name: &str, options: &RedisOptions) -> Result<Config, Trouble> {
    let mut ask = Pipeline::new();
    ask.cmd("CONFIG").arg("GET").arg(name);
    match link.ask(&ask).await.and_then(|mut answers| answers.list()) {
        Ok(mut pair) if pair.len() == 2 => {
            pair.skip()?;
            Ok(Config::Value(pair.text()?))
        }
        // A managed service may answer with nothing, or not at all.
        Ok(_) | Err(Trouble::Refused { .. }) if options.declared => Ok(Config::Declared),
        Ok(_) | Err(Trouble::Refused { .. }) => Ok(Config::Forbidden),
        Err(trouble) => Err(trouble),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_are_found_in_info() {
        let about = "# Replication\r\nrole:master\r\nconnected_slaves:2\r\n\
            slave0:ip=10.0.0.7,port=6380,state=online,offset=14,lag=1\r\n\
            slave1:ip=fd00::1,port=6381,state=online,offset=14,lag=1\r\nmaster_replid:ab\r\n";
        let found: Vec<String> = replicas(about).collect();
        assert_eq!(found, ["10.0.0.7:6380", "[fd00::1]:6381"]);
        assert_eq!(replicas("role:master\r\nconnected_slaves:0\r\n").count(), 0);
    }
}
