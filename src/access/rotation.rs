//! What a presented refresh token means for its session. A pure rule: the caller loads the row, asks, and writes.
//!
//! Every refresh replaces the token, so a stolen one shows: sooner or later the thief and the owner both present a
//! token that was replaced already, and the whole session ends ([`Rotation::Reuse`]). Two things look like that and
//! are not theft.
//!
//! **A lost reply.** The client sends R0, the server replaces it by R1, and the reply is lost on the way; so the client
//! sends R0 again. Or two windows send R0 in the same moment. If the second R0 made yet another token R2, then R1
//! would be orphaned, and the question when R1 arrives after all has no good answer: to take it for theft ends an
//! honest session, to forgive it lets a thief fork the session and stay. So there is no R2. A successor *follows* from its
//! predecessor (`R1 = HMAC(server's key, R0)`, [`RefreshToken::successor`]), and within [`GRACE`] R0 is answered with the
//! same R1 again, with nothing written. The chain never forks, however often replies are lost, and both windows hold the
//! same token. A thief who uses R0 within these seconds holds R1 like its owner; one of the two is the first to replace it,
//! and when the other presents it later than the grace, the session ends.
//!
//! **A forgery.** Whoever has read a session's id in some log could present it with a made-up secret. If that ended the
//! session, anybody could log others out. A genuine earlier token proves itself: following the chain from it
//! leads to the present one. What leads nowhere is [`Rotation::Unknown`] and changes nothing.
//!
//! When the server's signing key is replaced, a chain goes on under the new key. Only a repeat that falls just then can
//! no longer be answered with the same token; it is `Unknown`, and that client logs in again. Tokens that were replaced
//! under the former key are still refused, but no longer proven, so they do not end the session.

use crate::access::token::{RefreshToken, RotationKey, same_hash};
use crate::base::clock::{Instant, SECOND};

/// For how long after a rotation the token before works again, in microseconds.
pub const GRACE: i64 = 30 * SECOND;
/// How far back a replaced token is recognised, in rotations: five weeks of one every ten minutes. It bounds the work
/// of following a chain to a few milliseconds; older tokens are refused like forgeries.
const MAX_STEPS: usize = 5_000;

/// What the session's row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionState {
    pub current_hash: [u8; 32],
    /// The hash of the token that `current_hash` replaced.
    pub previous_hash: Option<[u8; 32]>,
    /// Until when the previous token may be presented again; the moment itself is too late.
    pub previous_valid_until: Instant,
    pub expires_at: Instant,
    pub revoked_at: Option<Instant>,
}

/// What to do with a presented token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It is the current one. Write [`SessionState::rotated`], with the row locked since it was read, and give the client
    /// `next`. Of two requests with one token the second then reads what the first wrote, and is `AcceptPrevious`.
    Rotate { next: RefreshToken },
    /// It is the one before, within the grace. Write nothing, and give the client `next`, which is the current token.
    AcceptPrevious { next: RefreshToken },
    /// It was replaced longer ago: stolen, or kept by a client that should not have. Revoke the session.
    Reuse,
    /// The session is past its end.
    Expired,
    /// The session was ended: a logout, a disabled member, or a reuse.
    Revoked,
    /// It never was a token of this session. Refuse it, and leave the session alone.
    Unknown,
}

/// Judges a token that names this session.
pub fn decide(state: &SessionState, presented: &RefreshToken, key: &RotationKey, now: Instant) -> Rotation {
    if state.revoked_at.is_some() {
        return Rotation::Revoked;
    }
    if now >= state.expires_at {
        return Rotation::Expired;
    }
    let hash = presented.hash();
    let next = presented.successor(key);
    if same_hash(&hash, &state.current_hash) {
        return Rotation::Rotate { next };
    }
    let is_previous = state.previous_hash.is_some_and(|previous| same_hash(&hash, &previous));
    if is_previous && now >= state.previous_valid_until {
        return Rotation::Reuse;
    }
    let leads_to_current = same_hash(&next.hash(), &state.current_hash);
    match (is_previous, leads_to_current) {
        (true, true) => Rotation::AcceptPrevious { next },
        // The server's key was replaced between the two.
        (true, false) => Rotation::Unknown,
        (false, _) if is_ancestor(next, state, key) => Rotation::Reuse,
        (false, _) => Rotation::Unknown,
    }
}

/// True when the chain from this token reaches the current or the previous one. The previous one counts too: it may
/// have been the last under a former key.
fn is_ancestor(token: RefreshToken, state: &SessionState, key: &RotationKey) -> bool {
    let is_known = |hash: [u8; 32]| {
        same_hash(&hash, &state.current_hash) || state.previous_hash.is_some_and(|previous| same_hash(&hash, &previous))
    };
    std::iter::successors(Some(token), |token| Some(token.successor(key)))
        .take(MAX_STEPS)
        .any(|token| is_known(token.hash()))
}

impl SessionState {
    /// A new session's state, with its first token.
    pub fn begin(first: &RefreshToken, expires_at: Instant) -> SessionState {
        SessionState {
            current_hash: first.hash(),
            previous_hash: None,
            previous_valid_until: Instant::default(),
            expires_at,
            revoked_at: None,
        }
    }

    /// The state after [`Rotation::Rotate`].
    #[must_use]
    pub fn rotated(&self, next: &RefreshToken, now: Instant) -> SessionState {
        SessionState {
            current_hash: next.hash(),
            previous_hash: Some(self.current_hash),
            previous_valid_until: now.plus(GRACE),
            ..*self
        }
    }
}

#[cfg(test)]
mod tests;
