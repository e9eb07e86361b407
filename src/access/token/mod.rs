//! Access tokens: JSON Web Tokens that live ten minutes, signed with Ed25519.
//!
//! One algorithm is accepted, `EdDSA`; which key is meant is told by `kid`, the thumbprint of the public key. A token
//! says who (`sub`) in which session (`sid`) until when, and nothing else: what a member may do is read from the
//! database with the session row, on every request.

mod key;
mod refresh;

pub use key::{SigningKey, VerificationKey};
pub use refresh::{RefreshToken, RotationKey, same_hash};

use std::collections::HashMap;
use std::sync::Arc;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::base::clock::{Clock, Instant, MINUTE, SECOND};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;

/// How long an access token lives, in microseconds, unless a setting says otherwise.
pub const ACCESS_TTL: i64 = 10 * MINUTE;
/// RFC 9068's type, so that no other kind of JWT can pass for an access token.
const TYPE: &str = "at+jwt";
/// How far ahead the clock of another of our processes may be, in microseconds. A token from further in the future is
/// refused. Expiry has no such leeway.
const FUTURE_LEEWAY: i64 = MINUTE;
/// Longer texts are not looked at: ours have some 400 bytes.
const MAX_TOKEN_BYTES: usize = 1024;

/// What a valid token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    pub member_id: Id,
    pub session_id: Id,
    pub issued_at: Instant,
    pub expires_at: Instant,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It was valid once: refresh it.
    Expired,
    /// It is not one of ours, or was changed.
    Invalid,
}

impl From<TokenError> for Error {
    fn from(error: TokenError) -> Error {
        match error {
            TokenError::Expired => {
                Error::new(Code::TokenExpired, "The access token has expired. Refresh the session and try again.")
            }
            TokenError::Invalid => Error::unauthenticated(),
        }
    }
}

/// Who signs, for whom, and for how long.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
    /// The life of an access token in microseconds. Fractions of a second are cut off, as the claim has none.
    pub ttl: i64,
    /// How many verified signatures are remembered; an entry takes some 150 bytes. 0 remembers none.
    pub remembered: usize,
}

impl TokenSettings {
    /// Ten minutes, and 100,000 remembered signatures.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> TokenSettings {
        TokenSettings { issuer: issuer.into(), audience: audience.into(), ttl: ACCESS_TTL, remembered: 100_000 }
    }
}

/// Signs and verifies access tokens. Clones share one state.
#[derive(Clone)]
pub struct Tokens {
    inner: Arc<Inner>,
}

struct Inner {
    settings: TokenSettings,
    clock: Clock,
    header: Header,
    signer: EncodingKey,
    /// Every key whose signature is accepted, by its `kid`.
    verifiers: HashMap<String, DecodingKey>,
    jwks: serde_json::Value,
    validation: Validation,
    /// Tokens whose signature was good, by their SHA-256. Verifying a signature takes some 40 µs and the same token
    /// comes with every request of ten minutes. quick_cache, because it is bounded, sharded and resists scans (tokens
    /// seen once do not drive out the busy ones), with no thread and no timer of its own.
    remembered: Option<Cache<[u8; 32], Claims>>,
}

/// The claims as they stand in the token. Times are seconds since 1970.
#[derive(Serialize, Deserialize)]
struct Wire {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// `former` are public keys that no longer sign, whose tokens are still good until they expire: give the old key
    /// for ten minutes after a new one took over.
    pub fn new(key: &SigningKey, former: &[VerificationKey], clock: Clock, settings: TokenSettings) -> Tokens {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.public().kid());
        let keys = || std::iter::once(key.public()).chain(former.iter().copied());
        let inner = Inner {
            header,
            signer: EncodingKey::from_ed_der(&key.pkcs8_der()),
            verifiers: keys().map(|key| (key.kid(), DecodingKey::from_ed_der(&key.bytes()))).collect(),
            jwks: serde_json::json!({ "keys": keys().map(VerificationKey::jwk).collect::<Vec<_>>() }),
            validation: validation(&settings),
            remembered: (settings.remembered > 0).then(|| Cache::new(settings.remembered)),
            settings,
            clock,
        };
        Tokens { inner: Arc::new(inner) }
    }

    /// A new access token, and the moment from which it is refused.
    ///
    /// # Errors
    /// `INTERNAL` when the key cannot sign, which a key that was loaded always can.
    pub fn issue(&self, member_id: Id, session_id: Id) -> Result<(String, Instant)> {
        let settings = &self.inner.settings;
        let iat = self.inner.clock.now().micros().div_euclid(SECOND);
        let exp = iat + settings.ttl / SECOND;
        let wire = Wire {
            iss: settings.issuer.clone(),
            aud: settings.audience.clone(),
            sub: member_id.to_string(),
            sid: session_id.to_string(),
            iat,
            exp,
        };
        let token = jsonwebtoken::encode(&self.inner.header, &wire, &self.inner.signer).map_err(Error::internal)?;
        Ok((token, Instant(exp * SECOND)))
    }

    /// What the token says, if one of our keys signed it, for this issuer and audience, and it has not expired. Whether
    /// its session still lives is not known here.
    pub fn verify(&self, token: &str) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Invalid);
        }
        let digest = Sha256::digest(token).into();
        let remembered = self.inner.remembered.as_ref();
        let claims = match remembered.and_then(|cache| cache.get(&digest)) {
            Some(claims) => claims,
            None => {
                let claims = self.read(token).ok_or(TokenError::Invalid)?;
                if let Some(cache) = remembered {
                    cache.insert(digest, claims);
                }
                claims
            }
        };
        let now = self.inner.clock.now();
        if claims.issued_at > now.plus(FUTURE_LEEWAY) {
            return Err(TokenError::Invalid);
        }
        if now >= claims.expires_at { Err(TokenError::Expired) } else { Ok(claims) }
    }

    /// The public keys, as `/.well-known/jwks.json` shows them.
    pub fn jwks(&self) -> &serde_json::Value {
        &self.inner.jwks
    }

    /// Checks everything but the time. `None` when anything is wrong: a client learns no more than that.
    fn read(&self, token: &str) -> Option<Claims> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        // An extension named critical must be understood or refused (RFC 7515, 4.1.11), and we understand none.
        if header.crit.is_some() || !header.typ.is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE)) {
            return None;
        }
        let key = self.inner.verifiers.get(&header.kid?)?;
        // The library checks that the algorithm is EdDSA, then the signature, the issuer and the audience.
        let wire = jsonwebtoken::decode::<Wire>(token, key, &self.inner.validation).ok()?.claims;
        let claims = Claims {
            member_id: Id::parse_str(&wire.sub).ok()?,
            session_id: Id::parse_str(&wire.sid).ok()?,
            issued_at: Instant(wire.iat.checked_mul(SECOND)?),
            expires_at: Instant(wire.exp.checked_mul(SECOND)?),
        };
        (claims.issued_at < claims.expires_at).then_some(claims)
    }
}

/// What the library checks. The time is not among it: the library reads the system's clock, and we have our own.
fn validation(settings: &TokenSettings) -> Validation {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_issuer(&[&settings.issuer]);
    validation.set_audience(&[&settings.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.validate_exp = false;
    validation.leeway = 0;
    validation
}

#[cfg(test)]
mod tests;
