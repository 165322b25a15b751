//! How settings are declared: once, with key, type, default, range and a sentence.
//!
//! From one [`section!`] come the struct that the program uses, the reading with its checks, and
//! the text of `mutt config example` and `mutt config show`.

use std::ops::RangeInclusive;

use super::reader::{Reader, join};
use super::secret::Held;
use super::value::SettingType;

/// A line of the settings as a text: a section's head, or a setting.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A section begins.
    Section {
        /// Such as `input.relp`; empty for the root.
        path: String,
        /// Its sentences.
        about: &'static [&'static str],
    },
    /// A setting.
    Setting(Setting),
}

/// A setting, as a text.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its path, such as `journal.partitions`.
    pub path: String,
    /// Its own name, the path's last part.
    pub key: &'static str,
    /// Its sentences.
    pub about: &'static [&'static str],
    /// The smallest and the largest value, if it is limited.
    pub range: Option<(u64, u64)>,
    /// Its value as TOML; none: not set.
    pub value: Option<String>,
    /// What it could be, for one that is not set.
    pub sample: Option<&'static str>,
    /// Whether it must not be shown.
    pub secret: bool,
    /// The secrets that it holds.
    pub secrets: Vec<Held>,
}

/// A table of settings.
pub trait Section: Sized {
    /// All settings from file and environment; a wrong one is reported and has its default.
    fn read(reader: &mut Reader<'_>, path: &str) -> Self;
    /// All settings with their defaults.
    fn defaults() -> Self;
    /// All settings as text, with their values.
    fn entries(&self, path: &str, out: &mut Vec<Entry>);
}

/// A list of tables, such as `[[destination]]`.
impl<T: Section> Section for Vec<T> {
    fn read(reader: &mut Reader<'_>, path: &str) -> Self {
        let len = reader.list_len(path);
        (0..len).map(|index| T::read(reader, &join(path, &index.to_string()))).collect()
    }

    fn defaults() -> Self {
        Vec::new()
    }

    fn entries(&self, path: &str, out: &mut Vec<Entry>) {
        for (index, table) in self.iter().enumerate() {
            table.entries(&join(path, &index.to_string()), out);
        }
    }
}

/// Declares a section:
/// `key: Type = default, in from..=to, like "sample";` and, after `tables`, sections inside it.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $(
                $(#[doc = $doc:literal])*
                $key:ident : $type:ty = $default:expr $(, in $range:expr)? $(, like $sample:literal)? ;
            )*
        }
        $(tables { $( $table:ident : $table_type:ty ),* $(,)? })?
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $key: $type, )*
            $($( #[allow(missing_docs)] pub $table: $table_type, )*)? // each says what it is
        }

        impl $crate::config::section::Section for $name {
            fn read(reader: &mut $crate::config::reader::Reader<'_>, path: &str) -> Self {
                $( let $key: $type = reader.get(
                    path,
                    stringify!($key),
                    $default,
                    $crate::config::section::only::<std::ops::RangeInclusive<u64>>(&[$($range)?]),
                ); )*
                $($( let $table = <$table_type as $crate::config::section::Section>::read(
                    reader,
                    &$crate::config::reader::join(path, stringify!($table)),
                ); )*)?
                Self { $($key,)* $($($table,)*)? }
            }

            fn defaults() -> Self {
                Self {
                    $($key: $default,)*
                    $($($table: <$table_type as $crate::config::section::Section>::defaults(),)*)?
                }
            }

            fn entries(&self, path: &str, out: &mut Vec<$crate::config::section::Entry>) {
                $crate::config::section::begin(path, &[$($about),*], out);
                $( $crate::config::section::describe(
                    path,
                    stringify!($key),
                    &[$($doc),*],
                    &self.$key,
                    $crate::config::section::only::<std::ops::RangeInclusive<u64>>(&[$($range)?]),
                    $crate::config::section::only::<&'static str>(&[$($sample)?]),
                    out,
                ); )*
                $($( $crate::config::section::Section::entries(
                    &self.$table,
                    &$crate::config::reader::join(path, stringify!($table)),
                    out,
                ); )*)?
            }
        }
    };
}
pub(crate) use section;

/// What a setting has once or not at all.
pub fn only<T: Clone>(given: &[T]) -> Option<T> {
    given.first().cloned()
}

/// Puts the head of a section down.
pub fn begin(path: &str, about: &'static [&'static str], out: &mut Vec<Entry>) {
    out.push(Entry::Section { path: path.to_owned(), about });
}

/// Puts a setting down as text.
pub fn describe<T: SettingType>(
    section: &str,
    key: &'static str,
    about: &'static [&'static str],
    value: &T,
    range: Option<RangeInclusive<u64>>,
    sample: Option<&'static str>,
    out: &mut Vec<Entry>,
) {
    let mut secrets = Vec::new();
    value.secrets(&mut secrets);
    out.push(Entry::Setting(Setting {
        path: join(section, key),
        key,
        about,
        range: range.map(|range| (*range.start(), *range.end())),
        value: value.to_toml(),
        sample,
        secret: T::SECRET,
        secrets,
    }));
}
