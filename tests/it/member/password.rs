//! Changing the password, and the hash it is kept as.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

use crate::world::member::PASSWORD;
use crate::world::{Client, World, both_databases};

both_databases!(
    a_changed_password_ends_the_other_sessions,
    a_password_is_not_changed_without_the_current_one,
    one_password_in_two_encodings_is_one,
    logins_at_once_under_an_old_hash_all_succeed,
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

/// A hash of argon2's first version, which a login replaces.
fn old_hash(password: &str) -> String {
    let (salt, mut hash) = ([9; 16], [0; 32]);
    let params = Params::new(8, 1, 1, Some(hash.len())).expect("argon2 takes them");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x10, params);
    argon2.hash_password_into(password.as_bytes(), &salt, &mut hash).expect("it is hashed");
    format!("$argon2id$v=16$m=8,t=1,p=1${}${}", STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash))
}

async fn logins_at_once_under_an_old_hash_all_succeed(world: World) {
    let member = world.member().await;
    let dialect = world.app.db.dialect;
    let sql = "UPDATE credential SET password_hash = $1 WHERE member_id = $2";
    let values = [old_hash(PASSWORD).into(), member.member_id().into()];
    let updated = world.app.db.write.execute_raw(dialect.statement(sql, values)).await.expect("the hash is put");
    assert_eq!(updated.rows_affected(), 1);
    let hashes = world.app.passwords.hashes_computed();
    // Each finds the old hash, and only one of them replaces it.
    let logins = join_all((0..4).map(|_| world.login(&member.username, PASSWORD))).await;
    assert!(logins.iter().all(|login| login["session"].is_object()), "{logins:?}");
    assert!(world.app.passwords.hashes_computed() > hashes + 4, "nothing was hashed anew");
    let hashes = world.app.passwords.hashes_computed();
    assert!(world.login(&member.username, PASSWORD).await["session"].is_object());
    assert_eq!(world.app.passwords.hashes_computed(), hashes + 1, "the new hash is not weak");
}
