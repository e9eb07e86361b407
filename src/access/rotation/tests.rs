use super::*;
use crate::access::token::SigningKey;
use crate::base::clock::{DAY, MINUTE};
use crate::base::id::{Id, Random};

/// A server with one session, as the member domain keeps it.
struct Server {
    state: SessionState,
    key: RotationKey,
    now: Instant,
}

const START: Instant = Instant(1_800_000_000_000_000);

impl Server {
    fn new() -> (Server, RefreshToken) {
        let first = RefreshToken::new(&Random::seeded(1), Id::from_u128(1), Id::from_u128(2));
        let key = SigningKey::generate(&Random::seeded(2)).rotation_key();
        (Server { state: SessionState::begin(&first, START.plus(30 * DAY)), key, now: START }, first)
    }

    fn ask(&self, token: &RefreshToken) -> Rotation {
        decide(&self.state, token, &self.key, self.now)
    }

    /// What the service does with the answer.
    fn refresh(&mut self, token: &RefreshToken) -> Result<RefreshToken, Rotation> {
        match self.ask(token) {
            Rotation::Rotate { next } => {
                self.state = self.state.rotated(&next, self.now);
                Ok(next)
            }
            Rotation::AcceptPrevious { next } => Ok(next),
            Rotation::Reuse => {
                self.state.revoked_at = Some(self.now);
                Err(Rotation::Reuse)
            }
            refusal => Err(refusal),
        }
    }

    fn wait(&mut self, micros: i64) {
        self.now = self.now.plus(micros);
    }
}

#[test]
fn each_refresh_replaces_the_token() {
    let (mut server, mut token) = Server::new();
    for _ in 0..5 {
        server.wait(10 * MINUTE);
        let next = server.refresh(&token).unwrap();
        assert_ne!(next, token);
        token = next;
    }
    assert!(matches!(server.ask(&token), Rotation::Rotate { .. }));
}

#[test]
fn a_lost_reply_is_repeated_word_for_word() {
    let (mut server, r0) = Server::new();
    let lost = server.refresh(&r0).unwrap();
    let state = server.state;
    for _ in 0..3 {
        server.wait(9 * SECOND);
        assert_eq!(server.refresh(&r0), Ok(lost.clone()));
        assert_eq!(server.state, state, "a repeat writes nothing");
    }
    // Both copies are the same token, and whichever comes first goes on.
    server.wait(10 * MINUTE);
    let r2 = server.refresh(&lost).unwrap();
    assert_eq!(server.refresh(&lost), Ok(r2.clone()), "the other window, in the same seconds");
    server.wait(10 * MINUTE);
    assert!(server.refresh(&r2).is_ok());
}

#[test]
fn the_grace_ends_on_the_microsecond() {
    let (mut server, r0) = Server::new();
    server.refresh(&r0).unwrap();
    server.wait(GRACE - 1);
    assert!(matches!(server.ask(&r0), Rotation::AcceptPrevious { .. }));
    server.wait(1);
    assert_eq!(server.ask(&r0), Rotation::Reuse);
}

#[test]
fn a_thief_with_an_old_token_ends_the_session() {
    let (mut server, r0) = Server::new();
    let r1 = server.refresh(&r0).unwrap();
    server.wait(GRACE);
    assert_eq!(server.refresh(&r0), Err(Rotation::Reuse));
    assert_eq!(server.refresh(&r1), Err(Rotation::Revoked), "the owner has to log in again, and so learns of it");
}

/// The thief was quick and got the same token as the owner. They still meet.
#[test]
fn a_thief_within_the_grace_is_found_at_the_next_refresh() {
    let (mut server, r0) = Server::new();
    let owners = server.refresh(&r0).unwrap();
    let thiefs = server.refresh(&r0).unwrap();
    server.wait(9 * MINUTE);
    let ahead = server.refresh(&thiefs).unwrap();
    server.wait(MINUTE);
    assert_eq!(server.refresh(&owners), Err(Rotation::Reuse));
    assert_eq!(server.refresh(&ahead), Err(Rotation::Revoked));
}

#[test]
fn a_token_of_long_ago_is_recognised_even_within_a_later_grace() {
    let (mut server, r0) = Server::new();
    let mut token = r0.clone();
    for _ in 0..1_000 {
        server.wait(10 * MINUTE);
        token = server.refresh(&token).unwrap();
    }
    assert_eq!(server.ask(&r0), Rotation::Reuse);
}

#[test]
fn a_made_up_secret_ends_nothing() {
    let (mut server, r0) = Server::new();
    let r1 = server.refresh(&r0).unwrap();
    let forged = RefreshToken::new(&Random::seeded(9), r0.member_id, r0.session_id);
    assert_eq!(server.refresh(&forged), Err(Rotation::Unknown));
    // Nor does a token of the session's future, which only the server can make.
    let future = r1.successor(&server.key);
    assert_eq!(server.refresh(&future), Err(Rotation::Unknown));
    assert!(server.refresh(&r1).is_ok());
}

#[test]
fn an_ended_session_stays_ended() {
    let (mut server, r0) = Server::new();
    let expires_at = server.state.expires_at;
    server.now = Instant(expires_at.micros() - 1);
    assert!(matches!(server.ask(&r0), Rotation::Rotate { .. }));
    server.now = expires_at;
    assert_eq!(server.ask(&r0), Rotation::Expired);
    server.state.revoked_at = Some(START);
    assert_eq!(server.ask(&r0), Rotation::Revoked);
}

#[test]
fn a_session_outlives_the_servers_key() {
    let (mut server, r0) = Server::new();
    let r1 = server.refresh(&r0).unwrap();
    server.key = SigningKey::generate(&Random::seeded(3)).rotation_key();
    assert_eq!(server.ask(&r0), Rotation::Unknown, "the same successor cannot be made any more");
    let r2 = server.refresh(&r1).unwrap();
    assert_eq!(server.refresh(&r1), Ok(r2.clone()));
    server.wait(10 * MINUTE);
    assert!(server.refresh(&r2).is_ok());
}
