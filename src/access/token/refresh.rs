//! Refresh tokens: opaque to clients, stored as a hash only.
//!
//! A token is `version ‖ member ‖ session ‖ secret` in base64url, 87 characters. The first secret of a session is
//! random; each later one follows from the one before under a key that only the server has. Why they follow from one
//! another is told in [`crate::access::rotation`].

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::base::id::{Id, Random};

const VERSION: u8 = 1;
const ID_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;
const TOKEN_BYTES: usize = 1 + 2 * ID_BYTES + SECRET_BYTES;

/// A refresh token in the clear. It exists on its way to or from the client, never in the database.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub member_id: Id,
    pub session_id: Id,
    secret: [u8; SECRET_BYTES],
}

/// Shows whose token it is, never the secret.
impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RefreshToken(session {})", self.session_id)
    }
}

impl RefreshToken {
    /// The first token of a session. Give it [`Random::System`] for anything but a test.
    pub fn new(random: &Random, member_id: Id, session_id: Id) -> RefreshToken {
        RefreshToken { member_id, session_id, secret: random.bytes() }
    }

    /// Reads what a client sent. `None` when it is not a token we could have made: nothing needs to be looked up.
    pub fn parse(text: &str) -> Option<RefreshToken> {
        let mut bytes = [0; TOKEN_BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (member, rest) = rest.split_first_chunk::<ID_BYTES>()?;
        let (session, rest) = rest.split_first_chunk::<ID_BYTES>()?;
        let secret = <[u8; SECRET_BYTES]>::try_from(rest).ok()?;
        let token = RefreshToken { member_id: Id::from_bytes(*member), session_id: Id::from_bytes(*session), secret };
        (length == TOKEN_BYTES && *version == VERSION).then_some(token)
    }

    /// The text for the client. The only way to see the secret, so named to be found.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }

    /// What is stored. A plain hash will do: the secret has 256 bits, so there is nothing to guess slowly. It covers the
    /// ids too, so a secret is good for its own session only.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.bytes()).into()
    }

    /// The token that replaces this one: always the same one for the same key.
    pub fn successor(&self, key: &RotationKey) -> RefreshToken {
        RefreshToken { secret: key.mac(&self.bytes()), ..*self }
    }

    fn bytes(&self) -> [u8; TOKEN_BYTES] {
        let mut bytes = [VERSION; TOKEN_BYTES];
        bytes[1..17].copy_from_slice(self.member_id.as_bytes());
        bytes[17..33].copy_from_slice(self.session_id.as_bytes());
        bytes[33..].copy_from_slice(&self.secret);
        bytes
    }
}

/// The server's key from which each refresh token's successor follows (HMAC-SHA-256).
#[derive(Clone)]
pub struct RotationKey(Hmac<Sha256>);

impl fmt::Debug for RotationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RotationKey")
    }
}

impl RotationKey {
    /// A key of its own for this one purpose, so that the signing key signs and does nothing else.
    pub(super) fn derive(seed: &[u8; 32]) -> RotationKey {
        let root = RotationKey(keyed(seed));
        RotationKey(keyed(&root.mac(b"jifen refresh token rotation")))
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

/// Compares two hashes in the same time wherever they differ.
pub fn same_hash(left: &[u8; 32], right: &[u8; 32]) -> bool {
    left.ct_eq(right).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(seed: u64) -> RefreshToken {
        RefreshToken::new(&Random::seeded(seed), Id::from_u128(7), Id::from_u128(8))
    }

    #[test]
    fn a_token_survives_the_way_to_the_client_and_back() {
        let text = token(1).reveal();
        assert_eq!(text.len(), 87);
        assert_eq!(RefreshToken::parse(&text), Some(token(1)));
        assert_eq!(token(1).hash(), RefreshToken::parse(&text).unwrap().hash());
    }

    #[test]
    fn what_we_did_not_make_is_not_read() {
        let good = token(1).reveal();
        let other_version = format!("Ag{}", &good[2..]);
        let with_spare_bits = format!("{}{}", &good[..86], if good.ends_with('B') { 'C' } else { 'B' });
        for bad in [
            "",
            "x",
            &good[..86],
            &format!("{good}A"),
            &format!("{good}="),
            &other_version,
            &with_spare_bits,
            &"A".repeat(100_000),
        ] {
            assert_eq!(RefreshToken::parse(bad), None, "{bad:.100}");
        }
    }

    #[test]
    fn the_hash_covers_the_session() {
        let mut moved = token(1);
        moved.session_id = Id::from_u128(9);
        assert!(!same_hash(&moved.hash(), &token(1).hash()));
        assert!(same_hash(&token(1).hash(), &token(1).hash()));
    }

    #[test]
    fn a_successor_is_the_same_for_the_same_key_only() {
        let (key, other) = (RotationKey::derive(&[1; 32]), RotationKey::derive(&[2; 32]));
        let next = token(1).successor(&key);
        assert_eq!(next, token(1).successor(&key));
        assert_ne!(next, token(1));
        assert_ne!(next, token(1).successor(&other));
        assert_ne!(next, next.successor(&key));
        assert_eq!((next.member_id, next.session_id), (Id::from_u128(7), Id::from_u128(8)));
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", token(1)), "RefreshToken(session 00000000-0000-0000-0000-000000000008)");
        assert_eq!(format!("{:?}", RotationKey::derive(&[1; 32])), "RotationKey");
    }
}
