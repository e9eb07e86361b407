//! Putting products on the shelves, and filing them.

use std::sync::Arc;

use crate::access::actor::Actor;
use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::db::dialect::Held;
use crate::db::rows;
use crate::db::rows::insert_if_absent;
use crate::db::write::Tx;
use crate::domain::catalog::entity::{category, product, stock};
use crate::domain::catalog::query::{self, CategoryKey};
use crate::domain::catalog::rule::{CategoryRejection, FilingRejection, MAX_CATEGORIES, check_category};

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

/// Makes a category.
pub async fn create_category(
    app: &App,
    actor: &Actor,
    slug: String,
    name: String,
) -> Result<Result<Arc<category::Model>, CategoryRejection>> {
    actor.staff()?;
    let (slug, name) = (slug.trim().to_owned(), name.trim().to_owned());
    if let Err(rejection) = check_category(&slug, &name) {
        return Ok(Err(rejection));
    }
    if query::list_categories(&app.db).await?.len() >= MAX_CATEGORIES {
        return Ok(Err(CategoryRejection::TooMany));
    }
    let row = category::Model { id: app.ids.next(), slug, name, created_at: app.clock.now().micros() };
    let work = move |tx: Tx| {
        let row = row.clone();
        async move {
            let inserted = insert_if_absent::<category::Entity>(&*tx, vec![row.clone()]).await?;
            if !inserted.is_empty() {
                return Ok(Ok(row));
            }
            // Our own from an attempt before, whose COMMIT succeeded but whose reply was lost.
            let there = rows::by_ids::<category::Entity>(&*tx, category::Column::Id, [row.id]).await?;
            Ok(there.into_iter().next().ok_or(CategoryRejection::SlugTaken))
        }
    };
    Ok(app.db.write(work).await?.map(Arc::new))
}

/// Every category, by slug. Anybody may know them.
pub async fn list_categories(app: &App) -> Result<Vec<Arc<category::Model>>> {
    Ok(query::list_categories(&app.db).await?.into_iter().map(Arc::new).collect())
}

/// Files a product under a category, or under none. Orders keep the category that each line had.
pub async fn file_product(
    app: &App,
    actor: &Actor,
    product_id: Option<Id>,
    category_id: Option<Option<Id>>,
) -> Result<Result<Arc<product::Model>, FilingRejection>> {
    actor.staff()?;
    let Some(product_id) = product_id else { return Ok(Err(FilingRejection::ProductUnknown)) };
    if let Some(category_id) = category_id {
        let category = match category_id {
            Some(id) => app.hub.find(CategoryKey(id)).await?,
            None => None,
        };
        if category.is_none() {
            return Ok(Err(FilingRejection::CategoryUnknown));
        }
    }
    let category_id = category_id.flatten();
    let work = move |tx: Tx| async move {
        let wanted = [product_id];
        let found = rows::lock_by_ids::<product::Entity>(&*tx, product::Column::Id, wanted, Held::Awaited).await?.pop();
        let Some(found) = found else { return Ok(Err(FilingRejection::ProductUnknown)) };
        let filed = product::Model { category_id, ..found };
        rows::update::<product::Entity>(&*tx, vec![filed.clone()]).await?;
        Ok(Ok(filed))
    };
    Ok(app.db.write(work).await?.map(Arc::new))
}
