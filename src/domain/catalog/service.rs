//! Putting products on the shelves.

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::db::rows::insert_if_absent;
use crate::domain::catalog::entity::{product, stock};

/// Adds products and piles; those that are there already stay as they are.
pub async fn add_products(app: &App, products: Vec<product::Model>, piles: Vec<stock::Model>) -> Result<()> {
    let work = move |tx: crate::db::write::Tx| {
        let (products, piles) = (products.clone(), piles.clone());
        async move {
            insert_if_absent::<product::Entity>(&*tx, products).await?;
            insert_if_absent::<stock::Entity>(&*tx, piles).await.map_err(Error::from)
        }
    };
    app.db.write(work).await?;
    Ok(())
}
