//! Pieces of a configuration.

use std::net::SocketAddr;

/// The sections of an archive by `transport`, with more settings of `[archive.syslog]`.
pub fn archive(transport: &str, address: SocketAddr, more: &str) -> String {
    format!(
        "[archive]\nmode = \"on\"\n\
         [archive.syslog]\ntransport = \"{transport}\"\naddress = \"{address}\"\n{more}\n"
    )
}
