//! Syslog over UDP.

use std::net::{SocketAddr, UdpSocket};

use mutt_event::Input;
use mutt_input::{Refusal, SocketLimits, Udp, UdpConfig};

use crate::journal::{Journal, Mode, Running, loopback, raws, run, until};

fn start(journal: &Journal, config: UdpConfig) -> (SocketAddr, Running) {
    let udp = Udp::bind(UdpConfig { bind: loopback(), ..config }).unwrap();
    assert!(udp.receive_buffer_bytes() > 0);
    (udp.address(), run(journal, Input::SyslogUdp, |intake, stop| udp.serve(intake, stop)))
}

fn sender() -> UdpSocket {
    UdpSocket::bind(loopback()).unwrap()
}

#[tokio::test]
async fn a_datagram_is_a_message_byte_for_byte() {
    let journal = Journal::new(Mode::Store);
    let (address, running) = start(&journal, UdpConfig::default());
    let sender = sender();
    let sent: [&[u8]; 4] = [b"<13>a\nb\n", b"<13>c\0", b"\xff\x00 no syslog \r\n", &[b'x'; 65_507]];
    for raw in sent {
        sender.send_to(raw, address).unwrap();
    }
    let stored = journal.stored(4).await;
    assert_eq!(raws(&stored), sent);
    for message in &stored {
        assert_eq!((message.peer, message.session), (sender.local_addr().ok(), 0));
        assert!(!message.flags.truncated);
    }
    running.stop().await;
}

#[tokio::test]
async fn many_senders_over_all_sockets() {
    let journal = Journal::new(Mode::Store);
    let limits = SocketLimits { sockets: 3, ..SocketLimits::default() };
    let (address, running) = start(&journal, UdpConfig { limits, ..UdpConfig::default() });
    for n in 0..40 {
        let sender = sender();
        for m in 0..10 {
            sender.send_to(format!("<13>{n}.{m}").as_bytes(), address).unwrap();
        }
    }
    let stored = journal.stored(400).await;
    let mut all = raws(&stored);
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 400);
    running.stop().await;
}

#[tokio::test]
async fn what_is_empty_long_or_from_elsewhere_is_counted() {
    let journal = Journal::new(Mode::Store);
    let limits = SocketLimits { message_bytes_max: 5, ..SocketLimits::default() };
    let (address, running) = start(&journal, UdpConfig { limits, ..UdpConfig::default() });
    let sender = sender();
    for raw in [&b""[..], b"<13>abc", b"<13>d"] {
        sender.send_to(raw, address).unwrap();
    }
    let stored = journal.stored(2).await;
    assert_eq!(raws(&stored), [b"<13>a", b"<13>d"]);
    assert_eq!((stored[0].flags.truncated, stored[1].flags.truncated), (true, false));
    running.stop().await;
    let meter = journal.meter(Input::SyslogUdp);
    assert_eq!((meter.refused(Refusal::Empty), meter.truncated.get()), (1, 1));

    let journal = Journal::new(Mode::Store);
    let allowed_sources = vec!["192.0.2.0/24".parse().unwrap()];
    let (address, running) = start(&journal, UdpConfig { allowed_sources, ..UdpConfig::default() });
    sender.send_to(b"<13>a", address).unwrap();
    let meter = journal.meter(Input::SyslogUdp);
    until("it is refused", || meter.refused(Refusal::Source) == 1).await;
    running.stop().await;
    assert!(journal.now().is_empty());
}

/// All that was sent is either received or counted as dropped by the kernel.
#[tokio::test]
async fn what_the_kernel_drops_is_counted() {
    let journal = Journal::new(Mode::Hold);
    let limits = SocketLimits { sockets: 1, receive_buffer_bytes: 4096, ..SocketLimits::default() };
    let (address, running) = start(&journal, UdpConfig { limits, ..UdpConfig::default() });
    let (sender, meter) = (sender(), journal.meter(Input::SyslogUdp));
    let mut sent = 0;
    for _ in 0..5_000 {
        sender.send_to(&[b'x'; 500], address).unwrap();
        sent += 1;
    }
    journal.set(Mode::Store);
    // The kernel tells its count with the next datagram that it does not drop.
    while meter.kernel_dropped.get() == 0
        || meter.received.get() + meter.kernel_dropped.get() < sent
    {
        let before = meter.received.get() + meter.kernel_dropped.get();
        sender.send_to(b"<13>next", address).unwrap();
        sent += 1;
        until("it came", || meter.received.get() + meter.kernel_dropped.get() > before).await;
    }
    assert_eq!(meter.received.get() + meter.kernel_dropped.get(), sent);
    running.stop().await;
}

#[tokio::test]
async fn a_v6_socket_takes_v4_as_v4() {
    let journal = Journal::new(Mode::Store);
    let Ok(udp) = Udp::bind(UdpConfig { bind: "[::]:0".parse().unwrap(), ..UdpConfig::default() })
    else {
        return; // a machine without IPv6
    };
    let port = udp.address().port();
    let running = run(&journal, Input::SyslogUdp, |intake, stop| udp.serve(intake, stop));
    let sender = sender();
    sender.send_to(b"<13>a", ("127.0.0.1", port)).unwrap();
    assert_eq!(journal.stored(1).await[0].peer, sender.local_addr().ok());
    running.stop().await;
}

#[tokio::test]
async fn shutdown_takes_what_the_kernel_holds() {
    let journal = Journal::new(Mode::Store);
    let udp = Udp::bind(UdpConfig { bind: loopback(), ..UdpConfig::default() }).unwrap();
    let sender = sender();
    for n in 0..100 {
        sender.send_to(format!("<13>{n}").as_bytes(), udp.address()).unwrap();
    }
    let running = run(&journal, Input::SyslogUdp, |intake, stop| udp.serve(intake, stop));
    running.stop().await;
    assert_eq!(journal.now().len(), 100);
}
