//! Admitting a member: by registering, or by moving in with an import.

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::commit::command::{Command, Stop};
use crate::commit::rows::{Changes, Keys, NewMember, Rows};
use crate::domain::member::entity::{HandleKind, credential, handle, member, profile, session};
use crate::domain::outbox::entity::{Topic, Uncounted, outbox};
use crate::domain::points::entity::wallet;
use crate::domain::points::rule::open_wallet;

/// A member-to-be. Everything is already checked, folded and, for a password, hashed.
#[derive(Clone, Debug)]
pub struct Register {
    pub member: member::Model,
    pub profile: profile::Model,
    pub credential: Option<credential::Model>,
    /// The session that registering opens; an imported member has none.
    pub session: Option<session::Model>,
    /// The names to be claimed, in the form in which they are compared.
    pub names: Vec<(HandleKind, String)>,
    pub event_id: Id,
}

/// The names that others have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken(pub Vec<HandleKind>);

impl Command for Register {
    type Done = ();
    type Rejection = Taken;

    fn wallet(&self) -> Id {
        self.member.id
    }

    fn rows(&self) -> usize {
        6 + self.names.len()
    }

    fn keys(&self, keys: &mut Keys) {
        keys.claims.extend(self.handles());
        keys.wallets.insert(self.member.id);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, ()), Stop<Taken>> {
        // The wallet is there when an earlier COMMIT succeeded but its reply was lost.
        if rows.ledgers.contains_key(&self.member.id) {
            return Ok((Changes::default(), ()));
        }
        let taken: Vec<HandleKind> = self
            .names
            .iter()
            .filter(|(kind, value)| rows.owner_of(*kind, value).is_some())
            .map(|(kind, _)| *kind)
            .collect();
        if !taken.is_empty() {
            return Err(Taken(taken).into());
        }
        let wallet = open_wallet(self.member.id, &rows.program);
        let new = NewMember {
            wallet: wallet::Model { joined_at: self.member.created_at, ..wallet },
            member: self.member.clone(),
            profile: self.profile.clone(),
            credential: self.credential.clone(),
            session: self.session.clone(),
        };
        let event = outbox::Model {
            member_id: self.member.id,
            id: self.event_id,
            topic: Topic::MemberRegistered,
            wallet_seq: 0,
            payload: serde_json::json!({ "memberId": self.member.id, "number": self.member.number }).to_string(),
            created_at: now.micros(),
            uncounted: Some(Uncounted::InFull),
        };
        let names = self.handles().collect();
        Ok((Changes { names, new_member: Some(new), events: vec![event], ..Changes::default() }, ()))
    }
}

impl Register {
    fn handles(&self) -> impl Iterator<Item = handle::Model> {
        self.names.iter().map(|(kind, value)| handle::Model {
            kind: *kind,
            value: value.clone(),
            member_id: self.member.id,
            subject_id: self.member.id,
        })
    }
}
