//! The web interface's files, as they were built.
//!
//! From: `build.rs`, which has Vite build `ui/`. To: the API's listener, which serves them.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::GzDecoder;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/ui"]
struct Files;

/// What a page's text has where the nonce of its answer shall stand.
pub const NONCE: &str = "__CSP_NONCE__";

/// The one page, which shows all others; [`NONCE`] is still in it.
pub fn index() -> Cow<'static, [u8]> {
    // The build always makes it; an empty page would show in tests.
    Files::get("index.html").map(|file| file.data).unwrap_or_default()
}

/// A file that pages are made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its media type.
    pub kind: &'static str,
    /// Its bytes, compressed by gzip.
    pub packed: Cow<'static, [u8]>,
    /// Whether its name has a hash of its content, so that it never changes.
    pub is_final: bool,
}

impl File {
    /// Its bytes as they are, for who reads no gzip.
    ///
    /// # Errors
    /// If they cannot be unpacked.
    pub fn plain(&self) -> std::io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        GzDecoder::new(&*self.packed).read_to_end(&mut plain)?;
        Ok(plain)
    }
}

/// The file of this path, which has no slash at its beginning; none: there is none.
pub fn file(path: &str) -> Option<File> {
    let kind = match path.rsplit_once('.')?.1 {
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "json" | "webmanifest" => "application/json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    };
    let file = Files::get(&format!("{path}.gz"))?;
    Some(File { kind, packed: file.data, is_final: path.starts_with("assets/") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_and_what_it_asks_for_are_there() {
        let page = String::from_utf8_lossy(&index()).into_owned();
        assert!(page.contains("<title>MUTT"), "{page}");
        let asked = page.split("=\"/").skip(1).filter_map(|rest| rest.split('"').next());
        for path in asked.filter(|path| path.contains('.') && !path.starts_with("api/")) {
            let file = file(path).unwrap_or_else(|| panic!("{path} is not there"));
            assert!(!file.plain().unwrap_or_default().is_empty(), "{path}");
        }
    }

    #[test]
    fn the_first_script_is_below_250_kilobytes_compressed() {
        let page = String::from_utf8_lossy(&index()).into_owned();
        let names = page.split("\"/assets/").skip(1).filter_map(|rest| rest.split('"').next());
        let scripts = names.filter(|name| name.ends_with(".js"));
        let sizes: Vec<usize> = scripts
            .map(|name| file(&format!("assets/{name}")).map_or(0, |file| file.packed.len()))
            .collect();
        let all: usize = sizes.iter().sum();
        assert!(all > 0 && all < 250_000, "{all} bytes: {sizes:?}");
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for path in ["", "index.html", "../Cargo.toml", "assets/none.js", "no-dot"] {
            assert_eq!(file(path), None, "{path}");
        }
    }
}
