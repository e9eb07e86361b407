//! Products as their owners name them.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use crate::base::error::Result;
use crate::base::text::has_control;
use crate::db::Db;
use crate::db::lookup::keyed;
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::catalog::entity::product;

/// A product by its stock-keeping unit, whatever is left of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProductBySku(pub String);

impl Lookup for ProductBySku {
    type Row = Arc<product::Model>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            // A text with control characters is nobody's, and not every database takes it.
            let skus = keys.into_iter().map(|key| key.0).filter(|sku| !has_control(sku));
            let found = rows::by_texts::<product::Entity>(&db.read, product::Column::Sku, skus).await?;
            Ok(keyed(found, |row| ProductBySku(row.sku.clone())))
        })
    }
}
