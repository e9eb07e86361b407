//! A product together with its pile, for those who need both at once: one statement instead of two.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::FromQueryResult;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::catalog::entity::{product, stock};

/// A product by its id, with what is left of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WithPile(pub Id);

#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    product: product::Model,
    granted: Option<i64>,
    remaining: Option<i64>,
    used: Option<i64>,
}

impl Lookup for WithPile {
    type Row = (Arc<product::Model>, Option<stock::Model>);

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let (of_these, ids) = db.dialect.one_of_ids("x.id", keys.into_iter().map(|key| key.0).collect());
            let sql = format!(
                "SELECT x.*, s.granted, s.remaining, s.used FROM product x LEFT JOIN stock s ON s.id = x.id \
                 WHERE {of_these}"
            );
            let found: Vec<Found> = rows::select(&db.read, sql, vec![ids]).await?;
            let found = found.into_iter().map(|Found { product, granted, remaining, used }| {
                let id = product.id;
                let pile = granted.zip(remaining).zip(used);
                let pile = pile.map(|((granted, remaining), used)| stock::Model { id, granted, remaining, used });
                (WithPile(id), (Arc::new(product), pile))
            });
            Ok(found.collect())
        })
    }
}
