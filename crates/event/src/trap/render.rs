//! A trap in words, for people and for rules that look for text.

use std::fmt::Write;

use super::Trap;
use super::names::{Name, Names};
use crate::Oid;

/// `IF-MIB::linkDown ifIndex.3=3 ifDescr.3=Gi0/3`: the trap's name and its variable bindings in
/// order. Names that are not known begin with their longest known prefix, or are numbers
/// alone. Control characters in values, line ends too, become blanks.
pub fn render(trap: &Trap<'_>, names: &Names) -> String {
    let mut text = String::with_capacity(64 + trap.varbinds.len() * 32);
    write_name(&mut text, names, &trap.trap_oid, true);
    for varbind in &trap.varbinds {
        text.push(' ');
        write_name(&mut text, names, &varbind.oid, false);
        text.push('=');
        let value = varbind.value.text();
        text.extend(value.chars().map(|c| if c.is_control() { ' ' } else { c }));
    }
    text
}

fn write_name(text: &mut String, names: &Names, oid: &Oid, with_module: bool) {
    let Some(Name { module, name, rest }) = names.of(oid) else {
        let _ = write!(text, "{oid}"); // a String takes all
        return;
    };
    if with_module {
        text.push_str(module);
        text.push_str("::");
    }
    text.push_str(name);
    for arc in rest {
        let _ = write!(text, ".{arc}");
    }
}
