//! Opens a journal in Redis, or makes it: its key, then each lane's state.
//!
//! From: the options. To: the lanes, each looked at once. The journal's key says at last that it is
//! complete, so a lane whose state is gone later is known to be lost, and never begins anew.

use std::sync::Arc;

use redis::{Pipeline, cmd, pipe};
use tokio::runtime::Handle;
use uuid::Uuid;

use super::core::{Core, Site, locked};
use super::durability;
use super::keys::{self, Keys};
use super::link::Link;
use super::options::RedisOptions;
use super::script;
use super::topology::Masters;
use super::trouble::Trouble;
use super::watcher;
use crate::options::OpenError;

/// The format that this program writes and reads.
const VERSION: u32 = 1;

/// The lanes of the journal, in order.
pub(super) async fn open(
    options: RedisOptions,
    runtime: Handle,
) -> Result<(Arc<Site>, Vec<Arc<Core>>), OpenError> {
    options.check()?;
    let masters = Masters::new(&options)?;
    let key = keys::journal(&options.prefix);
    let cannot = |trouble: Trouble| OpenError::io("open the journal in Redis")(trouble.into_io());
    let link = masters.open(keys::slot(&key)).await.map_err(cannot)?;
    durability::check(&link, &masters, &options).await.map_err(cannot)?;
    let (identity, complete) = journal(&link, &key, &options).await?;
    let site = Arc::new(Site { options, masters, identity, runtime });
    let mut lanes = Vec::with_capacity(usize::from(site.options.partitions));
    for partition in 0..site.options.partitions {
        let core = Core::new(Arc::clone(&site), partition);
        make_lane(&core, complete).await.map_err(cannot)?;
        watcher::look(&core, true).await.map_err(cannot)?;
        lanes.push(Arc::new(core));
    }
    let mut done = Pipeline::new();
    done.cmd("HSET").arg(&key).arg("complete").arg(1);
    link.ask(&done).await.map_err(cannot)?;
    Ok((site, lanes))
}

/// The journal's identity, and whether all its lanes were made before.
async fn journal(
    link: &Link,
    key: &str,
    options: &RedisOptions,
) -> Result<(Uuid, bool), OpenError> {
    let cannot = |trouble: Trouble| OpenError::io(format!("read {key}"))(trouble.into_io());
    let mut ask = Pipeline::new();
    // Whoever comes first decides, field by field.
    for (field, value) in [
        ("identity", Uuid::now_v7().to_string()),
        ("partitions", options.partitions.to_string()),
        ("version", VERSION.to_string()),
    ] {
        ask.cmd("HSETNX").arg(key).arg(field).arg(value).ignore();
    }
    ask.cmd("HMGET").arg(key).arg(&["identity", "partitions", "version", "complete"]);
    let mut answers = link.ask(&ask).await.map_err(cannot)?;
    while answers.len() > 1 {
        answers.skip().map_err(cannot)?;
    }
    let mut fields = answers.list().map_err(cannot)?;
    let identity = fields.text().map_err(cannot)?;
    let (has, version) = (fields.number().map_err(cannot)?, fields.number().map_err(cannot)?);
    let complete = fields.number().map_err(cannot)? == 1;
    if version != u64::from(VERSION) {
        let version = u32::try_from(version).unwrap_or(u32::MAX);
        return Err(OpenError::Version { file: key.to_owned(), version, known: VERSION });
    }
    if has != u64::from(options.partitions) {
        let has = u16::try_from(has).unwrap_or(u16::MAX);
        let (key, wants) = (key.to_owned(), options.partitions);
        return Err(OpenError::RedisPartitions { key, has, wants });
    }
    let identity = Uuid::parse_str(&identity)
        .map_err(|_| cannot(Trouble::Unexpected("an identity that is no UUID")))?;
    Ok((identity, complete))
}

/// Makes the state of a lane that has none.
async fn make_lane(core: &Core, complete: bool) -> Result<(), Trouble> {
    let site = &core.site;
    let link = site.masters.open(core.keys.slot).await?;
    *locked(&core.weak) = durability::check(&link, &site.masters, &site.options).await?;
    let Keys { state, .. } = &core.keys;
    let identity = site.identity.to_string();
    let mut make = cmd("EVAL");
    make.arg(script::MAKE).arg(1).arg(state).arg(&identity).arg(u8::from(complete));
    let has = link.ask(pipe().add_command(make)).await?.text()?;
    if has == identity { Ok(()) } else { Err(Trouble::Gone(state.clone())) }
}
