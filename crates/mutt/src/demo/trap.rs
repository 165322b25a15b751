//! linkDown and linkUp as SNMP v2c traps: just enough BER (X.690) to say them.

const SYS_UP_TIME: &[u32] = &[1, 3, 6, 1, 2, 1, 1, 3, 0];
const SNMP_TRAP_OID: &[u32] = &[1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const SNMP_TRAP_ADDRESS: &[u32] = &[1, 3, 6, 1, 6, 3, 18, 1, 3, 0];
const IF_ENTRY: &[u32] = &[1, 3, 6, 1, 2, 1, 2, 2, 1];
const IF_INDEX: u32 = 1;
const IF_DESCR: u32 = 2;

/// A linkDown, or a linkUp if `up`, of the interface at the device with this address.
pub fn link(address: [u8; 4], up: bool, interface: u32, uptime_ticks: u32) -> Vec<u8> {
    let trap_oid = [1, 3, 6, 1, 6, 3, 1, 1, 5, if up { 4 } else { 3 }];
    let column = |number: u32| [IF_ENTRY, &[number, interface]].concat();
    let name = format!("GigabitEthernet0/{interface}");
    let varbinds = [
        varbind(SYS_UP_TIME, &value(0x43, &unsigned(uptime_ticks))),
        varbind(SNMP_TRAP_OID, &oid(&trap_oid)),
        varbind(&column(IF_INDEX), &value(0x02, &unsigned(interface))),
        varbind(&column(IF_DESCR), &value(0x04, name.as_bytes())),
        varbind(SNMP_TRAP_ADDRESS, &value(0x40, &address)),
    ];
    let zero = value(0x02, &[0]);
    let request_id = value(0x02, &unsigned(uptime_ticks));
    let pdu = [request_id, zero.clone(), zero, value(0x30, &varbinds.concat())].concat();
    let message = [value(0x02, &[1]), value(0x04, b"public"), value(0xa7, &pdu)].concat();
    value(0x30, &message)
}

fn varbind(name: &[u32], content: &[u8]) -> Vec<u8> {
    value(0x30, &[&oid(name), content].concat())
}

/// Tag, length and content; a content of up to 65,535 bytes.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len() as u16;
    let mut out = vec![tag];
    match len {
        0..=127 => out.push(len as u8),
        128..=255 => out.extend([0x81, len as u8]),
        _ => out.extend([0x82, (len >> 8) as u8, len as u8]),
    }
    out.extend_from_slice(content);
    out
}

/// An integer of 0 or more, without needless leading zeros and never negative.
fn unsigned(number: u32) -> Vec<u8> {
    let bytes = u64::from(number).to_be_bytes();
    let first = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len() - 1);
    let first = if bytes[first] >= 0x80 { first - 1 } else { first };
    bytes[first..].to_vec()
}

fn oid(parts: &[u32]) -> Vec<u8> {
    let mut content = vec![(parts[0] * 40 + parts[1]) as u8];
    for part in &parts[2..] {
        let groups = (1..5).rev().map(|n| part >> (7 * n)).skip_while(|group| *group == 0);
        content.extend(groups.map(|group| (group & 0x7f) as u8 | 0x80));
        content.push((part & 0x7f) as u8);
    }
    value(0x06, &content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutt_itself_can_read_it() {
        let raw = link([192, 0, 2, 200], false, 48, 4_000_000_000);
        let trap = mutt_event::trap::decode(&raw).unwrap();
        assert_eq!(trap.trap_oid.to_string(), "1.3.6.1.6.3.1.1.5.3");
        assert_eq!(trap.trap_address, Some([192, 0, 2, 200].into()));
    }
}
