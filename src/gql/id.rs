//! Global ids: opaque to clients, they carry what kind of thing it is, whose it is, and its row.

use async_graphql::ID;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::base::id::Id;

/// The kinds of things that have a global id. The byte is part of the id and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    Member = 1,
    Order = 2,
    Product = 3,
    Reward = 4,
    PointsEntry = 5,
    Redemption = 6,
    Coupon = 7,
    PointsLot = 8,
    PointsHold = 9,
    PointsAdjustment = 10,
    PointsTransfer = 11,
    OrderReturn = 12,
    Household = 13,
    EarningRule = 14,
    EventType = 15,
    Event = 16,
    Category = 17,
    Outlet = 18,
    Simulation = 19,
    TierSet = 20,
    Tier = 21,
    Segment = 22,
}

const KINDS: [NodeKind; 22] = [
    NodeKind::Member,
    NodeKind::Order,
    NodeKind::Product,
    NodeKind::Reward,
    NodeKind::PointsEntry,
    NodeKind::Redemption,
    NodeKind::Coupon,
    NodeKind::PointsLot,
    NodeKind::PointsHold,
    NodeKind::PointsAdjustment,
    NodeKind::PointsTransfer,
    NodeKind::OrderReturn,
    NodeKind::Household,
    NodeKind::EarningRule,
    NodeKind::EventType,
    NodeKind::Event,
    NodeKind::Category,
    NodeKind::Outlet,
    NodeKind::Simulation,
    NodeKind::Segment,
    NodeKind::TierSet,
    NodeKind::Tier,
];

/// An id as read: for what belongs to a member, `owner` is that member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalId {
    pub kind: NodeKind,
    pub owner: Option<Id>,
    pub row: Id,
}

/// The id of something that belongs to nobody, or of a member.
pub fn global(kind: NodeKind, row: Id) -> ID {
    encode(kind, None, row)
}

/// The id of something that belongs to a member.
pub fn owned(kind: NodeKind, owner: Id, row: Id) -> ID {
    encode(kind, Some(owner), row)
}

fn encode(kind: NodeKind, owner: Option<Id>, row: Id) -> ID {
    let mut bytes = Vec::with_capacity(33);
    bytes.push(kind as u8);
    if let Some(owner) = owner {
        bytes.extend_from_slice(owner.as_bytes());
    }
    bytes.extend_from_slice(row.as_bytes());
    ID(URL_SAFE_NO_PAD.encode(bytes))
}

impl GlobalId {
    /// Reads an id a client sent. Anything that is not one of ours is `None`, which callers treat as not found.
    pub fn parse(id: &ID) -> Option<GlobalId> {
        let bytes = URL_SAFE_NO_PAD.decode(id.as_str()).ok()?;
        let (first, rest) = bytes.split_first()?;
        let kind = KINDS.into_iter().find(|kind| *kind as u8 == *first)?;
        match rest.len() {
            16 => Some(GlobalId { kind, owner: None, row: Id::from_slice(rest).ok()? }),
            32 => {
                let (owner, row) = rest.split_at(16);
                Some(GlobalId { kind, owner: Some(Id::from_slice(owner).ok()?), row: Id::from_slice(row).ok()? })
            }
            _ => None,
        }
    }

    /// The row, if the id is of this kind.
    pub fn row_of(kind: NodeKind, id: &ID) -> Option<Id> {
        GlobalId::parse(id).filter(|global| global.kind == kind).map(|global| global.row)
    }

    /// The member whose it is and the row, if the id is of this kind and of something that belongs to a member.
    pub fn owned_row_of(kind: NodeKind, id: &ID) -> Option<(Id, Id)> {
        let global = GlobalId::parse(id).filter(|global| global.kind == kind)?;
        Some((global.owner?, global.row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_back_and_a_foreign_one_refused() {
        let (owner, row) = (Id::from_u128(7), Id::from_u128(9));
        let id = owned(NodeKind::Order, owner, row);
        assert_eq!(GlobalId::parse(&id), Some(GlobalId { kind: NodeKind::Order, owner: Some(owner), row }));
        assert_eq!(GlobalId::row_of(NodeKind::Product, &id), None);
        assert_eq!(GlobalId::owned_row_of(NodeKind::Order, &id), Some((owner, row)));
        assert_eq!(GlobalId::owned_row_of(NodeKind::Coupon, &id), None);
        assert_eq!(GlobalId::owned_row_of(NodeKind::Member, &global(NodeKind::Member, row)), None);
        for foreign in ["", "1", "AAAA", "Ynl0ZXM", "%%%"] {
            assert_eq!(GlobalId::parse(&ID::from(foreign)), None, "{foreign}");
        }
    }
}
