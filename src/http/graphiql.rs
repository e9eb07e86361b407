//! GraphiQL at `/graphiql`, out of the binary itself: it works on a machine that has no internet.
//!
//! The files are built from `web/graphiql` by `scripts/build-graphiql` and checked in under `assets/graphiql`. A release
//! binary contains them; a debug binary reads them from the source tree at every request, so that a rebuilt page shows
//! without compiling anything. Compression is the router's business.

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The folder is named from the manifest's, because a debug binary may be started anywhere.
#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/assets/graphiql"]
struct Files;

/// Names in `assets/` carry a hash of their content, so what is behind a name never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// The browser keeps its copy and asks whether it is still good, which costs a 304.
const ASK_EACH_TIME: &str = "no-cache";

/// Everything the page loads is a file of this server, and it talks to nobody else. A result that shows an image's URL
/// therefore cannot make the browser fetch that image, and a script or a style that found its way into a description
/// does nothing.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const SECURITY: [(HeaderName, &str); 3] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
];

/// The page, its files, and the licences that have to travel with them.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/graphiql", get(page))
        .route("/graphiql/", get(async || Redirect::permanent("/graphiql")))
        .route("/graphiql/assets/{*path}", get(asset))
        .route("/graphiql/licenses.md", get(licenses))
}

async fn page(request: HeaderMap) -> Response {
    answer("index.html", ASK_EACH_TIME, &request)
}

async fn asset(Path(path): Path<String>, request: HeaderMap) -> Response {
    answer(&format!("assets/{path}"), FOREVER, &request)
}

async fn licenses(request: HeaderMap) -> Response {
    answer("licenses.md", ASK_EACH_TIME, &request)
}

fn answer(path: &str, cache_control: &'static str, request: &HeaderMap) -> Response {
    let Some(file) = Files::get(path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let etag = etag(&file);
    let caching = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, HeaderValue::from_static(cache_control))];
    if is_held(&etag, request) {
        return (StatusCode::NOT_MODIFIED, SECURITY, caching).into_response();
    }
    let content_type = [(header::CONTENT_TYPE, content_type(&file))];
    (SECURITY, caching, content_type, Body::from(file.data)).into_response()
}

/// Strong, because it is a hash of exactly these bytes.
fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = STANDARD.encode(file.metadata.sha256_hash());
    HeaderValue::try_from(format!("\"{hash}\"")).expect("base64 is valid in a header")
}

/// Whether the client says that it already has this version. The comparison is the weak one, as HTTP asks for
/// If-None-Match: a proxy that compressed our answer may have put `W/` before the tag.
fn is_held(etag: &HeaderValue, request: &HeaderMap) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

fn content_type(file: &EmbeddedFile) -> HeaderValue {
    let mime = file.metadata.mimetype();
    let charset = if mime.starts_with("text/") { "; charset=utf-8" } else { "" };
    HeaderValue::try_from(format!("{mime}{charset}")).expect("a media type is valid in a header")
}

#[cfg(test)]
mod tests {
    use axum::{body::to_bytes, http::Request};
    use tower::ServiceExt;

    use super::*;

    async fn fetch(path: &str, if_none_match: Option<&str>) -> Response {
        let mut request = Request::get(path);
        if let Some(tag) = if_none_match {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        routes::<()>().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    }

    async fn text(response: Response) -> String {
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn value<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers()[name].to_str().unwrap()
    }

    /// What the page loads: the value of every `src` and `href`.
    fn references(page: &str) -> Vec<&str> {
        let pieces = page.split("src=\"").flat_map(|piece| piece.split("href=\"")).skip(1);
        pieces.map(|piece| piece.split('"').next().unwrap()).collect()
    }

    #[tokio::test]
    async fn the_page_is_html_under_a_policy_that_allows_nothing_inline() {
        let response = fetch("/graphiql", None).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(value(&response, "content-type"), "text/html; charset=utf-8");
        assert_eq!(value(&response, "cache-control"), "no-cache");
        assert_eq!(value(&response, "x-content-type-options"), "nosniff");
        assert_eq!(value(&response, "referrer-policy"), "no-referrer");
        let policy = value(&response, "content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("unsafe-"), "{policy}");
        let page = text(response).await;
        assert!(page.contains("<title>jifen · GraphiQL</title>"));
        assert!(!page.contains("<style") && !page.contains("<script>"), "nothing inline");
    }

    #[tokio::test]
    async fn the_page_refers_to_no_other_host_and_every_file_it_names_is_served() {
        let page = text(fetch("/graphiql", None).await).await;
        assert!(!page.contains("//"), "an address of another host: {page}");
        let references = references(&page);
        assert!(references.len() >= 3, "an icon, a script and a stylesheet: {references:?}");
        for reference in references {
            assert!(reference.starts_with("/graphiql/assets/"), "{reference}");
            let response = fetch(reference, None).await;
            assert_eq!(response.status(), StatusCode::OK, "{reference}");
            assert_eq!(value(&response, "cache-control"), "public, max-age=31536000, immutable");
            let expected = match reference.rsplit('.').next() {
                Some("js") => "text/javascript; charset=utf-8",
                Some("css") => "text/css; charset=utf-8",
                _ => "image/svg+xml",
            };
            assert_eq!(value(&response, "content-type"), expected);
        }
    }

    #[tokio::test]
    async fn a_client_that_has_this_version_is_told_so() {
        let first = fetch("/graphiql", None).await;
        let etag = value(&first, "etag");
        assert!(etag.len() == 46 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
        for tag in [etag.to_owned(), format!("W/{etag}"), format!("\"older\", {etag}"), "*".to_owned()] {
            let again = fetch("/graphiql", Some(&tag)).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{tag}");
            assert_eq!(value(&again, "etag"), etag);
            assert_eq!(text(again).await, "");
        }
        assert_eq!(fetch("/graphiql", Some("\"older\"")).await.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn other_paths_are_not_found_inside_the_folder_or_outside_it() {
        for path in ["nothing.js", "", "..%2Findex.html.js", "..%2F..%2F..%2FCargo.toml", "%2Fetc%2Fpasswd"] {
            let response = fetch(&format!("/graphiql/assets/{path}"), None).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn a_trailing_slash_leads_to_the_page_and_the_licences_can_be_read() {
        let response = fetch("/graphiql/", None).await;
        assert_eq!(response.status(), StatusCode::PERMANENT_REDIRECT);
        assert_eq!(value(&response, "location"), "/graphiql");
        assert!(text(fetch("/graphiql/licenses.md", None).await).await.contains("## graphiql - "));
    }
}
