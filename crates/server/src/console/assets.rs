//! The style sheet, the script and the icon: embedded, named by their content, cached for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

/// A file that pages refer to by a name that changes when its content does.
#[derive(Debug)]
struct Asset {
    name: String,
    kind: &'static str,
    body: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, body: &'static str) -> Self {
        let hash = hex::encode(&Sha256::digest(body.as_bytes())[..6]);
        Self { name: format!("{stem}.{hash}.{extension}"), kind, body }
    }
}

static ASSETS: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        Asset::new("app", "css", "text/css; charset=utf-8", include_str!("assets/app.css")),
        Asset::new("app", "js", "text/javascript; charset=utf-8", include_str!("assets/app.js")),
        Asset::new("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ]
});

/// Address of the style sheet.
pub(crate) fn css() -> String {
    format!("/assets/{}", ASSETS[0].name)
}

/// Address of the script.
pub(crate) fn js() -> String {
    format!("/assets/{}", ASSETS[1].name)
}

/// Address of the icon.
pub(crate) fn icon() -> String {
    format!("/assets/{}", ASSETS[2].name)
}

/// `GET /assets/{name}`.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|asset| asset.name == name) {
        Some(asset) => (
            [
                (header::CONTENT_TYPE, asset.kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            asset.body,
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "no such asset; reload the page").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        for asset in ASSETS.iter() {
            let body = asset.body.replace("http://www.w3.org/2000/svg", "");
            assert!(!body.contains("http://") && !body.contains("https://"), "{}", asset.name);
            assert!(!body.contains("@import"), "{}", asset.name);
        }
    }
}
