//! The order in which points were spent, read off the books afterwards.

use std::collections::BTreeMap;

use jifen::base::id::Id;
use jifen::domain::points::entity::{allocation, lot, txn};
use sea_orm::FromQueryResult;

use super::Shop;

/// Every redemption took its points from the lots that came first at its time, by expiry, activation and id.
pub async fn spent_in_order(shop: &Shop, member: Id) {
    let lots = rows_of::<lot::Model>(shop, "SELECT * FROM lot WHERE member_id = $1", member).await;
    let txns = rows_of::<txn::Model>(shop, "SELECT * FROM txn WHERE member_id = $1 ORDER BY seq", member).await;
    let parts = "SELECT * FROM allocation WHERE member_id = $1 ORDER BY txn_id, position";
    let parts = rows_of::<allocation::Model>(shop, parts, member).await;
    let order = |id: Id| lots.iter().find(|lot| lot.id == id).map(|lot| (lot.expires_at, lot.activates_at, lot.id));
    let mut left: BTreeMap<_, i64> = BTreeMap::new();
    for txn in txns {
        for part in parts.iter().filter(|part| part.txn_id == txn.id) {
            let place = order(part.lot_id).expect("an allocation's lot is there");
            if part.taken_from.is_none() {
                left.insert(place, part.points);
                continue;
            }
            let mut first = left.first_entry().expect("there are points to spend");
            assert_eq!(*first.key(), place, "transaction {} passed over a lot that comes first", txn.seq);
            *first.get_mut() -= part.points;
            if *first.get() == 0 {
                first.remove();
            }
        }
    }
}

async fn rows_of<M: FromQueryResult>(shop: &Shop, sql: &str, member: Id) -> Vec<M> {
    M::find_by_statement(shop.db.dialect.statement(sql, [member.into()])).all(&shop.db.read).await.unwrap()
}
