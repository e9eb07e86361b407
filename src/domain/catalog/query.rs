//! Finding products and what is left of them.

mod by_sku;
mod with_pile;

use sea_orm::sea_query::{Expr, ExprTrait, Func, LikeExpr};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    Select,
};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Page, Slice};
use crate::db::Db;
use crate::db::dialect::Held;
use crate::db::lookup::row_by_id;
use crate::db::rows;
use crate::domain::catalog::entity::{category, product, stock};

pub use by_sku::ProductBySku;
pub use with_pile::WithPile;

row_by_id!(
    /// A product by its id.
    ProductKey: product by Id
);
row_by_id!(
    /// The stock of a product, or of a reward that is limited.
    StockKey: stock by Id
);

row_by_id!(
    /// A category by its id.
    CategoryKey: category by Id
);

/// Every category, by slug. There are never more than [`MAX_CATEGORIES`](super::rule::MAX_CATEGORIES).
pub async fn list_categories(db: &Db) -> Result<Vec<category::Model>> {
    Ok(rows::select(&db.read, "SELECT * FROM category ORDER BY slug".to_owned(), Vec::new()).await?)
}

/// What a list of products is ordered by; the id decides between equals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortField {
    Name,
    Price,
    CreatedAt,
}

/// A place in such a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    Text(String),
    Number(i64),
}

/// Which products are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub search: Option<String>,
    pub skus: Option<Vec<String>>,
    pub slugs: Option<Vec<String>>,
    /// Minor units, both ends included.
    pub price: (Option<i64>, Option<i64>),
    pub in_stock: Option<bool>,
}

impl Wanted {
    fn condition(&self) -> Condition {
        let mut all = Condition::all();
        if let Some(search) = self.search.as_deref().map(str::trim).filter(|search| !search.is_empty()) {
            all = all.add(matching(search));
        }
        if let Some(skus) = &self.skus {
            all = all.add(product::Column::Sku.is_in(skus.clone()));
        }
        if let Some(slugs) = &self.slugs {
            all = all.add(product::Column::Slug.is_in(slugs.clone()));
        }
        all = all.add_option(self.price.0.map(|least| product::Column::Price.gte(least)));
        all = all.add_option(self.price.1.map(|most| product::Column::Price.lte(most)));
        if let Some(in_stock) = self.in_stock {
            let piles =
                stock::Entity::find().select_only().column(stock::Column::Id).filter(stock::Column::Remaining.gt(0));
            let pile = sea_orm::QueryTrait::into_query(piles);
            let id = product::Column::Id;
            all = all.add(if in_stock { id.in_subquery(pile) } else { id.not_in_subquery(pile) });
        }
        all
    }
}

/// Products whose name, description or SKU contains the text, whatever its case.
fn matching(search: &str) -> Condition {
    // Neither database folds more than ASCII wherever it runs, so other letters are tried in both cases.
    let patterns = [pattern(&search.to_lowercase()), pattern(&search.to_uppercase())];
    let columns = [product::Column::Name, product::Column::Description, product::Column::Sku];
    columns.into_iter().fold(Condition::any(), |any, column| {
        patterns.iter().fold(any, |any, pattern| {
            let lower = Func::lower(Expr::col((product::Entity, column)));
            any.add(Expr::expr(lower).like(LikeExpr::new(pattern.clone()).escape('\\')))
        })
    })
}

/// What LIKE compares with a text in lower case: the signs that mean something to it stand for themselves.
fn pattern(search: &str) -> String {
    let mut pattern = String::from("%");
    for character in search.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character.to_ascii_lowercase());
    }
    pattern.push('%');
    pattern
}

/// A page of products in an order, ascending or descending.
pub async fn list_products(
    db: &Db,
    wanted: &Wanted,
    (field, ascending): (SortField, bool),
    page: &Page<(SortValue, Id)>,
) -> Result<Slice<product::Model>> {
    let column = match field {
        SortField::Name => product::Column::Name,
        SortField::Price => product::Column::Price,
        SortField::CreatedAt => product::Column::CreatedAt,
    };
    let mut select = product::Entity::find().filter(wanted.condition());
    if let Some(after) = &page.after {
        select = select.filter(beyond(column, after, ascending));
    }
    if let Some(before) = &page.before {
        select = select.filter(beyond(column, before, !ascending));
    }
    let order = if ascending == page.backward { Order::Desc } else { Order::Asc };
    let rows = select
        .order_by(column, order.clone())
        .order_by(product::Column::Id, order)
        .limit(page.size as u64 + 1)
        .all(&db.read)
        .await?;
    Ok(Slice::from_probe(rows, page))
}

/// The place of a product in a list ordered by a field.
pub fn place_of(product: &product::Model, field: SortField) -> (SortValue, Id) {
    let value = match field {
        SortField::Name => SortValue::Text(product.name.clone()),
        SortField::Price => SortValue::Number(product.price),
        SortField::CreatedAt => SortValue::Number(product.created_at),
    };
    (value, product.id)
}

/// The rows behind a place (or before it, for a descending list).
fn beyond(column: product::Column, (value, id): &(SortValue, Id), ascending: bool) -> Condition {
    let value: sea_orm::Value = match value {
        SortValue::Text(text) => text.clone().into(),
        SortValue::Number(number) => (*number).into(),
    };
    let (strictly, id_beyond) = if ascending {
        (column.gt(value.clone()), product::Column::Id.gt(*id))
    } else {
        (column.lt(value.clone()), product::Column::Id.lt(*id))
    };
    Condition::any().add(strictly).add(Condition::all().add(column.eq(value)).add(id_beyond))
}

pub async fn count_products(db: &Db, wanted: &Wanted) -> Result<i64> {
    use sea_orm::PaginatorTrait;
    let count = product::Entity::find().filter(wanted.condition()).count(&db.read).await?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

pub async fn find_by_sku(db: &Db, sku: &str) -> Result<Option<product::Model>> {
    find(db, product::Entity::find().filter(product::Column::Sku.eq(sku))).await
}

pub async fn find_by_slug(db: &Db, slug: &str) -> Result<Option<product::Model>> {
    find(db, product::Entity::find().filter(product::Column::Slug.eq(slug))).await
}

async fn find(db: &Db, select: Select<product::Entity>) -> Result<Option<product::Model>> {
    Ok(select.one(&db.read).await?)
}

/// A pile, locked until the transaction ends.
pub async fn lock_pile(tx: &DatabaseTransaction, id: Id) -> Result<Option<stock::Model>, DbErr> {
    Ok(rows::lock_by_ids::<stock::Entity>(tx, stock::Column::Id, [id], Held::Awaited).await?.pop())
}

/// Lays more pieces on a pile that is locked.
pub async fn add_pieces(tx: &DatabaseTransaction, pile: stock::Model, pieces: i64) -> Result<(), DbErr> {
    let pile = stock::Model { granted: pile.granted + pieces, remaining: pile.remaining + pieces, ..pile };
    rows::update::<stock::Entity>(tx, vec![pile]).await
}

/// Grants a pile so many pieces in all, and makes it if it is not there: locked, and never fewer than are used of it, of
/// which there are so many otherwise.
pub async fn grant_pieces(tx: &DatabaseTransaction, id: Id, granted: i64) -> Result<Result<(), i64>, DbErr> {
    let known = lock_pile(tx, id).await?;
    let used = known.as_ref().map_or(0, |pile| pile.used);
    if granted < used {
        return Ok(Err(used));
    }
    let pile = vec![stock::Model { id, granted, remaining: granted - used, used }];
    match known {
        Some(_) => rows::update::<stock::Entity>(tx, pile).await?,
        None => rows::insert::<stock::Entity>(tx, pile).await?,
    }
    Ok(Ok(()))
}
