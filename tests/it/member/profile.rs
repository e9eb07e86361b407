//! Editing the profile: all of it or nothing.

use serde_json::{Value as Json, json};

use crate::world::member::PASSWORD;
use crate::world::{Client, Member, World, both_databases};

both_databases!(
    what_is_given_is_changed_and_the_rest_stays,
    a_refused_edit_changes_nothing,
    a_name_given_up_is_free_for_others,
    two_members_who_want_one_name,
);

const UPDATE: &str = "mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
    member { username email name phone } userErrors { code message path } } }";

async fn update(client: &Client, input: Json) -> Json {
    client.graphql(UPDATE, json!({ "input": input })).await.data()["updateProfile"].clone()
}

async fn what_is_given_is_changed_and_the_rest_stays(world: World) {
    let member = world.member().with("username", "alice").with("name", "Alice").with("phone", "13800138000").await;
    let email = format!("{}@example.com", "new.address");
    let changed = update(&member, json!({ "email": "New.Address@Example.com" })).await;
    let expected = json!({ "username": "alice", "email": email, "name": "Alice", "phone": "+8613800138000" });
    assert_eq!(changed, json!({ "member": expected, "userErrors": [] }));
    let emptied = update(&member, json!({ "phone": null, "name": null, "username": null })).await;
    let expected = json!({ "username": "alice", "email": email, "name": null, "phone": null });
    assert_eq!(emptied["member"], expected, "null empties a name or a number; a user name is left as it is");
    let me = member.query("{ me { username email name phone } }").await;
    assert_eq!(me["me"], expected);
    let same = update(&member, json!({ "username": "ALICE", "email": email })).await;
    assert_eq!(same["userErrors"], json!([]), "one's own names are not taken");
    assert!(world.login(&email, PASSWORD).await["session"].is_object());
    assert!(world.login("13800138000", PASSWORD).await["session"].is_null(), "a number given up is no account");
}

async fn a_refused_edit_changes_nothing(world: World) {
    world.member().with("username", "bob").with("email", "bob@example.com").with("phone", "13900139000").await;
    let alice = world.member().with("username", "alice").await;
    for (input, expected) in [
        (json!({ "username": "Bob", "name": "New" }), vec![("USERNAME_TAKEN", "username")]),
        (json!({ "username": "carol", "email": "BOB@example.com" }), vec![("EMAIL_TAKEN", "email")]),
        (json!({ "email": "carol@example.com", "phone": "+86 13900139000" }), vec![("PHONE_TAKEN", "phone")]),
        (
            json!({ "username": "x", "email": "x", "phone": "x", "name": "x\u{0}" }),
            vec![
                ("USERNAME_INVALID", "username"),
                ("EMAIL_INVALID", "email"),
                ("PHONE_INVALID", "phone"),
                ("NAME_INVALID", "name"),
            ],
        ),
    ] {
        let payload = world.unchanged_by(Box::pin(update(&alice, input.clone()))).await;
        assert_eq!(payload["member"], Json::Null);
        let errors: Vec<_> = payload["userErrors"].as_array().expect("errors").iter().collect();
        let found: Vec<_> = errors.iter().map(|e| (e["code"].as_str(), e["path"][1].as_str())).collect();
        let expected: Vec<_> = expected.iter().map(|(code, field)| (Some(*code), Some(*field))).collect();
        assert_eq!(found, expected, "{input}");
    }
}

async fn a_name_given_up_is_free_for_others(world: World) {
    let alice = world.member().with("username", "alice").await;
    update(&alice, json!({ "username": "alicia" })).await;
    let heir = world.member().with("username", "alice").await;
    assert_eq!(Member::of(&world, &world.login("alice", PASSWORD).await).id, heir.id);
    assert_eq!(Member::of(&world, &world.login("alicia", PASSWORD).await).id, alice.id);
}

async fn two_members_who_want_one_name(world: World) {
    let mut members = Vec::new();
    for _ in 0..6 {
        members.push(world.member().await);
    }
    let edits = members.iter().cloned().map(|member| {
        tokio::spawn(async move { update(&member, json!({ "username": "wanted", "name": "Winner" })).await })
    });
    let answers = futures_util::future::join_all(edits).await;
    let won = answers.iter().filter(|answer| answer.as_ref().is_ok_and(|answer| answer["member"].is_object())).count();
    assert_eq!(won, 1, "{answers:?}");
    let data =
        futures_util::future::join_all(members.iter().map(|member| member.query("{ me { username name } }"))).await;
    let named = data.iter().filter(|data| data["me"]["name"] == "Winner").count();
    assert_eq!(named, 1, "a refused edit left its mark");
}
