//! `jifen admin`, run as its users run it: the built binary beside a running server.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use jifen::db::connect::Location;
use serde_json::{Value as Json, json};

use crate::world::member::PASSWORD;
use crate::world::{Member, World, both_databases};

both_databases!(
    the_first_member_of_staff_is_made,
    an_account_that_cannot_be_is_refused,
    the_role_is_given_listed_and_taken_away,
    a_member_nobody_knows_is_refused,
);

/// A command on a world's database.
fn command(world: &World, args: &[&str]) -> Command {
    let url = match &world.database.location {
        Location::Sqlite(path) => format!("sqlite://{}", path.display()),
        Location::Postgres(url) => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_jifen"));
    command.arg("admin").args(args).env("JIFEN_DATABASE_URL", url).env("JIFEN_LOG", "warn");
    // A developer's .env is of no concern here.
    command.current_dir(std::env::temp_dir()).env_remove("JIFEN_ADMIN_PASSWORD").stdin(Stdio::null());
    command
}

/// The line of JSON of a command that succeeds.
#[track_caller]
fn done(output: &Output) -> Json {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.lines().count(), 1, "{printed}");
    serde_json::from_str(&printed).expect("a line of JSON")
}

/// The exit code and the one line of a command that fails.
#[track_caller]
fn failure(output: &Output) -> (i32, String) {
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(errors.lines().count(), 1, "{errors}");
    (output.status.code().expect("an exit code"), errors.trim_end().to_owned())
}

fn admin(world: &World, args: &[&str]) -> Output {
    command(world, args).output().expect("the program runs")
}

fn create(world: &World, username: &str, email: &str, password: &str) -> Output {
    let mut create = command(world, &["create", "--username", username, "--email", email, "--json"]);
    create.env("JIFEN_ADMIN_PASSWORD", password).output().expect("the program runs")
}

/// The same with a password on stdin.
fn create_by_pipe(world: &World, username: &str, stdin: &str) -> Output {
    let email = format!("{username}@example.com");
    let mut create = command(world, &["create", "--username", username, "--email", &email, "--json"]);
    create.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = create.spawn().expect("the program runs");
    running.stdin.take().expect("a pipe").write_all(stdin.as_bytes()).expect("it reads its input");
    running.wait_with_output().expect("it ends")
}

async fn is_staff(member: &Member) -> bool {
    let answer = member.graphql("{ member(by: { id: \"x\" }) { id } }", Json::Null).await;
    assert!(["no error", "FORBIDDEN"].contains(&answer.code()), "{}", answer.json);
    answer.code() == "no error"
}

async fn the_first_member_of_staff_is_made(world: World) {
    let made = done(&create(&world, "Boss", "Boss@Example.com", PASSWORD));
    assert_eq!((&made["username"], &made["created"]), (&json!("boss"), &json!(true)));
    let boss = Member::of(&world, &world.login("boss@example.com", PASSWORD).await);
    assert!(is_staff(&boss).await);
    // An account like every other: it has a number, a wallet and a place in the books.
    let me = boss.query("{ me { number isStaff email pointsAccount { active } } }").await;
    let expected = json!({ "number": made["number"], "isStaff": true, "email": "boss@example.com",
        "pointsAccount": { "active": 0 } });
    assert_eq!(me["me"], expected);
    let second = done(&create_by_pipe(&world, "second", &format!("{PASSWORD}\r\nanother line\n")));
    assert_eq!(second["username"], "second");
    assert!(is_staff(&Member::of(&world, &world.login("second", PASSWORD).await)).await);
    let told = command(&world, &["create", "--username", "third", "--email", "third@example.com"])
        .env("JIFEN_ADMIN_PASSWORD", PASSWORD)
        .output()
        .expect("the program runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.starts_with("third is there, with the number 20") && told.ends_with(", and is staff.\n"), "{told}");
}

async fn an_account_that_cannot_be_is_refused(world: World) {
    let member = world.member().await;
    let (name, address) = (member.username.to_uppercase(), format!("{}@example.com", member.username));
    let before = world.books().await;
    let weak_hash = command(&world, &["create", "--username", "boss", "--email", "boss@example.com"])
        .env("JIFEN_ADMIN_PASSWORD", PASSWORD)
        .env("JIFEN_PASSWORD_PASSES", "1")
        .output()
        .expect("the program runs");
    for (output, words) in [
        (create(&world, "b@d", "boss@example.com", PASSWORD), "no account was made: A user name has 3 to 32"),
        (create(&world, "boss", "nonsense", "Sesame"), "This is not an e-mail address. Choose a password of 8 to 128"),
        (create(&world, "boss", "boss@example.com", ""), "no account was made: Choose a password"),
        (create(&world, "open-sesame", "boss@example.com", "open-sesame"), "predictable or your own name"),
        (create(&world, &name, "boss@example.com", PASSWORD), "This user name is taken. `jifen admin grant` gives"),
        (create(&world, "boss", &address, PASSWORD), "no account was made: This e-mail address is taken."),
        (create_by_pipe(&world, "boss", ""), "there is no password: set JIFEN_ADMIN_PASSWORD, or write"),
        (create_by_pipe(&world, "boss", "Sesame\n"), "no account was made: Choose a password"),
        (admin(&world, &["create", "--username", "boss"]), "--email <ADDRESS>"),
        (weak_hash, "The password passes must be between 2"),
    ] {
        let (exit, line) = failure(&output);
        assert!(exit == 2 && line.starts_with("jifen: ") && line.contains(words), "{exit} {line}");
        assert!(!line.contains("Sesame") && !line.contains("open-sesame"), "{line}");
    }
    before.assert_same(&world.books().await);
}

async fn the_role_is_given_listed_and_taken_away(world: World) {
    let member = world.member().await;
    let number = member.query("{ me { number } }").await["me"]["number"].clone();
    assert_eq!(done(&admin(&world, &["list", "--json"])), json!({ "staff": [] }));
    assert_eq!(admin(&world, &["list"]).stdout, b"Nobody is staff.\n");
    let name = member.username.to_uppercase();
    let granted = done(&admin(&world, &["grant", &name, "--json"]));
    assert_eq!(granted, json!({ "username": member.username, "number": number, "granted": true }));
    let before = world.books().await;
    let again = done(&admin(&world, &["grant", &name, "--json"]));
    before.assert_same(&world.books().await);
    assert_eq!(again["granted"], false);
    assert!(!is_staff(&member).await, "a session from before the role");
    let staff = member.another_session().await;
    assert!(is_staff(&staff).await);
    let listed = done(&admin(&world, &["list", "--json"]));
    assert_eq!((&listed["staff"][0]["username"], &listed["staff"][0]["number"]), (&json!(member.username), &number));
    assert_eq!(listed["staff"].as_array().map(Vec::len), Some(1));
    let told = String::from_utf8_lossy(&admin(&world, &["list"]).stdout).into_owned();
    assert!(told.starts_with(&format!("{}  ", member.username)) && told.lines().count() == 1, "{told}");
    let revoked = done(&admin(&world, &["revoke", &name, "--json"]));
    assert_eq!(revoked, json!({ "username": member.username, "number": number, "revoked": true }));
    assert!(!staff.is_logged_in().await && !member.is_logged_in().await, "all sessions are ended");
    let before = world.books().await;
    let again = done(&admin(&world, &["revoke", &name, "--json"]));
    before.assert_same(&world.books().await);
    assert_eq!(again["revoked"], false);
    assert!(!is_staff(&member.another_session().await).await);
}

async fn a_member_nobody_knows_is_refused(world: World) {
    let before = world.books().await;
    for verb in ["grant", "revoke"] {
        for name in ["nobody", "", "b@d", "' OR 1=1", "two\nlines"] {
            let (exit, line) = failure(&admin(&world, &[verb, name]));
            assert_eq!(exit, 2, "{line}");
            assert!(line.starts_with("jifen: there is no member with the user name"), "{line}");
        }
        assert_eq!(failure(&admin(&world, &[verb])).0, 2);
    }
    before.assert_same(&world.books().await);
}

#[test]
fn no_database_is_made_by_a_mistake() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("none.db");
    let url = format!("sqlite://{}", file.display());
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jifen"));
        command.arg("admin").args(args).args(["--database-url", &url]).current_dir(folder.path());
        command.env("JIFEN_LOG", "warn").env("JIFEN_ADMIN_PASSWORD", "short").stdin(Stdio::null());
        command.output().expect("the program runs")
    };
    for args in [&["grant", "boss"][..], &["revoke", "boss"], &["list"]] {
        let (exit, line) = failure(&run(args));
        assert!(exit == 2 && line.contains("there is no such database file"), "{line}");
    }
    assert_eq!(failure(&run(&["create", "--username", "boss", "--email", "boss@example.com"])).0, 2);
    assert!(!file.exists());
}
