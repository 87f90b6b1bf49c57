//! The style sheet, the script and the icons: part of the program, named by their content so that browsers keep them for ever.
//! Refuses files from disk.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};

use crate::api::problem::Problem;

/// One file.
struct Asset {
    name: &'static str,
    media_type: &'static str,
    body: &'static str,
    /// The first digits of the hash of its content.
    tag: String,
    url: String,
}

/// Digits of a hash that tell versions of one file apart.
const TAG_DIGITS: usize = 12;

/// A URL with the right tag never changes its content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Without the tag, or with another release's: ask again each time, the tag makes that cheap.
const ASK_AGAIN: &str = "public, no-cache";

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset("purser.css", "text/css; charset=utf-8", include_str!("../assets/purser.css")),
        asset("purser.js", "text/javascript; charset=utf-8", include_str!("../assets/purser.js")),
        asset("icons.svg", "image/svg+xml", include_str!("../assets/icons.svg")),
        asset("mark.svg", "image/svg+xml", include_str!("../assets/mark.svg")),
    ]
});

fn asset(name: &'static str, media_type: &'static str, body: &'static str) -> Asset {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(body.as_bytes()));
    let tag = hash[..TAG_DIGITS].to_owned();
    Asset { name, media_type, body, url: format!("/assets/{tag}/{name}"), tag }
}

/// Where the style sheet is.
pub fn css() -> &'static str {
    &ASSETS[0].url
}

/// Where the script is.
pub fn script() -> &'static str {
    &ASSETS[1].url
}

/// Where the icons are; `#i-clock` names one.
pub fn icons() -> &'static str {
    &ASSETS[2].url
}

/// Where the icon of the window is.
pub fn mark() -> &'static str {
    &ASSETS[3].url
}

/// Serves the files.
pub fn routes<S: Clone + Send + Sync + 'static>() -> axum::Router<S> {
    axum::Router::new().route("/assets/{tag}/{name}", get(view))
}

async fn view(Path((tag, name)): Path<(String, String)>, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return Problem::of_status(StatusCode::NOT_FOUND).into_response();
    };
    let etag = format!("\"{}\"", asset.tag);
    let cache = if tag == asset.tag { FOR_EVER } else { ASK_AGAIN };
    let known = headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let headers =
        [(ETAG, etag), (CACHE_CONTROL, cache.to_owned()), (CONTENT_TYPE, asset.media_type.to_owned())];
    match known {
        true => (StatusCode::NOT_MODIFIED, headers).into_response(),
        false => (headers, asset.body).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 20 KB of style, 5 KB of script: first paint needs little.
    const BYTES_MAX: [(&str, usize); 2] = [("purser.css", 20 * 1024), ("purser.js", 5 * 1024)];

    #[test]
    fn style_and_script_stay_small() {
        for (name, bytes_max) in BYTES_MAX {
            let asset = ASSETS.iter().find(|asset| asset.name == name).unwrap();
            assert!(asset.body.len() < bytes_max, "{name} has {} bytes", asset.body.len());
        }
    }

    #[test]
    fn every_icon_that_a_page_names_is_there() {
        let names = [
            "ask", "card", "check", "clock", "cross", "doc", "down", "flag", "half", "key", "mail", "ring",
            "trust", "warn",
        ];
        for name in names {
            assert!(ASSETS[2].body.contains(&format!("id=\"i-{name}\"")), "{name}");
        }
    }

    #[tokio::test]
    async fn a_file_under_its_own_tag_is_kept_for_ever_and_one_under_another_is_asked_for_again() {
        let tag = ASSETS[0].tag.clone();
        let right = view(Path((tag.clone(), "purser.css".into())), HeaderMap::new()).await;
        assert_eq!(right.headers()[CACHE_CONTROL], FOR_EVER);
        let other = view(Path(("0".into(), "purser.css".into())), HeaderMap::new()).await;
        assert_eq!(other.headers()[CACHE_CONTROL], ASK_AGAIN);
        let known = HeaderMap::from_iter([(IF_NONE_MATCH, format!("\"{tag}\"").parse().unwrap())]);
        assert_eq!(view(Path((tag, "purser.css".into())), known).await.status(), StatusCode::NOT_MODIFIED);
        let none = view(Path(("0".into(), "../Cargo.toml".into())), HeaderMap::new()).await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND);
    }
}
