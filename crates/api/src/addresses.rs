//! Whom a request came from, and how often one address may fail to sign in at this process.
//!
//! The database limits attempts by name, over all processes; this keeps one address from trying
//! many names, and from filling that table.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use mutt_event::Timestamp;

/// Failures of an address in [`WINDOW`]; people behind one proxy share it.
const FAILURES_MAX: u32 = 60;
const WINDOW: Duration = Duration::from_secs(15 * 60);
/// So many addresses are remembered; more make the oldest be forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// The other end of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Peer(pub SocketAddr);

/// Failures by address.
#[derive(Default)]
pub struct Addresses(Mutex<HashMap<IpAddr, (u32, Timestamp)>>);

impl Addresses {
    /// Until when an address is refused.
    pub fn refused_until(&self, address: IpAddr, now: Timestamp) -> Option<Timestamp> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (failures, since) = known.get(&network(address))?;
        let until = since.after(WINDOW);
        (*failures >= FAILURES_MAX && now < until).then_some(until)
    }

    /// Counts a failure.
    pub fn failed(&self, address: IpAddr, now: Timestamp) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let address = network(address);
        if known.len() >= ADDRESSES_MAX && !known.contains_key(&address) {
            known.retain(|_, (_, since)| now < since.after(WINDOW));
            if known.len() >= ADDRESSES_MAX
                && let Some(oldest) =
                    known.iter().min_by_key(|(_, (_, since))| *since).map(|(address, _)| *address)
            {
                known.remove(&oldest);
            }
        }
        let (failures, since) = known.entry(address).or_insert((0, now));
        if now >= since.after(WINDOW) {
            (*failures, *since) = (0, now);
        }
        *failures += 1;
    }
}

/// Who has one IPv6 address has its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let bits = u128::from(v6) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(bits))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn an_address_is_refused_after_many_failures_and_for_a_while() {
        let addresses = Addresses::default();
        let (one, same, other): (IpAddr, IpAddr, IpAddr) = (
            "2001:db8::1".parse().unwrap(),
            "2001:db8::2".parse().unwrap(),
            "192.0.2.1".parse().unwrap(),
        );
        for _ in 0..FAILURES_MAX {
            assert_eq!(addresses.refused_until(same, at(10)), None);
            addresses.failed(one, at(10));
        }
        assert_eq!(addresses.refused_until(same, at(20)), Some(at(910)), "the same network");
        assert_eq!(addresses.refused_until(other, at(20)), None);
        assert_eq!(addresses.refused_until(same, at(910)), None);
    }

    #[test]
    fn no_more_addresses_are_remembered_than_fit() {
        let addresses = Addresses::default();
        for number in 0..20_000_u32 {
            addresses.failed(IpAddr::V4(number.into()), at(i64::from(number) / 1_000));
        }
        assert!(addresses.0.lock().unwrap().len() <= ADDRESSES_MAX);
    }
}
