//! Categories, outlets and previews, as staff and shoppers ask for them.

use serde_json::{Value as Json, json};

use super::Client;
use super::order::Call;
use super::shop::Product;

const CREATE_CATEGORY: &str = "mutation($input: CreateCategoryInput!) { createCategory(input: $input) {
    category { id slug name } userErrors { code message path } } }";
const CREATE_OUTLET: &str = "mutation($input: CreateOutletInput!) { createOutlet(input: $input) {
    outlet { id code name } userErrors { code message path } } }";
const FILE_PRODUCT: &str = "mutation($input: FileProductInput!) { fileProduct(input: $input) {
    product { id category { id name } } userErrors { code message path } } }";
pub const PREVIEW_EARN: &str = "query($input: PreviewEarnInput!) { previewEarn(input: $input) {
    preview { points base total { amount } lines { productId quantity total { amount } pointsEarned }
        shares { points due explanation rule { id name } tier { code } } spent { points due rule { name } }
        more { points missingSpend { amount } missingQuantity message rule { name explanation } } }
    userErrors { code message path } } }";

impl Client {
    fn on_the_shelf(&self, mutation: &'static str, object: &'static str, document: &'static str, input: Json) -> Call {
        Call { client: self.clone(), document, mutation, object, input }
    }

    pub fn create_category(&self, slug: &str, name: &str) -> Call {
        let input = json!({ "slug": slug, "name": name });
        self.on_the_shelf("createCategory", "category", CREATE_CATEGORY, input)
    }

    pub fn create_outlet(&self, code: &str, name: &str) -> Call {
        self.on_the_shelf("createOutlet", "outlet", CREATE_OUTLET, json!({ "code": code, "name": name }))
    }

    /// Files a product under a category, or with null under none.
    pub fn file_product(&self, product: &str, category: &Json) -> Call {
        let input = json!({ "productId": product, "categoryId": category });
        self.on_the_shelf("fileProduct", "product", FILE_PRODUCT, input)
    }

    /// What so many pieces of each product would earn.
    pub fn preview_earn(&self, lines: &[(&Product, i64)]) -> Call {
        let lines: Vec<Json> =
            lines.iter().map(|(of, quantity)| json!({ "productId": of.id, "quantity": quantity })).collect();
        self.on_the_shelf("previewEarn", "preview", PREVIEW_EARN, json!({ "lines": lines }))
    }
}
