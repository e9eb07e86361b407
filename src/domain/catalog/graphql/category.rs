//! Categories in the schema, and filing products under them.

use std::sync::Arc;

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::catalog::entity::category;
use crate::domain::catalog::graphql::ProductObject;
use crate::domain::catalog::rule::{CategoryRejection, FilingRejection};
use crate::domain::catalog::service::{create_category, file_product, list_categories};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind, global};
use crate::gql::input::path;
use crate::gql::scalar::DateTime;

/// A kind of products.
pub struct CategoryObject(pub Arc<category::Model>);

/// A kind of products (商品类目), such as tea. Anybody may read it.
#[Object(name = "Category")]
impl CategoryObject {
    /// Global id.
    pub async fn id(&self) -> ID {
        global(NodeKind::Category, self.0.id)
    }

    /// Its name in web addresses, unique.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// What it is called.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime::of(self.0.created_at)
    }
}

/// A category to be.
#[derive(InputObject)]
pub struct CreateCategoryInput {
    /// Its name in web addresses, unique: 1 to 50 small letters, digits and hyphens. It cannot be changed later.
    slug: String,
    /// What it is called, 1 to 100 characters.
    name: String,
}

/// Where a product is to be filed.
#[derive(InputObject)]
pub struct FileProductInput {
    /// The product's global id.
    product_id: ID,
    /// The category's global id; none, if it is left out.
    category_id: Option<ID>,
}

/// Why a category was not made, or a product not filed.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum CategoryErrorCode {
    /// A slug has 1 to 50 small letters, digits and hyphens.
    SlugInvalid,
    /// There is another category with this slug.
    SlugTaken,
    /// A name has 1 to 100 characters and no control characters.
    NameInvalid,
    /// There are 1,000 categories already.
    TooManyCategories,
    /// There is no such product.
    ProductUnknown,
    /// There is no such category.
    CategoryUnknown,
}

/// Why a category was not made, or a product not filed.
#[derive(SimpleObject)]
pub struct CategoryUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: CategoryErrorCode,
}

/// What came of making a category.
#[derive(SimpleObject)]
pub struct CreateCategoryPayload {
    /// The category; null when there are user errors.
    category: Option<CategoryObject>,
    /// Why it was not made.
    user_errors: Vec<CategoryUserError>,
}

/// What came of filing a product.
#[derive(SimpleObject)]
pub struct FileProductPayload {
    /// The product; null when there are user errors.
    product: Option<ProductObject>,
    /// Why it was not filed. Then nothing was changed.
    user_errors: Vec<CategoryUserError>,
}

type Told = (CategoryErrorCode, &'static str, &'static str, &'static str);

fn of_category(rejection: CategoryRejection) -> Told {
    use CategoryErrorCode as Code;
    match rejection {
        CategoryRejection::SlugInvalid => (
            Code::SlugInvalid,
            "slug",
            "A slug has 1 to 50 small letters, digits and hyphens.",
            "网址名需为 1 至 50 个小写字母、数字或连字符。",
        ),
        CategoryRejection::SlugTaken => {
            (Code::SlugTaken, "slug", "There is another category with this slug.", "该网址名已被使用。")
        }
        CategoryRejection::NameInvalid => {
            (Code::NameInvalid, "name", "A name has 1 to 100 characters.", "名称需为 1 至 100 个字符。")
        }
        CategoryRejection::TooMany => {
            (Code::TooManyCategories, "slug", "There are 1,000 categories already.", "类目已达 1,000 个。")
        }
    }
}

fn of_filing(rejection: FilingRejection) -> Told {
    use CategoryErrorCode as Code;
    match rejection {
        FilingRejection::ProductUnknown => {
            (Code::ProductUnknown, "productId", "There is no such product.", "没有这个商品。")
        }
        FilingRejection::CategoryUnknown => {
            (Code::CategoryUnknown, "categoryId", "There is no such category.", "没有这个类目。")
        }
    }
}

fn user_error(ctx: &Context<'_>, (code, field, english, chinese): Told) -> CategoryUserError {
    CategoryUserError { message: ctx.caller().language.say(english, chinese), path: path(&[field]), code }
}

#[derive(Default)]
pub struct CategoryQuery;

#[Object]
impl CategoryQuery {
    /// Every category of products (商品类目), by slug; there are at most 1,000. Anybody may read them.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<CategoryObject>> {
        Ok(list_categories(App::of(ctx)).await?.into_iter().map(CategoryObject).collect())
    }
}

#[derive(Default)]
pub struct CategoryMutation;

#[Object]
impl CategoryMutation {
    /// Makes a category (商品类目), under which products can then be filed. For staff only: `UNAUTHENTICATED` without a
    /// session, `FORBIDDEN` for other members.
    async fn create_category(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The category.")] input: CreateCategoryInput,
    ) -> Result<CreateCategoryPayload> {
        let made = create_category(App::of(ctx), &ctx.caller().actor, input.slug, input.name).await?;
        ctx.reader().forget();
        Ok(match made {
            Ok(row) => CreateCategoryPayload { category: Some(CategoryObject(row)), user_errors: Vec::new() },
            Err(rejection) => {
                CreateCategoryPayload { category: None, user_errors: vec![user_error(ctx, of_category(rejection))] }
            }
        })
    }

    /// Files a product under a category, or under none. Orders keep the category that each of their lines had, so a return
    /// is reckoned with the same. For staff only: `UNAUTHENTICATED` without a session, `FORBIDDEN` for other members.
    async fn file_product(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The product, and where it goes.")] input: FileProductInput,
    ) -> Result<FileProductPayload> {
        let product_id = GlobalId::row_of(NodeKind::Product, &input.product_id);
        let category_id = input.category_id.map(|id| GlobalId::row_of(NodeKind::Category, &id));
        let filed = file_product(App::of(ctx), &ctx.caller().actor, product_id, category_id).await?;
        ctx.reader().forget();
        Ok(match filed {
            Ok(row) => FileProductPayload { product: Some(ProductObject(row)), user_errors: Vec::new() },
            Err(rejection) => {
                FileProductPayload { product: None, user_errors: vec![user_error(ctx, of_filing(rejection))] }
            }
        })
    }
}
