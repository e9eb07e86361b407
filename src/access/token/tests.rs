use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::*;
use crate::base::id::Random;

const MEMBER: Id = Id::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001);
const SESSION: Id = Id::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0002);

fn clock() -> Clock {
    Clock::manual(Instant(1_800_000_000 * SECOND + 250_000))
}

fn key() -> SigningKey {
    SigningKey::generate(&Random::seeded(1))
}

fn settings() -> TokenSettings {
    TokenSettings::new("https://shop.example", "jifen")
}

fn tokens() -> Tokens {
    Tokens::new(&key(), &[], clock(), settings())
}

/// A header and claims as we make them, for tests that change one thing.
fn parts() -> (Value, Value) {
    let header = json!({ "alg": "EdDSA", "typ": "at+jwt", "kid": key().public().kid() });
    let claims = json!({
        "iss": "https://shop.example", "aud": "jifen", "sub": MEMBER.to_string(), "sid": SESSION.to_string(),
        "iat": 1_800_000_000_i64, "exp": 1_800_000_600_i64,
    });
    (header, claims)
}

fn encoded(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// Signed by our key, whatever it says.
fn signed(header: &Value, claims: &Value) -> String {
    let message = encoded(header, claims);
    let signature = key().sign(message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn verify(token: &str) -> Result<Claims, TokenError> {
    tokens().verify(token)
}

#[test]
fn a_token_says_what_it_was_issued_for() {
    let tokens = tokens();
    let (token, expires_at) = tokens.issue(MEMBER, SESSION).unwrap();
    let claims = tokens.verify(&token).unwrap();
    assert_eq!((claims.member_id, claims.session_id), (MEMBER, SESSION));
    assert_eq!(claims.expires_at, expires_at);
    assert_eq!(expires_at, Instant(1_800_000_600 * SECOND));
    assert_eq!(tokens.verify(&token), Ok(claims), "the second time it comes from memory");
    let header: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!(header, parts().0);
}

#[test]
fn a_token_expires_on_the_second_by_our_clock() {
    for remembered in [0, 100] {
        let clock = clock();
        let tokens = Tokens::new(&key(), &[], clock.clone(), TokenSettings { remembered, ..settings() });
        let (token, expires_at) = tokens.issue(MEMBER, SESSION).unwrap();
        clock.advance(expires_at.micros() - clock.now().micros() - 1);
        assert!(tokens.verify(&token).is_ok());
        clock.advance(1);
        assert_eq!(tokens.verify(&token), Err(TokenError::Expired));
    }
    assert_eq!(Error::from(TokenError::Expired).code, Code::TokenExpired);
    assert_eq!(Error::from(TokenError::Invalid).code, Code::Unauthenticated);
}

#[test]
fn the_tests_own_way_of_signing_makes_a_good_token() {
    let (header, claims) = parts();
    assert!(verify(&signed(&header, &claims)).is_ok());
}

#[test]
fn every_claim_and_header_is_checked() {
    let changes = [
        ("header", "typ", json!("JWT")),
        ("header", "typ", Value::Null),
        ("header", "kid", json!("another")),
        ("header", "kid", Value::Null),
        ("header", "crit", json!(["b64"])),
        ("claims", "iss", json!("https://other.example")),
        ("claims", "iss", Value::Null),
        ("claims", "aud", json!("other")),
        ("claims", "aud", Value::Null),
        ("claims", "aud", json!(["jifen", "other"])),
        ("claims", "sub", json!("alice")),
        ("claims", "sub", Value::Null),
        ("claims", "sid", Value::Null),
        ("claims", "exp", Value::Null),
        ("claims", "exp", json!(i64::MAX)),
        ("claims", "exp", json!("soon")),
        ("claims", "exp", json!(1_800_000_000_i64)),
        ("claims", "iat", json!(i64::MIN)),
        // Ten minutes ahead of our clock is no skew.
        ("claims", "iat", json!(1_800_000_599_i64)),
    ];
    for (part, name, value) in changes {
        let (mut header, mut claims) = parts();
        let changed = if part == "header" { &mut header } else { &mut claims };
        changed[name] = value.clone();
        assert_eq!(verify(&signed(&header, &claims)), Err(TokenError::Invalid), "{part} {name} {value}");
        let changed = if part == "header" { &mut header } else { &mut claims };
        changed.as_object_mut().unwrap().remove(name);
        if name != "crit" {
            assert_eq!(verify(&signed(&header, &claims)), Err(TokenError::Invalid), "{part} without {name}");
        }
    }
}

#[test]
fn a_clock_a_little_ahead_is_forgiven() {
    let (header, mut claims) = parts();
    claims["iat"] = json!(1_800_000_060_i64);
    assert!(verify(&signed(&header, &claims)).is_ok());
    claims["iat"] = json!(1_800_000_061_i64);
    assert_eq!(verify(&signed(&header, &claims)), Err(TokenError::Invalid));
}

#[test]
fn no_other_algorithm_is_accepted() {
    let (mut header, claims) = parts();
    for alg in ["none", "None", "NONE", "HS512", "RS256", "ES256", ""] {
        header["alg"] = json!(alg);
        assert_eq!(verify(&format!("{}.", encoded(&header, &claims))), Err(TokenError::Invalid), "{alg}");
        assert_eq!(verify(&signed(&header, &claims)), Err(TokenError::Invalid), "{alg}");
    }
    // The public key is public, so anybody could use it as the secret of an HMAC.
    header["alg"] = json!("HS256");
    let public = key().public();
    let pem_like = URL_SAFE_NO_PAD.encode(public.bytes());
    for secret in [&public.bytes()[..], pem_like.as_bytes()] {
        let mut forged = Header::new(Algorithm::HS256);
        forged.typ = Some(TYPE.to_owned());
        forged.kid = Some(public.kid());
        let token = jsonwebtoken::encode(&forged, &claims, &EncodingKey::from_secret(secret)).unwrap();
        assert_eq!(verify(&token), Err(TokenError::Invalid));
    }
}

#[test]
fn a_changed_token_is_refused() {
    let tokens = tokens();
    let (token, _) = tokens.issue(MEMBER, SESSION).unwrap();
    tokens.verify(&token).unwrap();
    let (header, mut claims) = parts();
    claims["sub"] = json!(SESSION.to_string());
    let signature = token.rsplit('.').next().unwrap();
    let swapped = format!("{}.{signature}", encoded(&header, &claims));
    assert_eq!(tokens.verify(&swapped), Err(TokenError::Invalid));
    for at in (0..token.len()).step_by(7) {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'E' } else { b'A' };
        assert_eq!(tokens.verify(std::str::from_utf8(&changed).unwrap()), Err(TokenError::Invalid), "byte {at}");
    }
    for text in [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        &token[..token.len() - 1],
        &format!("{token}A"),
        &format!("{token}."),
        &"a".repeat(1 << 20),
    ] {
        assert_eq!(tokens.verify(text), Err(TokenError::Invalid), "{text:.40}");
    }
}

#[test]
fn a_former_key_still_verifies_and_a_strangers_does_not() {
    let (old, new) = (key(), SigningKey::generate(&Random::seeded(2)));
    let (token, _) = Tokens::new(&old, &[], clock(), settings()).issue(MEMBER, SESSION).unwrap();
    assert_eq!(Tokens::new(&new, &[], clock(), settings()).verify(&token), Err(TokenError::Invalid));
    let rotated = Tokens::new(&new, &[old.public()], clock(), settings());
    assert!(rotated.verify(&token).is_ok());
    let published = rotated.jwks()["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect::<Vec<_>>();
    assert_eq!(published, [json!(new.public().kid()), json!(old.public().kid())]);
    assert!(!rotated.jwks().to_string().contains("\"d\""), "a private part would be called d");
}

#[test]
fn the_memory_of_signatures_is_bounded() {
    let tokens = Tokens::new(&key(), &[], clock(), TokenSettings { remembered: 64, ..settings() });
    for number in 0..500 {
        let (token, _) = tokens.issue(Id::from_u128(number), SESSION).unwrap();
        assert!(tokens.verify(&token).is_ok());
    }
    let cache = tokens.inner.remembered.as_ref().unwrap();
    assert!(cache.len() <= 64, "{}", cache.len());
    let before = cache.len();
    assert!(tokens.verify("a.b.c").is_err());
    assert_eq!(cache.len(), before, "what is refused is not remembered");
}
