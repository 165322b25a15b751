//! The stand-in NetIM and Moogsoft, for tests without a runtime of their own.

use std::sync::Arc;

use mutt_output::standin::{Door, Keep, Moogsoft, NetIm, Reply};
use mutt_tls::Acceptor;
use tokio::runtime::Runtime;

use super::wait;

/// Both receivers, and the runtime that serves them.
pub struct Receivers {
    /// The stand-in NetIM.
    pub netim: NetIm,
    /// The stand-in Moogsoft.
    pub moogsoft: Moogsoft,
    runtime: Runtime,
}

impl Receivers {
    /// Starts both on free ports.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// The same with a NetIM that speaks TLS.
    pub fn start_tls(tls: Arc<Acceptor>) -> Self {
        Self::start_with(Some(tls))
    }

    fn start_with(tls: Option<Arc<Acceptor>>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let (netim, moogsoft) = runtime.block_on(async {
            let netim = match tls {
                Some(tls) => NetIm::start_tls(Keep::All, tls).await,
                None => NetIm::start(Keep::All).await,
            };
            (
                netim.expect("a stand-in NetIM"),
                Moogsoft::start().await.expect("a stand-in Moogsoft"),
            )
        });
        Self { netim, moogsoft, runtime }
    }

    /// The sections of a configuration that archives here by `door`, traps too, and alerts here.
    pub fn config(&self, door: Door) -> String {
        self.config_with(door, "")
    }

    /// The same with more settings of `[archive.syslog]`.
    pub fn config_with(&self, door: Door, archive: &str) -> String {
        let transport = match door {
            Door::Tcp => "tcp",
            Door::Relp => "relp",
            Door::Udp | Door::Trap => "udp",
        };
        format!(
            "[archive]\nmode = \"on\"\n\
             [archive.syslog]\ntransport = \"{transport}\"\naddress = \"{syslog}\"\n{archive}\n\
             [archive.trap]\naddress = \"{trap}\"\n{destination}",
            syslog = self.netim.address(door),
            trap = self.netim.address(Door::Trap),
            destination = self.destination(),
        )
    }

    /// The section of the destination: the stand-in Moogsoft, quick to try again.
    pub fn destination(&self) -> String {
        format!(
            "[[destination]]\nname = \"moogsoft\"\nkind = \"moogsoft_webhook\"\nurl = \"{}\"\n\
             user = \"mutt\"\npassword = \"secret\"\nretry_first_ms = 20\nretry_max_ms = 200\n\
             breaker_open_ms = 100\ntimeout_ms = 1000\n\
             rate_per_s = 10000\nburst = 10000\n",
            self.moogsoft.webhook_url(),
        )
    }

    /// Waits until a door of NetIM has `count` messages, and returns all that it has.
    pub fn archived(&self, door: Door, count: usize) -> Vec<Vec<u8>> {
        wait::until(&format!("{count} messages at {door:?}"), || {
            let messages = self.netim.messages(door);
            if messages.len() >= count { Ok(messages) } else { Err(messages.len().to_string()) }
        })
    }

    /// Closes NetIM's sockets; connections break, ports refuse.
    pub fn stop_netim(&self) {
        self.runtime.block_on(self.netim.stop());
    }

    /// NetIM listens again on the same ports.
    pub fn start_netim(&self) {
        self.runtime.block_on(self.netim.start_again()).expect("the same ports");
    }

    /// How Moogsoft answers from now on.
    pub fn moogsoft_answers(&self, reply: Reply) {
        self.moogsoft.answer(reply);
    }
}
