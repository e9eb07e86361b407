//! Changing the password.

use serde_json::{Value as Json, json};

use crate::world::member::PASSWORD;
use crate::world::{Client, World, both_databases};

both_databases!(
    a_changed_password_ends_the_other_sessions,
    a_password_is_not_changed_without_the_current_one,
    one_password_in_two_encodings_is_one,
);

const CHANGE: &str = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) {
    member { id } userErrors { code path } } }";
const NEXT: &str = "an altogether new one";

async fn change(client: &Client, current: &str, next: &str) -> Json {
    let input = json!({ "input": { "currentPassword": current, "newPassword": next } });
    client.graphql(CHANGE, input).await.data()["changePassword"].clone()
}

async fn a_changed_password_ends_the_other_sessions(world: World) {
    let member = world.member().await;
    let other = member.another_session().await;
    let changed = change(&member, PASSWORD, NEXT).await;
    assert_eq!(changed, json!({ "member": { "id": member.id }, "userErrors": [] }));
    assert!(member.is_logged_in().await, "the session that changed it goes on");
    assert!(member.refresh().await["session"].is_object());
    assert!(!other.is_logged_in().await);
    assert!(other.refresh().await["session"].is_null());
    assert!(world.login(&member.username, PASSWORD).await["session"].is_null());
    assert!(world.login(&member.username, NEXT).await["session"].is_object());
}

async fn a_password_is_not_changed_without_the_current_one(world: World) {
    let member = world.member().await;
    for (current, next, code, field) in [
        ("not the password", NEXT, "WRONG_PASSWORD", "currentPassword"),
        ("", NEXT, "WRONG_PASSWORD", "currentPassword"),
        (PASSWORD, "short", "WEAK_PASSWORD", "newPassword"),
        (PASSWORD, &member.username, "WEAK_PASSWORD", "newPassword"),
        (PASSWORD, "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}", "WEAK_PASSWORD", "newPassword"),
    ] {
        let payload = world.unchanged_by(Box::pin(change(&member, current, next))).await;
        let error = json!([{ "code": code, "path": ["input", field] }]);
        assert_eq!(payload, json!({ "member": null, "userErrors": error }), "{next:?}");
    }
    assert!(world.login(&member.username, PASSWORD).await["session"].is_object());
}

async fn one_password_in_two_encodings_is_one(world: World) {
    let member = world.member().with("password", "caf\u{e9} au lait, s'il vous pla\u{ee}t").await;
    let decomposed = "cafe\u{301} au lait,\u{3000}s'il vous plai\u{302}t";
    assert!(world.login(&member.username, decomposed).await["session"].is_object());
}
