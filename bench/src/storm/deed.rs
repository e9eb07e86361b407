//! A mutation as the storm knows it: how it is drawn, how it is asked for, and what its answer means for the books.
//!
//! Another mutation is another [`Deed`] in the list; one that the server's schema does not have is left out.

use serde_json::{Value as Json, json};

use super::books::Books;
use super::dice::Dice;
use super::shop::Shop;
use super::{buying, moving, returning};
use crate::door::Heard;

pub struct Deed {
    /// The mutation's name; the type of its input follows from it.
    pub name: &'static str,
    /// What of the object is selected: nothing that a later command may change, since a repeated key must be answered
    /// with the very same.
    pub selection: &'static str,
    /// How often it is drawn, beside the others.
    pub weight: usize,
    /// A command that makes sense now, if there is one.
    pub draw: fn(&mut Draw<'_>) -> Option<Command>,
    /// Enters what was answered.
    pub book: fn(&Command, &Json, &Shop, &mut Books),
}

pub static DEEDS: [&Deed; 10] = [
    &buying::PLACE_ORDER,
    &buying::REDEEM,
    &moving::HOLD,
    &moving::CAPTURE,
    &moving::RELEASE,
    &moving::TRANSFER,
    &moving::ADJUST,
    &returning::DELIVER,
    &returning::CANCEL,
    &returning::REFUND,
];

/// What a command is drawn from.
pub struct Draw<'a> {
    pub shop: &'a Shop,
    pub books: &'a mut Books,
    pub dice: &'a mut Dice,
    pub key: String,
}

impl Draw<'_> {
    pub fn member(&mut self) -> usize {
        self.dice.below(self.shop.members.len())
    }
}

/// Something to be done, under its key.
#[derive(Clone)]
pub struct Command {
    pub deed: &'static Deed,
    pub whose: usize,
    pub by_staff: bool,
    pub input: Json,
}

impl Command {
    /// The key is also the reason, where a mutation takes one, so that the ledger tells what came of it.
    pub fn key(&self) -> &str {
        self.input["idempotencyKey"].as_str().unwrap_or_default()
    }

    pub fn document(&self) -> String {
        let Deed { name, selection, .. } = self.deed;
        let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
        format!("mutation Storm($input: {kind}!) {{ {name}(input: $input) {{ {selection} userErrors {{ code }} }} }}")
    }

    pub fn variables(&self) -> Json {
        json!({ "input": self.input })
    }

    /// For somebody who has to find out what happened.
    pub fn told(&self) -> String {
        format!("{} {} of member {}", self.deed.name, self.input, self.whose)
    }
}

/// What the server said to a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The payload, without its empty list of user errors.
    Done(Json),
    /// The code of its user error.
    Refused(String),
    /// Nobody knows whether it was done: the same again, with the same key.
    Unknown(String),
    /// What no server may say.
    Wrong(String),
}

pub fn judge(command: &Command, heard: Heard) -> Answer {
    let mut answer = match heard {
        Heard::Broken(cause) => return Answer::Unknown(cause),
        Heard::Late => return Answer::Wrong("there was no answer for half a minute".to_owned()),
        Heard::Answer(answer) => answer,
    };
    let error = &answer["errors"][0];
    if !error.is_null() {
        return match error["extensions"]["code"].as_str() {
            Some(code @ ("UNAVAILABLE" | "TIMEOUT")) => Answer::Unknown(code.to_owned()),
            _ => Answer::Wrong(answer.to_string()),
        };
    }
    let mut payload = answer["data"][command.deed.name].take();
    match payload["userErrors"][0]["code"].as_str() {
        Some("IDEMPOTENCY_KEY_CONFLICT") => Answer::Wrong("its own key conflicts with it".to_owned()),
        Some(code) => Answer::Refused(code.to_owned()),
        None => {
            payload.as_object_mut().and_then(|payload| payload.remove("userErrors"));
            if payload.as_object().is_some_and(|it| it.values().all(|value| !value.is_null()) && !it.is_empty()) {
                Answer::Done(payload)
            } else {
                Answer::Wrong(format!("neither an object nor a user error: {answer}"))
            }
        }
    }
}

/// A number in an answer.
pub fn number(json: &Json) -> i64 {
    json.as_i64().unwrap_or_default()
}

pub fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storm::buying::order;

    fn judged(answer: Json) -> Answer {
        judge(&order(0, "key".to_owned(), "tea", 1), Heard::Answer(answer))
    }

    fn paid(order: Json, user_errors: Json) -> Json {
        json!({ "data": { "placeOrder": { "order": order, "userErrors": user_errors } } })
    }

    #[test]
    fn an_answer_is_done_refused_unknown_or_wrong() {
        let done = Answer::Done(json!({ "order": { "id": "x" } }));
        assert_eq!(judged(paid(json!({ "id": "x" }), json!([]))), done);
        let poor = json!([{ "code": "NOT_ENOUGH_POINTS" }]);
        assert_eq!(judged(paid(Json::Null, poor)), Answer::Refused("NOT_ENOUGH_POINTS".to_owned()));
        let error = |code: &str| json!({ "data": null, "errors": [{ "extensions": { "code": code } }] });
        assert_eq!(judged(error("TIMEOUT")), Answer::Unknown("TIMEOUT".to_owned()));
        assert!(matches!(judged(error("INTERNAL")), Answer::Wrong(_)));
        assert!(matches!(judged(json!({ "data": { "placeOrder": null } })), Answer::Wrong(_)));
        assert!(matches!(judged(paid(Json::Null, json!([]))), Answer::Wrong(_)));
        let conflict = json!([{ "code": "IDEMPOTENCY_KEY_CONFLICT" }]);
        assert!(matches!(judged(paid(Json::Null, conflict)), Answer::Wrong(_)));
    }

    #[test]
    fn the_type_of_an_input_follows_from_the_mutation() {
        let document = order(0, "key".to_owned(), "tea", 1).document();
        assert!(document.starts_with("mutation Storm($input: PlaceOrderInput!) { placeOrder(input: $input) { order {"));
    }
}
