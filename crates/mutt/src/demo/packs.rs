//! The rule packs of the folder `rules`, which every MUTT can begin with, as part of the binary.

/// Every pack's name and text.
pub const PACKS: [(&str, &str); 10] = [
    ("arista", include_str!("../../../../rules/arista.toml")),
    ("cisco-asa", include_str!("../../../../rules/cisco-asa.toml")),
    ("cisco-ios", include_str!("../../../../rules/cisco-ios.toml")),
    ("cisco-nxos", include_str!("../../../../rules/cisco-nxos.toml")),
    ("f5", include_str!("../../../../rules/f5.toml")),
    ("fortinet", include_str!("../../../../rules/fortinet.toml")),
    ("junos", include_str!("../../../../rules/junos.toml")),
    ("linux", include_str!("../../../../rules/linux.toml")),
    ("paloalto", include_str!("../../../../rules/paloalto.toml")),
    ("traps", include_str!("../../../../rules/traps.toml")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pack_is_missing() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules");
        let files = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = files
            .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        names.sort();
        assert_eq!(names, PACKS.map(|(name, _)| name));
    }
}
