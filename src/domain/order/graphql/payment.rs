//! The payments of an order in the schema.

use std::sync::Arc;

use async_graphql::{Enum, Object};

use crate::domain::order::entity::{PaymentMethod, PaymentStatus, payment};
use crate::gql::scalar::{MoneyObject, money};

/// How an order was paid.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "PaymentMethod", name = "PaymentMethod")]
pub enum PaymentMethodEnum {
    /// Taken by the shop itself, such as cash at a till, and captured at once. The only method there is for now: no
    /// payment provider is asked.
    Manual,
}

/// Where a payment stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "PaymentStatus", name = "PaymentStatus")]
pub enum PaymentStatusEnum {
    /// The money is the shop's.
    Captured,
}

/// Money taken for an order.
pub struct PaymentObject(pub Arc<payment::Model>);

/// Money taken for an order.
#[Object(name = "Payment")]
impl PaymentObject {
    /// How it was paid.
    async fn method(&self) -> PaymentMethodEnum {
        self.0.method.into()
    }

    /// Where it stands.
    async fn status(&self) -> PaymentStatusEnum {
        self.0.status.into()
    }

    /// How much.
    async fn amount(&self) -> MoneyObject {
        money(self.0.amount, &self.0.currency)
    }
}
