//! The few static files our pages need, compiled in. A file's path carries a
//! hash of its content, so a browser may keep it for ever and a new release is
//! seen at once.
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// Never asked for again: the path changes with the content. One year is the
/// longest age caches are known to honour (RFC 9111 §1.2.2 sets no bound).
const KEEP: &str = "public, max-age=31536000, immutable";

/// `/favicon.ico` has no hash in its path, so a changed one is seen in a day.
const KEEP_A_DAY: &str = "public, max-age=86400";

const STYLESHEET: &str = include_str!("assets/guildhall.css");
const MARK: &str = include_str!("assets/mark.svg");

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| hashed_path(STYLESHEET, "css"));
static MARK_PATH: LazyLock<String> = LazyLock::new(|| hashed_path(MARK, "svg"));

/// A static file, ready to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asset {
    /// The body.
    pub bytes: &'static [u8],
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// The `Cache-Control`.
    pub cache_control: &'static str,
}

/// The file at `path`, such as `/assets/guildhall-0123456789abcdef.css`.
#[must_use]
pub fn find_asset(path: &str) -> Option<Asset> {
    if path == stylesheet_path() {
        return Some(asset(STYLESHEET, "text/css; charset=utf-8", KEEP));
    }
    if path == mark_path() {
        return Some(asset(MARK, "image/svg+xml", KEEP));
    }
    (path == "/favicon.ico").then(|| asset(MARK, "image/svg+xml", KEEP_A_DAY))
}

/// Where the stylesheet is.
#[must_use]
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// Where the logo mark is, which is the icon of every page too.
#[must_use]
pub fn mark_path() -> &'static str {
    &MARK_PATH
}

const fn asset(text: &'static str, content_type: &'static str, keep: &'static str) -> Asset {
    Asset { bytes: text.as_bytes(), content_type, cache_control: keep }
}

/// 64 bits of SHA-256 tell our own releases apart.
fn hashed_path(content: &str, extension: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    let hash = digest.as_slice().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    format!("/assets/guildhall-{hash:016x}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phone on a slow line waits for it before the first paint.
    const MAX_STYLESHEET_BYTES: usize = 8 * 1024;

    #[test]
    fn the_stylesheet_is_served_at_its_hashed_path_for_ever() {
        let asset = find_asset(stylesheet_path()).unwrap();

        assert_eq!(asset.content_type, "text/css; charset=utf-8");
        assert!(asset.cache_control.contains("immutable"));
        assert!(stylesheet_path().starts_with("/assets/guildhall-"));
    }

    #[test]
    fn another_release_s_path_is_unknown() {
        assert_eq!(find_asset("/assets/guildhall-0000000000000000.css"), None);
        assert_eq!(find_asset("/assets/"), None);
    }

    #[test]
    fn the_favicon_is_kept_for_a_day_only() {
        assert_eq!(find_asset("/favicon.ico").unwrap().cache_control, KEEP_A_DAY);
    }

    #[test]
    fn the_stylesheet_stays_small() {
        assert!(STYLESHEET.len() < MAX_STYLESHEET_BYTES, "{} bytes", STYLESHEET.len());
    }
}
