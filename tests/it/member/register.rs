//! Registering: what is accepted, in which form it is kept, and everything that is refused.

use jifen::base::id::Id;
use jifen::commit::register::Register;
use jifen::domain::member::entity::{HandleKind, member, profile};
use serde_json::{Value as Json, json};

use crate::world::member::PASSWORD;
use crate::world::{World, both_databases};

both_databases!(
    everything_wrong_is_named_at_once,
    a_name_may_not_look_like_another_kind,
    weak_passwords_are_refused,
    a_name_is_taken_in_every_spelling,
    one_of_many_who_want_a_name_gets_it,
    an_imported_member_is_never_claimed,
    registrations_from_one_address_are_limited,
);

fn input(username: &str) -> Json {
    json!({ "username": username, "email": format!("{username}@example.com"), "password": PASSWORD })
}

/// Tries to register, and answers the code and the last part of the path of every user error.
async fn refused(world: &World, input: Json) -> Vec<(String, String)> {
    let answer = world.unchanged_by(world.visitor().register(input.clone())).await;
    let payload = answer.data()["register"].clone();
    assert_eq!((&payload["member"], &payload["session"]), (&Json::Null, &Json::Null), "{input} was registered");
    let errors = payload["userErrors"].as_array().expect("user errors").iter().map(|error| {
        assert!(error["message"].as_str().is_some_and(|words| words.len() > 5));
        let path = error["path"].as_array().expect("a path");
        assert_eq!((path.len(), &path[0]), (2, &json!("input")));
        (error["code"].as_str().expect("a code").to_owned(), path[1].as_str().expect("a field").to_owned())
    });
    errors.collect()
}

fn error(code: &str, field: &str) -> (String, String) {
    (code.to_owned(), field.to_owned())
}

async fn everything_wrong_is_named_at_once(world: World) {
    let wrong = json!({ "username": "a@b", "email": "no-address", "password": "short", "name": "a\nb", "phone": "12" });
    let expected = [
        error("USERNAME_INVALID", "username"),
        error("EMAIL_INVALID", "email"),
        error("PHONE_INVALID", "phone"),
        error("NAME_INVALID", "name"),
        error("WEAK_PASSWORD", "password"),
    ];
    assert_eq!(refused(&world, wrong).await, expected);
}

async fn a_name_may_not_look_like_another_kind(world: World) {
    let long = "x".repeat(33);
    for name in
        ["", "ab", &long, "al@ice", "al＠ice", "12345", "１２３４５", "138-0013", "al ice", "al/ice", "al\u{0}ice"]
    {
        let mut wrong = input("fine");
        wrong["username"] = json!(name);
        assert_eq!(refused(&world, wrong).await, [error("USERNAME_INVALID", "username")], "{name:?}");
    }
    for name in ["李小龍", "alice.b_c-d", "a1b", "Ωmega", "สมชาย"] {
        let mut fine = input("fine");
        fine["username"] = json!(name);
        fine["email"] = json!(format!("{}@example.com", world.fresh("mail")));
        assert!(world.visitor().register(fine).await.codes().is_empty(), "{name}");
    }
    for (field, code, values) in [
        (
            "email",
            "EMAIL_INVALID",
            vec!["", "a", "a@b", "@example.com", "a b@example.com", "a@exa mple.com", "a@b@c.de"],
        ),
        ("phone", "PHONE_INVALID", vec!["1", "phone", "+", "1234567890123456", "138 0013 800a"]),
        ("name", "NAME_INVALID", vec!["a\tb", "a\u{202e}b"]),
    ] {
        for value in values {
            let mut wrong = input("fine");
            wrong[field] = json!(value);
            assert_eq!(refused(&world, wrong).await, [error(code, field)], "{field} {value:?}");
        }
    }
    // An empty field of a form means that nothing was given.
    let mut blank = input("blank");
    blank["phone"] = json!("  ");
    blank["name"] = json!("");
    let answer = world.visitor().register(blank).await.data();
    assert_eq!(
        (&answer["register"]["member"]["phone"], &answer["register"]["member"]["name"]),
        (&Json::Null, &Json::Null)
    );
}

async fn weak_passwords_are_refused(world: World) {
    let long = "correct horse ".repeat(10);
    for password in [
        "",
        "1234567",
        "password",
        "11111111",
        "abcdefgh",
        "qwertyui",
        "longname",
        "LONGNAME",
        &long,
        "a\u{0}bcdefghij",
    ] {
        let mut wrong = input("longname");
        wrong["password"] = json!(password);
        assert_eq!(refused(&world, wrong).await, [error("WEAK_PASSWORD", "password")], "{password:?}");
    }
}

async fn a_name_is_taken_in_every_spelling(world: World) {
    let mut alice = input("alice");
    alice["phone"] = json!("13800138000");
    world.visitor().register(alice).await.data();
    for name in ["alice", "ALICE", " Alice ", "Ａlice", "ａｌｉｃｅ"] {
        let mut same = input("other");
        same["username"] = json!(name);
        assert_eq!(refused(&world, same).await, [error("USERNAME_TAKEN", "username")], "{name:?}");
    }
    for email in ["alice@example.com", "Alice@EXAMPLE.com", "ａlice＠example。com"] {
        let mut same = input("other");
        same["email"] = json!(email);
        assert_eq!(refused(&world, same).await, [error("EMAIL_TAKEN", "email")], "{email:?}");
    }
    for phone in ["13800138000", "138-0013-8000", "+86 138 0013 8000", "008613800138000", "１３８００１３８０００"]
    {
        let mut same = input("other");
        same["phone"] = json!(phone);
        assert_eq!(refused(&world, same).await, [error("PHONE_TAKEN", "phone")], "{phone:?}");
    }
    let mut all = input("alice");
    all["phone"] = json!("13800138000");
    let mut codes = refused(&world, all).await;
    codes.sort();
    let expected = [error("EMAIL_TAKEN", "email"), error("PHONE_TAKEN", "phone"), error("USERNAME_TAKEN", "username")];
    assert_eq!(codes, expected);
}

async fn one_of_many_who_want_a_name_gets_it(world: World) {
    let other = world.another_process(crate::world::Settings::default()).await;
    let tries = (0..16).map(|number| {
        let door = if number % 2 == 0 { world.visitor() } else { other.visitor() };
        tokio::spawn(async move { door.register(input("wanted")).await.codes() })
    });
    let outcomes = futures_util::future::join_all(tries).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(|codes| codes.expect("an answer")).collect();
    assert_eq!(outcomes.iter().filter(|codes| codes.is_empty()).count(), 1, "{outcomes:?}");
    assert!(
        outcomes.iter().filter(|codes| !codes.is_empty()).all(|codes| codes.contains(&"USERNAME_TAKEN".to_owned()))
    );
    assert_eq!(world.books().await.count("member"), 1);
    other.stop().await;
}

/// A member of the past, as an import makes one: no password, perhaps an e-mail address.
async fn move_in(world: &World, email: &str) -> Id {
    let (id, now) = (world.app.ids.next(), world.app.clock.now());
    let number = world.app.ids.number(now);
    let command = Register {
        member: member::Model { id, number: number.clone(), imported: true, created_at: now.micros() },
        profile: profile::Model {
            member_id: id,
            username: None,
            email: Some(email.into()),
            phone: None,
            name: None,
            birthday: None,
        },
        credential: None,
        session: None,
        names: vec![
            (HandleKind::ExternalRef, "customer-1".to_owned()),
            (HandleKind::Email, email.to_owned()),
            (HandleKind::MemberNumber, number),
        ],
        event_id: world.app.ids.next(),
    };
    assert_eq!(world.app.committers.submit(command).await.expect("an import is committed"), Ok(()));
    id
}

async fn an_imported_member_is_never_claimed(world: World) {
    let imported = move_in(&world, "old@example.com").await;
    world.record_purchase(imported, 10_000).await;
    let mut claim = input("newcomer");
    claim["email"] = json!("Old@Example.com");
    assert_eq!(refused(&world, claim).await, [error("EMAIL_TAKEN", "email")]);
    // The reference of the former system is no name that anybody can log in with or register.
    for account in ["old@example.com", "customer-1"] {
        let login = world.login(account, PASSWORD).await;
        assert_eq!(login["userErrors"][0]["code"], "WRONG_CREDENTIALS", "{account}");
    }
    let mut namesake = input("customer-1");
    namesake["email"] = json!("namesake@example.com");
    let registered = world.visitor().register(namesake).await.data()["register"].clone();
    let namesake = crate::world::Member::of(&world, &registered);
    assert_ne!(namesake.member_id(), imported);
    assert_eq!(namesake.points().await, 0);
}

async fn registrations_from_one_address_are_limited(world: World) {
    let mut settings = crate::world::Settings::default();
    settings.throttle.registrations_per_address = 3;
    let door = world.another_process(settings).await;
    for number in 0..3 {
        assert!(door.visitor().register(input(&format!("guest{number}"))).await.codes().is_empty());
    }
    let answer = door.visitor().register(input("guest3")).await;
    assert_eq!((answer.code(), &answer.json["data"]), ("RATE_LIMITED", &Json::Null), "{}", answer.json);
    assert!(door.visitor().from("192.0.2.7").register(input("guest3")).await.codes().is_empty());
    world.wait_seconds(61);
    assert!(door.visitor().register(input("guest4")).await.codes().is_empty());
    door.stop().await;
}
