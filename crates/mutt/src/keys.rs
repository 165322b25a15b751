//! `mutt key`: keys of the API, made and taken away in the database itself, so that there is a way
//! in before there is a key. MUTT may run meanwhile; it knows within two seconds.

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use mutt_api::{auth, keys};
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Access, Parts, Proposal, Role};
use mutt_store::{CatalogStore, Edit, Kind, SqlStore};
use secrecy::ExposeSecret;

use crate::config::Settings;
use crate::run::open_store;

/// Keys of the API.
#[derive(Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it: it is kept nowhere else.
    Create {
        /// Its name: what is done with it bears this name.
        name: String,
        /// viewer, operator, author or admin.
        #[arg(long, value_parser = role)]
        role: Role,
        /// After so many days it is refused; without it never.
        #[arg(long)]
        days: Option<u32>,
    },
    /// List all keys.
    List,
    /// Take a key away: within two seconds it opens nothing anywhere.
    Delete {
        /// Its name.
        name: String,
    },
}

fn role(text: &str) -> Result<Role, String> {
    let names = Role::ALL.map(Role::name).join(", ");
    Role::from_name(text).ok_or_else(|| format!("a role is one of {names}"))
}

/// Does what was asked.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(settings: &Settings, command: &KeyCommand) -> Result<()> {
    crate::client::block_on(async {
        crate::secrets::read_once(settings).await?;
        let store = open_store(&settings.database).await?;
        let done = execute(&store, command).await;
        store.close().await;
        done
    })
}

async fn execute(store: &SqlStore, command: &KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Create { name, role, days } => {
            keys::check_name(name).map_err(|why| anyhow!(why))?;
            let lifetime =
                days.map(keys::days).transpose().map_err(|why| anyhow!("--days {why}"))?;
            let key = auth::new_key();
            let access = keys::access(name, *role, key.expose_secret(), lifetime);
            change(store, name, |proposal, known| match known {
                true => bail!("key `{name}` is there already: delete it first"),
                false => {
                    proposal.put_key(access.clone());
                    Ok(())
                }
            })
            .await?;
            println!("{}", key.expose_secret());
        }
        KeyCommand::List => {
            for key in Parts::read(&store.catalog().await?).keys {
                println!("{}", line(&key));
            }
        }
        KeyCommand::Delete { name } => {
            change(store, name, |proposal, known| match known {
                true => {
                    proposal.remove(Kind::Key, name);
                    Ok(())
                }
                false => bail!("there is no key `{name}`"),
            })
            .await?;
        }
    }
    Ok(())
}

fn line(key: &Access) -> String {
    let ends = match key.expires_at {
        Some(end) if SystemClock.now() >= end => format!("ended {end}"),
        Some(end) => format!("ends {end}"),
        None => "never ends".to_owned(),
    };
    format!("{:<24} {:<9} made {}, {ends}", key.name, key.role.name(), key.made_at)
}

/// Makes one change of a key, as one revision.
async fn change(
    store: &SqlStore,
    name: &str,
    apply: impl Fn(&mut Proposal, bool) -> Result<()>,
) -> Result<()> {
    let catalog = store.catalog().await?;
    let known = catalog.get(Kind::Key, name).is_some();
    let mut proposal = Proposal::of(Parts::read(&catalog));
    apply(&mut proposal, known)?;
    let edit = Edit {
        base: catalog.revision,
        at: SystemClock.now(),
        who: who(),
        why: "mutt key".to_owned(),
        items: proposal.edits(),
    };
    store.edit(edit).await?;
    Ok(())
}

/// Whoever sits at the terminal, as far as the environment tells.
fn who() -> String {
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    format!("terminal:{}", user.unwrap_or_else(|_| "unknown".to_owned()))
}
