//! Which of the two media types of GraphQL over HTTP a client wants.

use axum::http::{HeaderMap, header};

/// The media type of an answer. They differ in more than the name: in `Json`, the older one, a request that is well
/// formed is answered with 200 whatever is wrong with its document; in `Response` the status says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    Response,
    Json,
}

impl Media {
    fn name(self) -> &'static str {
        match self {
            Media::Response => "application/graphql-response+json",
            Media::Json => "application/json",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Media::Response => "application/graphql-response+json; charset=utf-8",
            Media::Json => "application/json; charset=utf-8",
        }
    }
}

/// How much a client wants something: how exactly it was named, and the `q` that stood there.
#[derive(Clone, Copy, Default)]
struct Wish {
    exactness: u8,
    quality: f32,
}

/// Chooses by quality. When both are wanted as much, the newer type must have been named, because clients that know
/// nothing of it send `*/*`. `None` when the client takes neither.
pub fn negotiate(headers: &HeaderMap) -> Option<Media> {
    let values: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    if values.iter().all(|value| value.trim().is_empty()) {
        return Some(Media::Json);
    }
    let [response, json] = [Media::Response, Media::Json].map(|media| wish(media, &values));
    if response.quality <= 0.0 && json.quality <= 0.0 {
        return None;
    }
    let named = response.exactness == 3 && response.quality >= json.quality;
    Some(if named || response.quality > json.quality { Media::Response } else { Media::Json })
}

/// The most exact range that covers the media type decides, as HTTP has it.
fn wish(media: Media, values: &[&str]) -> Wish {
    let mut best = Wish::default();
    for range in values.iter().flat_map(|value| value.split(',')) {
        let mut parts = range.split(';').map(str::trim);
        let exactness = match parts.next().map(str::to_ascii_lowercase).as_deref() {
            Some(name) if name == media.name() => 3,
            Some("application/*") => 2,
            Some("*/*") => 1,
            _ => continue,
        };
        let mut quality = 1.0;
        for (name, value) in parts.filter_map(|parameter| parameter.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => quality = value.parse().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0),
                "charset" if !value.eq_ignore_ascii_case("utf-8") => quality = 0.0,
                _ => {}
            }
        }
        if exactness > best.exactness || (exactness == best.exactness && quality > best.quality) {
            best = Wish { exactness, quality };
        }
    }
    best
}

/// Whether a body says it is JSON in UTF-8. Nothing else is read: a form on any web site can send the other types
/// without asking first.
pub fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else { return false };
    let mut parts = value.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(Media::Json.name()));
    named
        && parts.filter_map(|parameter| parameter.split_once('=')).all(|(name, value)| {
            let is_charset = name.trim().eq_ignore_ascii_case("charset");
            !is_charset || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        })
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn accept(value: &'static str) -> Option<Media> {
        negotiate(&HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(value))]))
    }

    #[test]
    fn the_better_liked_type_wins() {
        let (response, json) = (Some(Media::Response), Some(Media::Json));
        assert_eq!(negotiate(&HeaderMap::new()), json);
        for (value, expected) in [
            ("", json),
            ("*/*", json),
            ("application/*", json),
            ("application/json", json),
            ("application/json; charset=utf-8", json),
            ("APPLICATION/GraphQL-Response+JSON", response),
            ("application/graphql-response+json;charset=\"UTF-8\"", response),
            ("application/graphql-response+json, application/json;q=0.9", response),
            ("application/json, application/graphql-response+json", response),
            ("application/json, application/graphql-response+json;q=0.5", json),
            ("application/graphql-response+json;q=0.2, */*;q=0.8", json),
            ("application/json;q=0, */*;q=0.1", response),
            ("text/html, */*;q=0.1", json),
            ("application/graphql-response+json;q=0, application/json;q=0.1", json),
            ("application/json;charset=latin1, application/graphql-response+json;q=0.1", response),
            ("text/html", None),
            ("application/json;q=0", None),
            ("application/json;q=nonsense", None),
        ] {
            assert_eq!(accept(value), expected, "{value}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let is_json = |value| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]));
        for value in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
            assert!(is_json(value), "{value}");
        }
        for value in [
            "text/plain",
            "application/json; charset=latin1",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
            "application/graphql",
            "application/jsonp",
            "",
        ] {
            assert!(!is_json(value), "{value}");
        }
    }
}
