//! Products in the schema.

mod category;

use std::sync::Arc;

use async_graphql::connection::Connection;
use async_graphql::{Context, Enum, ID, InputObject, Object, OneofObject};

use crate::app::App;
use crate::base::error::Error;
use crate::base::money::{Currency, Money};
use crate::domain::catalog::entity::product;
pub use crate::domain::catalog::graphql::category::{
    CategoryMutation, CategoryObject, CategoryQuery, CategoryUserError,
};
use crate::domain::catalog::query::{
    CategoryKey, ProductKey, SortField, SortValue, StockKey, Wanted, count_products, find_by_sku, find_by_slug,
    list_products, place_of,
};
use crate::gql::caller::RequestContext;
use crate::gql::connection::{Opaque, PageArgs, connection};
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global};
use crate::gql::in_turn::InTurn;
use crate::gql::input::plain;
use crate::gql::scalar::{Decimal, MoneyObject, int, money};

/// Something the shop sells.
pub struct ProductObject(pub Arc<product::Model>);

/// Something the shop sells. Anybody may read it.
#[Object(name = "Product")]
impl ProductObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Product, self.0.id)
    }

    /// The shop's own article number, unique.
    async fn sku(&self) -> &str {
        &self.0.sku
    }

    /// The product's name in web addresses, unique.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// The price of one piece.
    async fn price(&self) -> MoneyObject {
        money(self.0.price, &self.0.currency)
    }

    /// The tax that is in the price, in hundredths of a percent of the price without it: 1300 is 13 %.
    async fn tax_rate(&self) -> i32 {
        int(self.0.tax_rate)
    }

    /// Pieces that can be ordered now.
    async fn available(&self, ctx: &Context<'_>) -> Result<i32> {
        let pile = ctx.reader().find(StockKey(self.0.id)).await?;
        Ok(pile.map_or(0, |pile| int(pile.remaining)))
    }

    /// Under which category it is filed (商品类目), if under any.
    async fn category(&self, ctx: &Context<'_>) -> Result<Option<CategoryObject>> {
        let Some(id) = self.0.category_id else { return Ok(None) };
        Ok(ctx.reader().find(CategoryKey(id)).await?.map(CategoryObject))
    }

    /// Where a picture of it is, if there is one.
    async fn image_url(&self) -> Option<&str> {
        self.0.image_url.as_deref()
    }
}

/// How to name one product.
#[derive(OneofObject)]
pub enum ProductBy {
    /// By its global id.
    Id(ID),
    /// By its article number.
    Sku(String),
    /// By its name in web addresses.
    Slug(String),
}

/// What products are ordered by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum ProductSortField {
    /// By name, in the order of the database's characters.
    Name,
    /// By price.
    Price,
    /// By when they were first sold.
    CreatedAt,
}

/// Which way a list runs.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum SortDirection {
    /// Smallest, earliest first.
    Asc,
    /// Largest, latest first.
    Desc,
}

/// The order of a list of products.
#[derive(InputObject)]
pub struct ProductSort {
    /// What to order by.
    field: ProductSortField,
    /// Which way.
    #[graphql(default_with = "SortDirection::Asc")]
    direction: SortDirection,
}

/// Texts to be equal to.
#[derive(InputObject)]
pub struct TextFilter {
    /// Exactly this.
    eq: Option<String>,
    /// Any of these, 100 at most.
    #[graphql(validator(max_items = 100))]
    one_of: Option<Vec<String>>,
}

/// Ends of a range of money, both included, in the program's currency.
#[derive(InputObject)]
pub struct MoneyRange {
    /// At least this.
    min: Option<Decimal>,
    /// At most this.
    max: Option<Decimal>,
}

/// A condition on money.
#[derive(InputObject)]
pub struct MoneyFilter {
    /// Exactly this amount.
    eq: Option<Decimal>,
    /// Within these ends.
    range: Option<MoneyRange>,
}

/// Conditions on products; all of them hold.
#[derive(InputObject, Default)]
pub struct ProductWhere {
    /// On the article number.
    sku: Option<TextFilter>,
    /// On the name in web addresses.
    slug: Option<TextFilter>,
    /// On the price of one piece.
    price: Option<MoneyFilter>,
    /// True: only what can be ordered now. False: only what is sold out.
    in_stock: Option<bool>,
}

fn texts(filter: Option<TextFilter>) -> Result<Option<Vec<String>>, Error> {
    let Some(TextFilter { eq, one_of }) = filter else { return Ok(None) };
    let given = match (eq, one_of) {
        (Some(eq), None) => vec![eq],
        (None, Some(any)) => any,
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => return Err(Error::bad_input("Give eq or oneOf, not both.")),
    };
    given.into_iter().map(plain).collect::<Result<Vec<_>, _>>().map(Some)
}

fn minor(amount: Option<Decimal>, currency: Currency) -> Result<Option<i64>, Error> {
    let minor = amount.map(|amount| Money::from_decimal(amount.0, currency).map(|money| money.minor)).transpose();
    minor.map_err(|cause| Error::bad_input(format!("This is no price: {cause}.")))
}

fn wanted(app: &App, search: Option<String>, filter: Option<ProductWhere>) -> Result<Wanted, Error> {
    let ProductWhere { sku, slug, price, in_stock } = filter.unwrap_or_default();
    let currency = app.programs.latest().currency.parse().unwrap_or(Currency::Cny);
    let price = match price {
        Some(MoneyFilter { eq: Some(_), range: Some(_) }) => {
            return Err(Error::bad_input("Give eq or range, not both."));
        }
        Some(MoneyFilter { eq: Some(exactly), .. }) => {
            let exactly = minor(Some(exactly), currency)?;
            (exactly, exactly)
        }
        Some(MoneyFilter { range: Some(MoneyRange { min, max }), .. }) => {
            (minor(min, currency)?, minor(max, currency)?)
        }
        _ => (None, None),
    };
    Ok(Wanted { search: search.map(plain).transpose()?, skus: texts(sku)?, slugs: texts(slug)?, price, in_stock })
}

/// Beside the edges of a list of products.
pub struct ProductTotals(Wanted);

/// Beside the edges of a list of products.
#[Object]
impl ProductTotals {
    /// How many products there are on all pages. Counted only when it is selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i32> {
        Ok(int(count_products(&App::of(ctx).db, &self.0).await?))
    }
}

pub type ProductConnection = Connection<Opaque, InTurn<ProductObject>, ProductTotals>;

#[derive(Default)]
pub struct CatalogQuery;

#[Object]
impl CatalogQuery {
    /// The products of the shop. Anybody may read them. Without `sortBy` they are ordered by name.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the field in the schema")]
    async fn products(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "So many from the start, 0 to 100; 20 when neither first nor last is given.")] first: Option<
            i32,
        >,
        #[graphql(desc = "Only what follows this cursor.")] after: Option<String>,
        #[graphql(desc = "So many from the end, 0 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only what precedes this cursor.")] before: Option<String>,
        #[graphql(desc = "Only those whose name, description or SKU contains this text.")] search: Option<String>,
        #[graphql(desc = "The order of the list.")] sort_by: Option<ProductSort>,
        #[graphql(name = "where", desc = "Conditions on the products.")] filter: Option<ProductWhere>,
    ) -> Result<ProductConnection> {
        let app = App::of(ctx);
        let field = sort_by.as_ref().map_or(SortField::Name, |sort| match sort.field {
            ProductSortField::Name => SortField::Name,
            ProductSortField::Price => SortField::Price,
            ProductSortField::CreatedAt => SortField::CreatedAt,
        });
        let ascending = sort_by.as_ref().is_none_or(|sort| sort.direction == SortDirection::Asc);
        let wanted = wanted(app, search, filter)?;
        let page = PageArgs { first, after, last, before }.page(|text| cursor::read(text, field))?;
        let slice = list_products(&app.db, &wanted, (field, ascending), &page).await?;
        let place = |product: &product::Model| cursor::write(field, &place_of(product, field));
        Ok(connection(&slice, ProductTotals(wanted), place, |product| InTurn(ProductObject(product))))
    }

    /// One product, or null. Anybody may read it.
    async fn product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] by: ProductBy,
    ) -> Result<Option<InTurn<ProductObject>>> {
        let db = &App::of(ctx).db;
        let found = match by {
            ProductBy::Id(id) => match GlobalId::row_of(NodeKind::Product, &id) {
                Some(row) => ctx.reader().find(ProductKey(row)).await?,
                None => None,
            },
            ProductBy::Sku(sku) => find_by_sku(db, &plain(sku)?).await?.map(Arc::new),
            ProductBy::Slug(slug) => find_by_slug(db, &plain(slug)?).await?.map(Arc::new),
        };
        Ok(found.map(|product| InTurn(ProductObject(product))))
    }
}

/// Cursors of a list of products: what it is ordered by, the id, and the value. A cursor of another order is none.
mod cursor {
    use async_graphql::connection::CursorType;

    use super::{Opaque, SortField, SortValue};
    use crate::base::id::Id;

    pub fn write(field: SortField, (value, id): &(SortValue, Id)) -> Opaque {
        let mut bytes = vec![mark(field)];
        bytes.extend_from_slice(id.as_bytes());
        match value {
            SortValue::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            SortValue::Number(number) => bytes.extend_from_slice(&number.to_be_bytes()),
        }
        Opaque(bytes)
    }

    pub fn read(text: &str, field: SortField) -> Option<(SortValue, Id)> {
        let Opaque(bytes) = Opaque::decode_cursor(text).ok()?;
        let bytes = bytes.strip_prefix(&[mark(field)])?;
        let (id, value) = bytes.split_at_checked(16)?;
        let value = match field {
            SortField::Name => {
                SortValue::Text(String::from_utf8(value.to_vec()).ok().filter(|text| !text.contains('\0'))?)
            }
            SortField::Price | SortField::CreatedAt => SortValue::Number(i64::from_be_bytes(value.try_into().ok()?)),
        };
        Some((value, Id::from_slice(id).ok()?))
    }

    fn mark(field: SortField) -> u8 {
        match field {
            SortField::Name => b'n',
            SortField::Price => b'p',
            SortField::CreatedAt => b'c',
        }
    }
}
