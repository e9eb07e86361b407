//! Sessions: how long tokens are good, what ends them, and that an ended one is over at once and everywhere.

use serde_json::{Value as Json, json};

use crate::world::{Client, Member, Settings, World, both_databases};

both_databases!(
    an_access_token_expires_after_ten_minutes,
    a_refresh_token_is_replaced_and_works_again_for_half_a_minute,
    a_token_used_again_later_ends_the_session,
    a_forged_token_changes_nothing,
    a_session_that_is_not_used_ends_after_thirty_days,
    a_logout_works_at_once_on_every_process,
    logging_out_everywhere_ends_all_sessions_of_one_member,
    a_token_that_is_none_of_ours_is_refused,
);

async fn code_of(member: &Member) -> String {
    member.graphql("{ me { id } }", Json::Null).await.code().to_owned()
}

fn token(payload: &Json) -> String {
    payload["session"]["refreshToken"].as_str().unwrap_or_else(|| panic!("{payload}")).to_owned()
}

fn refused(payload: &Json) -> bool {
    payload["session"].is_null()
        && payload["userErrors"][0]["code"] == "REFRESH_TOKEN_INVALID"
        && payload["userErrors"][0]["path"] == json!(["input", "refreshToken"])
}

async fn an_access_token_expires_after_ten_minutes(world: World) {
    let member = world.member().await;
    let login = world.login(&member.username, crate::world::member::PASSWORD).await;
    let expires_at: jiff::Timestamp =
        login["session"]["expiresAt"].as_str().expect("a time").parse().expect("RFC 3339");
    // A JWT counts whole seconds.
    let lasts = expires_at.as_microsecond() - world.clock.now().micros();
    assert!((599_000_001..=600_000_000).contains(&lasts), "{lasts}");
    let member = Member::of(&world, &login);
    world.wait_seconds(599);
    assert!(member.is_logged_in().await);
    world.wait_seconds(1);
    assert_eq!(code_of(&member).await, "TOKEN_EXPIRED");
    // Clients send their token with everything, and with an old one they must be able to get a new one.
    let with_old_token: &Client = &member;
    let refreshed = Member::of(&world, &with_old_token.refresh(&member.refresh_token).await);
    let again = with_old_token.log_in(&member.username, crate::world::member::PASSWORD).await.data();
    assert!(again["login"]["session"]["accessToken"].is_string(), "{again}");
    assert!(refreshed.is_logged_in().await);
    assert!(!member.is_logged_in().await, "refreshing does not lengthen the old token's life");
}

async fn a_refresh_token_is_replaced_and_works_again_for_half_a_minute(world: World) {
    let member = world.member().await;
    let first = member.refresh_token.clone();
    let second = token(&member.refresh().await);
    assert_ne!(first, second);
    world.wait_seconds(29);
    // The reply was lost, so the client sends the first again: it is given the same second, not a third.
    assert_eq!(token(&world.visitor().refresh(&first).await), second);
    let third = token(&world.visitor().refresh(&second).await);
    assert_ne!(second, third);
    let together: Vec<_> = (0..6).map(|_| world.visitor()).collect();
    let answers = futures_util::future::join_all(together.iter().map(|client| client.refresh(&third))).await;
    assert!(answers.iter().all(|answer| token(answer) == token(&answers[0])), "windows of one browser parted ways");
}

async fn a_token_used_again_later_ends_the_session(world: World) {
    let member = world.member().await;
    let other_session = member.another_session().await;
    let first = member.refresh_token.clone();
    let second = token(&member.refresh().await);
    world.wait_seconds(31);
    assert!(refused(&world.visitor().refresh(&first).await));
    assert!(refused(&world.visitor().refresh(&second).await), "the family survived its thief");
    assert_eq!(code_of(&member).await, "UNAUTHENTICATED", "the access token outlived its session");
    assert!(other_session.is_logged_in().await, "another session of the member is none of its family");
}

async fn a_forged_token_changes_nothing(world: World) {
    let member = world.member().await;
    let genuine = member.refresh_token.clone();
    let mut forged = genuine.clone();
    let last = if forged.pop() == Some('A') { 'B' } else { 'A' };
    forged.push(last);
    let middle = format!("{}{}{}", &genuine[..20], if &genuine[20..21] == "A" { "B" } else { "A" }, &genuine[21..]);
    for wrong in ["", "x", "\u{0}", &forged, &middle, &genuine[1..], &"x".repeat(10_000)] {
        let payload = world.unchanged_by(world.visitor().refresh(wrong).into_future()).await;
        assert!(refused(&payload), "{wrong:?}: {payload}");
    }
    assert!(member.refresh().await["session"].is_object());
}

async fn a_session_that_is_not_used_ends_after_thirty_days(world: World) {
    let (idle, used) = (world.member().await, world.member().await);
    world.wait_days(29);
    let second = token(&used.refresh().await);
    world.wait_days(1);
    assert!(refused(&idle.refresh().await));
    assert!(world.visitor().refresh(&second).await["session"].is_object());
}

async fn a_logout_works_at_once_on_every_process(world: World) {
    let other = world.another_process(Settings::default()).await;
    let member = world.member().await;
    let second_session = member.another_session().await;
    assert!(other.serves(&member).is_logged_in().await);
    assert_eq!(member.query("mutation { logout { loggedOut } }").await, json!({ "logout": { "loggedOut": true } }));
    for door in [&world, &other] {
        let answer = door.serves(&member).graphql("{ me { id } }", Json::Null).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "UNAUTHENTICATED"));
        assert!(door.serves(&second_session).is_logged_in().await);
    }
    assert!(refused(&member.refresh().await));
    assert_eq!(member.graphql("mutation { logout { loggedOut } }", Json::Null).await.code(), "UNAUTHENTICATED");
    other.stop().await;
}

async fn logging_out_everywhere_ends_all_sessions_of_one_member(world: World) {
    let (alice, bob) = (world.member().await, world.member().await);
    let sessions = [alice.clone(), alice.another_session().await, alice.another_session().await];
    assert_eq!(
        sessions[1].query("mutation { logoutEverywhere { loggedOut } }").await["logoutEverywhere"]["loggedOut"],
        true
    );
    for session in &sessions {
        assert_eq!(code_of(session).await, "UNAUTHENTICATED");
        assert!(refused(&session.refresh().await));
    }
    assert!(bob.is_logged_in().await);
    assert!(alice.another_session().await.is_logged_in().await, "and one can log in again");
}

async fn a_token_that_is_none_of_ours_is_refused(world: World) {
    let member = world.member().await;
    let good = member.token.clone().expect("a token");
    let (head, signature) = good.rsplit_once('.').expect("a JWT");
    let (header, claims) = head.split_once('.').expect("a JWT");
    let none = base64_of(r#"{"alg":"none","typ":"at+jwt"}"#);
    let bad = [
        String::new(),
        "x".to_owned(),
        member.refresh_token.clone(),
        format!("{head}."),
        format!("{none}.{claims}."),
        format!("{header}.{}.{signature}", base64_of(r#"{"sub":"x"}"#)),
        format!("{head}.{}", base64_of(&"\u{0}".repeat(64))),
    ];
    for token in bad {
        let answer = world.bearer(&token).graphql("{ me { id } }", Json::Null).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "UNAUTHENTICATED"), "{token}");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
    // A token of another server with another key.
    let elsewhere = jifen::access::token::SigningKey::generate(&jifen::base::id::Random::seeded(99));
    let tokens = jifen::access::token::Tokens::new(
        &elsewhere,
        &[],
        world.clock.clone(),
        jifen::access::token::TokenSettings::new("jifen", "jifen"),
    );
    let (foreign, _) = tokens.issue(member.member_id(), world.app.ids.next()).expect("a token");
    let answer = world.bearer(&foreign).graphql("{ me { id } }", Json::Null).await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
    // One of ours, for a session that never was.
    let (orphan, _) = world.app.tokens.issue(member.member_id(), world.app.ids.next()).expect("a token");
    assert_eq!(world.bearer(&orphan).graphql("{ me { id } }", Json::Null).await.code(), "UNAUTHENTICATED");
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}
