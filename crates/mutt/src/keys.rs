//! `mutt key`: keys of the API, made and taken away in the database itself, so that there is a way
//! in before there is a key. MUTT may run meanwhile; it knows within two seconds.

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use mutt_api::{auth, keys, users};
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
        /// A group of paths that it opens, such as alerts or rules; without it all.
        #[arg(long = "scope")]
        scope: Vec<String>,
        /// A team whose alerts, silences and rules it may change; without it all.
        #[arg(long = "team")]
        teams: Vec<String>,
    },
    /// List all keys.
    List,
    /// Take a key away: within two seconds it opens nothing anywhere.
    Delete {
        /// Its name.
        name: String,
    },
}

pub(crate) fn role(text: &str) -> Result<Role, String> {
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
        KeyCommand::Create { name, role, days, scope, teams } => {
            keys::check_name(name).map_err(|why| anyhow!(why))?;
            let lifetime =
                days.map(keys::days).transpose().map_err(|why| anyhow!("--days {why}"))?;
            keys::check_scope(scope).map_err(|why| anyhow!("--scope: {why}"))?;
            users::check_teams(*role, teams).map_err(|why| anyhow!("--team: {why}"))?;
            let key = auth::new_key();
            let (scope, teams) = (scope.clone(), teams.clone());
            let access = keys::access(name, *role, key.expose_secret(), lifetime);
            let access = Access { scope, teams, ..access };
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
    let of = |what: &str, list: &[String]| match list {
        [] => String::new(),
        list => format!("; {what}: {}", list.join(", ")),
    };
    let (scope, teams) = (of("opens", &key.scope), of("teams", &key.teams));
    let (name, role) = (&key.name, key.role.name());
    format!("{name:<24} {role:<9} made {}, {ends}{scope}{teams}", key.made_at)
}

/// Makes one change of a key, as one revision.
async fn change(
    store: &SqlStore,
    name: &str,
    apply: impl Fn(&mut Proposal, bool) -> Result<()>,
) -> Result<()> {
    let catalog = store.catalog().await?;
    let known = catalog.get(Kind::Key, name).is_some();
    if catalog.get(Kind::User, name).is_some() {
        bail!("user `{name}` is there already: what is done by each is told apart by the name");
    }
    let mut proposal = Proposal::of(Parts::read(&catalog));
    apply(&mut proposal, known)?;
    let edit = Edit {
        base: catalog.revision,
        at: SystemClock.now(),
        who: who(),
        from: String::new(),
        why: "mutt key".to_owned(),
        items: proposal.edits(),
    };
    store.edit(edit).await?;
    Ok(())
}

/// Whoever sits at the terminal, as far as the environment tells.
pub(crate) fn who() -> String {
    let user = std::env::var("SUDO_USER").or_else(|_| std::env::var("USER"));
    format!("terminal:{}", user.unwrap_or_else(|_| "unknown".to_owned()))
}
