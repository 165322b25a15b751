//! `mutt user`: people who may sign in, made and changed in the database itself, so that there is a
//! way in when nobody can sign in. MUTT may run meanwhile; it knows within two seconds.
//!
//! Also the first start: an admin with a one-time password.

use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use clap::Subcommand;
use mutt_api::{keys, passwords, users};
use mutt_journal::{Clock, SystemClock};
use mutt_pipeline::book::{Parts, Proposal, Role, User};
use mutt_store::{
    CatalogStore, Edit, Ending, Kind, People, PeopleChange, RevisionQuery, SqlStore, StoreError,
};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Settings;
use crate::keys::{role, who};
use crate::run::open_store;

/// The name of who is made at a first start.
const FIRST: &str = "admin";
/// The first start is tried again on what others changed meanwhile.
const TRIES: usize = 5;
const TRY_AGAIN: Duration = Duration::from_millis(50);

/// People who may sign in.
#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a user and print a one-time password: it is kept nowhere else.
    Add {
        /// The name that they sign in with.
        name: String,
        /// viewer, operator, author or admin.
        #[arg(long, value_parser = role)]
        role: Role,
        /// What people call them.
        #[arg(long, default_value = "")]
        display_name: String,
        /// A team whose alerts, silences and rules they may change; without it all.
        #[arg(long = "team")]
        teams: Vec<String>,
    },
    /// List all users.
    List,
    /// Print a new one-time password for a user; their sessions end, and a lock is lifted.
    Reset {
        /// The name.
        name: String,
    },
    /// Let a user sign in no more; their sessions end.
    Disable {
        /// The name.
        name: String,
    },
    /// Let a user sign in again.
    Enable {
        /// The name.
        name: String,
    },
    /// Take a user away; their sessions end.
    Delete {
        /// The name.
        name: String,
    },
}

/// Does what was asked.
///
/// # Errors
/// With what is wrong and what to do.
pub fn run(settings: &Settings, command: &UserCommand) -> Result<()> {
    crate::client::block_on(async {
        crate::secrets::read_once(settings).await?;
        let store = open_store(&settings.database).await?;
        let done = execute(&store, command).await;
        store.close().await;
        done
    })
}

async fn execute(store: &SqlStore, command: &UserCommand) -> Result<()> {
    let change = async |name: &str, apply: &dyn Fn(&mut User)| change(store, name, apply).await;
    match command {
        UserCommand::Add { name, role, display_name, teams } => {
            let rights = (*role, display_name.as_str(), teams.as_slice());
            println!("{}", add(store, name, rights).await?.expose_secret());
        }
        UserCommand::List => {
            for user in Parts::read(&store.catalog().await?).users {
                println!("{}", line(&user));
            }
        }
        UserCommand::Reset { name } => {
            let password = passwords::one_time();
            let hash = passwords::hash(&password).map_err(|why| anyhow!(why))?;
            let until = passwords::one_time_until(SystemClock.now());
            change(name, &|user| {
                user.password.clone_from(&hash);
                user.one_time_until = Some(until);
            })
            .await?;
            let forgive = Some(name.clone());
            store.people(PeopleChange { forgive, ..PeopleChange::default() }).await?;
            println!("{}", password.expose_secret());
        }
        UserCommand::Disable { name } => change(name, &|user| user.disabled = true).await?,
        UserCommand::Enable { name } => change(name, &|user| user.disabled = false).await?,
        UserCommand::Delete { name } => {
            edit(store, "mutt user", |parts, proposal| {
                known(parts, name)?;
                proposal.remove(Kind::User, name);
                Ok(())
            })
            .await?;
            end_sessions(store, name).await?;
        }
    }
    Ok(())
}

async fn add(
    store: &SqlStore,
    name: &str,
    (role, display_name, teams): (Role, &str, &[String]),
) -> Result<SecretString> {
    keys::check_name(name).map_err(|why| anyhow!(why))?;
    users::check_teams(role, teams).map_err(|why| anyhow!("--team: {why}"))?;
    let user = User {
        name: name.to_owned(),
        display_name: display_name.to_owned(),
        role,
        teams: teams.to_vec(),
        password: String::new(),
        one_time_until: None,
        disabled: false,
    };
    let made = users::with_one_time(user, SystemClock.now());
    let (user, password) = made.map_err(|why| anyhow!(why))?;
    edit(store, "mutt user", |parts, proposal| {
        let is_key = parts.keys.iter().any(|key| key.name == name);
        if is_key || known(parts, name).is_ok() {
            bail!("{} `{name}` is there already", if is_key { "key" } else { "user" });
        }
        proposal.put_user(user.clone());
        Ok(())
    })
    .await?;
    Ok(password)
}

/// Makes an admin with a password that is known and lasts, for the demo.
///
/// # Errors
/// When the database does not answer.
pub async fn add_lasting(store: &SqlStore, name: &str, password: &SecretString) -> Result<()> {
    let user = User {
        name: name.to_owned(),
        display_name: String::new(),
        role: Role::Admin,
        teams: Vec::new(),
        password: passwords::hash(password).map_err(|why| anyhow!(why))?,
        one_time_until: None,
        disabled: false,
    };
    edit(store, "mutt demo", |_, proposal| {
        proposal.put_user(user.clone());
        Ok(())
    })
    .await
}

fn known<'p>(parts: &'p Parts, name: &str) -> Result<&'p User> {
    let user = parts.users.iter().find(|user| user.name == name);
    user.ok_or_else(|| anyhow!("there is no user `{name}`"))
}

/// Changes a user; running processes see that, and end their sessions.
async fn change(store: &SqlStore, name: &str, apply: &dyn Fn(&mut User)) -> Result<()> {
    edit(store, "mutt user", |parts, proposal| {
        let mut user = known(parts, name)?.clone();
        apply(&mut user);
        proposal.put_user(user);
        Ok(())
    })
    .await?;
    end_sessions(store, name).await
}

async fn end_sessions(store: &SqlStore, name: &str) -> Result<()> {
    let end = Some(Ending::AllOf(name.to_owned()));
    store.people(PeopleChange { end, ..PeopleChange::default() }).await?;
    Ok(())
}

/// Makes one change, as one revision.
async fn edit(
    store: &SqlStore,
    why: &str,
    apply: impl Fn(&Parts, &mut Proposal) -> Result<()>,
) -> Result<()> {
    let catalog = store.catalog().await?;
    let parts = Parts::read(&catalog);
    let mut proposal = Proposal::of(parts.clone());
    apply(&parts, &mut proposal)?;
    let edit = Edit {
        base: catalog.revision,
        at: SystemClock.now(),
        who: who(),
        from: String::new(),
        why: why.to_owned(),
        items: proposal.edits(),
    };
    store.edit(edit).await?;
    Ok(())
}

fn line(user: &User) -> String {
    let standing = match (user.disabled, user.one_time_until) {
        (true, _) => "disabled".to_owned(),
        (false, Some(end)) if SystemClock.now() >= end => "one-time password over".to_owned(),
        (false, Some(end)) => format!("one-time password until {end}"),
        (false, None) => "signs in".to_owned(),
    };
    let teams = if user.teams.is_empty() { "all teams".to_owned() } else { user.teams.join(", ") };
    format!("{:<24} {:<9} {teams}; {standing}", user.name, user.role.name())
}

/// Makes an admin if there never was a user, once over all processes, and says their one-time
/// password on standard error, past the log.
///
/// # Errors
/// When the database does not answer.
pub async fn first_start(store: &SqlStore) -> Result<()> {
    for _ in 0..TRIES {
        let ever = RevisionQuery { kind: Some(Kind::User), limit: 1, ..Default::default() };
        if !store.revisions(ever).await?.is_empty() {
            return Ok(());
        }
        let catalog = store.catalog().await?;
        let user = User {
            name: FIRST.to_owned(),
            display_name: String::new(),
            role: Role::Admin,
            teams: Vec::new(),
            password: String::new(),
            one_time_until: None,
            disabled: false,
        };
        let make = move || users::with_one_time(user, SystemClock.now());
        let made = tokio::task::spawn_blocking(make).await?;
        let (user, password) = made.map_err(|why| anyhow!(why))?;
        let mut proposal = Proposal::of(Parts::read(&catalog));
        proposal.put_user(user);
        let edit = Edit {
            base: catalog.revision,
            at: SystemClock.now(),
            who: "mutt".to_owned(),
            from: String::new(),
            why: "first start: no user yet".to_owned(),
            items: proposal.edits(),
        };
        match store.edit(edit).await {
            Ok(_) => {
                say(&password);
                return Ok(());
            }
            Err(StoreError::Outdated { .. }) => tokio::time::sleep(TRY_AGAIN).await,
            Err(error) => return Err(error.into()),
        }
    }
    bail!("others change the catalog all the time: no first user could be made")
}

fn say(password: &SecretString) {
    tracing::info!("first start: made the user `{FIRST}`; the password is on standard error");
    eprintln!(
        "\nFirst start: sign in as `{FIRST}` with the one-time password\n\n    {}\n\n\
         within {} hours, and set another. It is shown this once; `mutt user reset {FIRST}` makes \
         a new one.\n",
        password.expose_secret(),
        passwords::ONE_TIME_HOURS
    );
}
