//! Guessing passwords: what an attacker learns (nothing), and how often they may try.

use serde_json::{Value as Json, json};

use crate::world::member::{LOGIN, PASSWORD};
use crate::world::{Settings, World, both_databases};

both_databases!(
    an_unknown_account_gets_the_same_answer,
    an_unknown_account_costs_the_same_work,
    failures_of_one_account_are_limited_under_all_its_names,
    failures_from_one_address_are_limited,
    guessing_at_once_is_no_way_round,
    aliases_are_no_way_round,
    whoever_knows_the_password_is_not_slowed,
    a_stolen_session_is_no_way_to_guess,
);

fn without_request(answer: &crate::world::Answer) -> Json {
    let mut json = answer.json.clone();
    json["extensions"] = Json::Null;
    json
}

async fn an_unknown_account_gets_the_same_answer(world: World) {
    let member = world.member().with("phone", "13800138000").await;
    let wrong = world.visitor().log_in(&member.username, "not the password").await;
    assert_eq!(wrong.codes(), ["WRONG_CREDENTIALS"]);
    assert_eq!(wrong.json["data"]["login"]["userErrors"][0]["path"], json!(["input", "account"]));
    let long = "x".repeat(5_000);
    for account in
        ["nobody", "nobody@example.com", "13900139000", "", "\u{0}", "a\u{7}b", "🦀🦀🦀", "' OR 1=1 --", &long]
    {
        let unknown = world.visitor().log_in(account, PASSWORD).await;
        assert_eq!(without_request(&unknown), without_request(&wrong), "{account:?}");
        assert_eq!((unknown.status, unknown.headers.len()), (wrong.status, wrong.headers.len()));
    }
    for password in ["", "\u{0}", &long] {
        let answer = world.visitor().from("192.0.2.1").log_in(&member.username, password).await;
        assert_eq!(answer.codes(), ["WRONG_CREDENTIALS"], "{password:?}");
    }
}

/// Time cannot be compared in a test that must not fail by chance; hashes and statements can.
async fn an_unknown_account_costs_the_same_work(world: World) {
    let member = world.member().await;
    let mut work = Vec::new();
    for account in [&member.username, "nobody"] {
        let before = world.app.passwords.hashes_computed();
        world.take_statements();
        world.login(account, "not the password").await;
        work.push((world.app.passwords.hashes_computed() - before, world.take_statements().len()));
    }
    assert_eq!((work[0].0, work[1].0), (1, 1), "hashes");
    assert_eq!(work[0].1, work[1].1, "statements");
}

async fn failures_of_one_account_are_limited_under_all_its_names(world: World) {
    let member = world.member().with("phone", "13800138000").await;
    let names = [member.username.clone(), format!("{}@example.com", member.username), "138 0013 8000".to_owned()];
    for turn in 0..10 {
        assert_eq!(
            world.visitor().log_in(&names[turn % 3], "wrong guess").await.codes(),
            ["WRONG_CREDENTIALS"],
            "{turn}"
        );
    }
    for (turn, name) in names.iter().enumerate() {
        let client = world.visitor().from(&format!("192.0.2.{turn}"));
        let answer = client.log_in(name, PASSWORD).await;
        assert_eq!(answer.codes(), ["RATE_LIMITED"], "the right password of {name} after ten wrong ones");
    }
    let before = world.app.passwords.hashes_computed();
    world.visitor().log_in(&names[0], "wrong guess").await;
    assert_eq!(world.app.passwords.hashes_computed(), before, "a refused attempt costs no hash");
    world.wait_minutes(16);
    assert!(world.login(&names[0], PASSWORD).await["session"].is_object());
    // An account that does not exist is limited too, or the limit would tell.
    for _ in 0..10 {
        world.login("nobody", "wrong guess").await;
    }
    assert_eq!(world.visitor().log_in("Ｎobody", "wrong guess").await.codes(), ["RATE_LIMITED"]);
}

async fn failures_from_one_address_are_limited(world: World) {
    let mut settings = Settings::default();
    settings.throttle.failures_per_address = 5;
    let door = world.another_process(settings).await;
    let member = world.member().await;
    for turn in 0..5 {
        door.visitor().log_in(&format!("nobody{turn}"), "wrong guess").await;
    }
    assert_eq!(door.visitor().log_in(&member.username, PASSWORD).await.codes(), ["RATE_LIMITED"]);
    assert!(door.visitor().from("192.0.2.9").log_in(&member.username, PASSWORD).await.codes().is_empty());
    door.stop().await;
}

async fn guessing_at_once_is_no_way_round(world: World) {
    let member = world.member().await;
    let guesses = (0..60).map(|turn| {
        let (client, account) = (world.visitor(), member.username.clone());
        tokio::spawn(async move { client.log_in(&account, &format!("wrong guess {turn}")).await.codes() })
    });
    let answers = futures_util::future::join_all(guesses).await;
    let tried =
        answers.iter().filter(|codes| codes.as_ref().is_ok_and(|codes| codes[0] == "WRONG_CREDENTIALS")).count();
    assert_eq!(tried, 10, "guesses that were compared");
}

async fn aliases_are_no_way_round(world: World) {
    let guess = |alias: &str| {
        format!("{alias}: login(input: {{ account: \"a\", password: \"b\" }}) {{ userErrors {{ code }} }}")
    };
    let document = format!("mutation {{ {} {} }}", guess("a"), guess("b"));
    let before = world.app.passwords.hashes_computed();
    assert_eq!(world.visitor().graphql(&document, Json::Null).await.code(), "QUERY_TOO_COMPLEX");
    let spread = "mutation($input: LoginInput!) { ...a ...b } fragment a on Mutation { x: login(input: $input) { userErrors { code } } }
        fragment b on Mutation { y: login(input: $input) { userErrors { code } } }";
    let input = json!({ "input": { "account": "a", "password": "b" } });
    assert_eq!(world.visitor().graphql(spread, input).await.code(), "QUERY_TOO_COMPLEX");
    let batch = json!([{ "query": LOGIN, "variables": {} }]);
    assert_eq!(world.visitor().send(batch).await.code(), "BAD_USER_INPUT");
    assert_eq!(world.app.passwords.hashes_computed(), before);
}

async fn whoever_knows_the_password_is_not_slowed(world: World) {
    let member = world.member().await;
    for _ in 0..30 {
        assert!(world.login(&member.username, PASSWORD).await["session"].is_object());
    }
    for _ in 0..9 {
        world.login(&member.username, "wrong guess").await;
    }
    assert!(world.login(&member.username, PASSWORD).await["session"].is_object());
}

async fn a_stolen_session_is_no_way_to_guess(world: World) {
    let member = world.member().await;
    let guess = |password: &str| {
        let document =
            "mutation($input: ChangePasswordInput!) { changePassword(input: $input) { userErrors { code } } }";
        let input = json!({ "input": { "currentPassword": password, "newPassword": "a brand new secret" } });
        let member = member.clone();
        async move { member.graphql(document, input).await.codes() }
    };
    for _ in 0..10 {
        assert_eq!(guess("wrong guess").await, ["WRONG_PASSWORD"]);
    }
    assert_eq!(guess(PASSWORD).await, ["RATE_LIMITED"]);
}
