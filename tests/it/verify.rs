//! `jifen verify`, run as its users run it: the built binary beside a running server.

use std::path::Path;
use std::process::{Command, Output};

use jifen::access::token::SigningKey;
use jifen::base::id::Random;
use jifen::db::connect::Location;
use sea_orm::ConnectionTrait;
use serde_json::Value as Json;

use crate::world::{World, both_databases};

both_databases!(a_checkpoint_is_written_and_compared);

fn verify(world: &World, args: &[&str]) -> Output {
    let url = match &world.database.location {
        Location::Sqlite(path) => format!("sqlite://{}", path.display()),
        Location::Postgres(url) => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_jifen"));
    command.args(["verify", "--json"]).args(args).env("JIFEN_DATABASE_URL", url).env("JIFEN_LOG", "error");
    // A developer's .env is of no concern here.
    command.current_dir(std::env::temp_dir()).output().expect("the program runs")
}

/// What is printed, with the exit code.
#[track_caller]
fn told(output: &Output) -> (Option<i32>, Json) {
    let printed = String::from_utf8_lossy(&output.stdout);
    let told = serde_json::from_str(&printed);
    (output.status.code(), told.unwrap_or_else(|_| panic!("{printed}{}", String::from_utf8_lossy(&output.stderr))))
}

#[track_caller]
fn refused(output: &Output, why: &str) {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), errors.lines().count()), (Some(2), 1), "{errors}");
    assert!(errors.contains(why) && output.stdout.is_empty(), "{errors}");
}

async fn a_checkpoint_is_written_and_compared(world: World) {
    world.skip_the_books();
    let member = world.member().with_points(50).await;
    let folder = tempfile::tempdir().expect("there is room");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (place, key, other) = (at("books.txt.gz"), at("signing.key"), at("other.key"));
    let key_file = format!("--signing-key-file={key}");
    refused(&verify(&world, &[&key_file, "--checkpoint", &place]), "signing.key");
    for (seed, file) in [(1, &key), (2, &other)] {
        SigningKey::load_or_create(Path::new(file), &Random::seeded(seed)).expect("a key is made");
    }
    let (exit, written) = told(&verify(&world, &[&key_file, "--checkpoint", &place]));
    assert_eq!((exit, &written["ok"], &written["checkpoint"]["wallets"]), (Some(0), &true.into(), &1.into()));
    refused(&verify(&world, &[&key_file, "--checkpoint", &place]), "is there already");
    // Told before anything is proved, like a folder that is not there. A database that does not answer is no finding.
    refused(&verify(&world, &[&key_file, "--checkpoint", &at("none/books.txt")]), "cannot be written");
    let no_database = format!("sqlite://{}", folder.path().display());
    refused(&verify(&world, &["--database-url", &no_database]), "the books were not proved");
    refused(&verify(&world, &["--signing-key-file", &other, "--against", &place]), "signed by another key");
    refused(&verify(&world, &[&key_file, "--against", &at("none")]), "cannot be read");
    world.record_purchase(member.member_id(), 100).await;
    let (exit, compared) = told(&verify(&world, &[&key_file, "--against", &place]));
    assert_eq!((exit, &compared["checkpoint"]), (Some(0), &written["checkpoint"]));
    let sql = "UPDATE txn SET hash = prev_hash WHERE seq = 1";
    world.app.db.write.execute_unprepared(sql).await.expect("the row can be altered");
    let (exit, compared) = told(&verify(&world, &[&key_file, "--against", &place]));
    let stands = compared["invariants"].as_array().expect("a list").last().expect("the comparison").clone();
    assert_eq!((exit, &stands["name"], &stands["first"]["seq"]), (Some(1), &"checkpoint-stands".into(), &1.into()));
    assert_eq!(verify(&world, &[&key_file, "--checkpoint", &at("no")]).status.code(), Some(1));
    assert!(!folder.path().join("no").exists(), "books that do not hold get no checkpoint");
}
