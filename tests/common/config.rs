//! Pieces of a configuration.

use std::net::SocketAddr;

/// The sections of an archive by `transport`, with more settings of `[archive.syslog]`.
pub fn archive(transport: &str, address: SocketAddr, more: &str) -> String {
    format!(
        "[archive]\nmode = \"on\"\n\
         [archive.syslog]\ntransport = \"{transport}\"\naddress = \"{address}\"\n{more}\n"
    )
}

/// The section of an on-prem Moogsoft, quick to try again, with more settings.
pub fn webhook(name: &str, url: &str, more: &str) -> String {
    let credentials = "user = \"mutt\"\npassword = \"secret\"";
    destination(name, "moogsoft_webhook", url, &format!("{credentials}\n{more}"))
}

/// The section of a Moogsoft Cloud, quick to try again, with more settings.
pub fn cloud(name: &str, url: &str, api_key: &str, more: &str) -> String {
    destination(name, "moogsoft_cloud", url, &format!("api_key = \"{api_key}\"\n{more}"))
}

fn destination(name: &str, kind: &str, url: &str, more: &str) -> String {
    format!(
        "[[destination]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = \"{url}\"\n\
         retry_first_ms = 20\nretry_max_ms = 200\ntimeout_ms = 2000\n{more}\n"
    )
}

/// The section of a Redis list, quick to try again, read by `worker`.
pub fn redis_list(list: &str, redis: SocketAddr, worker: &str) -> String {
    format!(
        "[[input.redis_list]]\nname = \"{list}\"\nurl = \"redis://{redis}\"\nlist = \"{list}\"\n\
         worker = \"{worker}\"\ndead_after_ms = 1000\ntimeout_ms = 1000\nretry_first_ms = 10\n\
         retry_max_ms = 100\n"
    )
}
