//! `jifen import orders`, run as its users run it: the built binary, a file, and what is in the database afterwards.

mod codes;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use jifen::base::clock::Clock;
use jifen::base::id::{Ids, Random};
use jifen::commit::Committers;
use jifen::commit::merge::MergeMembers;
use jifen::db::Db;
use jifen::db::connect::Location;
use jifen::db::group::Bounds;
use jifen::db::reader::Hub;
use jifen::domain::member::entity::HandleKind;
use jifen::domain::member::query::HandleKey;
use jifen::domain::points::query::programs::Programs;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::Value;
use tempfile::TempDir;

/// A database of its own with a folder for files.
struct World {
    folder: TempDir,
    url: String,
}

/// One world a database there is to test on: SQLite always, PostgreSQL when the environment names one.
async fn worlds(name: &str) -> Vec<World> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("books.db").display());
    let mut worlds = vec![World { folder, url }];
    if let Ok(server) = std::env::var("JIFEN_TEST_POSTGRES_URL") {
        let name = format!("import_{name}_{}", std::process::id());
        let admin = Database::connect(&server).await.unwrap();
        admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        let (start, _) = server.rsplit_once('/').unwrap();
        let world = World { folder: tempfile::tempdir().unwrap(), url: format!("{start}/{name}") };
        assert!(world.jifen(&["migrate"]).status.success());
        worlds.push(world);
    }
    worlds
}

impl World {
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_jifen"));
        command.args(args).current_dir(self.folder.path());
        command.env("JIFEN_DATABASE_URL", &self.url).env("JIFEN_LOG", "warn").stdin(Stdio::null());
        command
    }

    fn jifen(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Runs an import that succeeds and gives its summary.
    fn import(&self, file: &str, more: &[&str]) -> Value {
        let output = self.jifen(&[&["import", "orders", file, "--json"], more].concat());
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(printed.lines().count(), 1, "{printed}");
        serde_json::from_str(&printed).unwrap()
    }

    /// Runs an import that fails, and gives its exit code and its last line on stderr.
    fn failure(&self, file: &str, more: &[&str]) -> (i32, String) {
        let output = self.jifen(&[&["import", "orders", file], more].concat());
        assert!(output.stdout.is_empty());
        let errors = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), errors.lines().last().unwrap_or_default().to_owned())
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    fn read(&self, name: &str) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join(name)).ok()
    }

    async fn database(&self) -> DatabaseConnection {
        Database::connect(&self.url).await.unwrap()
    }

    /// A query's rows, each as one text, sorted.
    async fn rows(&self, sql: &str, columns: usize) -> Vec<String> {
        let database = self.database().await;
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let found = database.query_all_raw(statement).await.unwrap();
        let mut rows: Vec<String> = found
            .iter()
            .map(|row| {
                let cell = |at| row.try_get_by_index::<Option<String>>(at).unwrap().unwrap_or_default();
                (0..columns).map(cell).collect::<Vec<_>>().join(" ")
            })
            .collect();
        rows.sort();
        database.close().await.unwrap();
        rows
    }

    /// Merges a customer into another, each by the number of their file.
    async fn merge(&self, from: &str, into: &str) {
        let db = Db::open(&Location::parse(&self.url).unwrap(), 2).await.unwrap();
        let ids = Ids::new(Clock::System, Random::System);
        let programs = Programs::open(&db).await.unwrap();
        let committers = Committers::start(&db, &programs, &Clock::System, 1, Bounds::default());
        let hub = Hub::new(db.clone());
        let of = async |reference: &str| {
            let name = HandleKey(HandleKind::ExternalRef, reference.to_owned());
            hub.find(name).await.unwrap().expect("a customer of the file").member_id
        };
        let command = MergeMembers {
            from_id: of(from).await,
            into_id: of(into).await,
            reason: None,
            staff_id: ids.next(),
            merger_id: ids.next(),
            seed: ids.next(),
            event_id: ids.next(),
        };
        committers.submit(command).await.unwrap().unwrap();
        committers.finish().await;
        db.close().await;
    }

    /// Everything an import leaves behind but ids, members' numbers and hashes, which are drawn anew each time. The
    /// books must hold, too.
    async fn state(&self) -> Vec<String> {
        let verified = self.jifen(&["verify"]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
        let mut state = self.rows(MEMBERS, 9).await;
        state.extend(self.rows(ORDERS, 6).await);
        state.extend(self.rows(LEDGER, 6).await);
        state.extend(self.rows(COUNTS, 2).await);
        state
    }
}

const MEMBERS: &str = "SELECT 'member', r.value, CAST(m.imported AS text), CAST(m.created_at AS text), p.name, p.email, \
     CAST(w.posted AS text), CAST(w.seq AS text), CAST(w.effective_at AS text) \
     FROM handle r JOIN member m ON m.id = r.member_id JOIN profile p ON p.member_id = m.id \
     JOIN wallet w ON w.member_id = m.id WHERE r.kind = 'EXTERNAL_REF'";
const ORDERS: &str = "SELECT o.number, r.value, CAST(o.placed_at AS text), CAST(o.total AS text), \
     CAST(o.pieces AS text), CAST(o.points_earned AS text) \
     FROM \"order\" o JOIN handle r ON r.member_id = o.member_id AND r.kind = 'EXTERNAL_REF' \
     WHERE o.imported AND o.status = 'COMPLETED' \
     AND EXISTS (SELECT 1 FROM handle n WHERE n.kind = 'ORDER_NUMBER' AND n.value = o.number AND n.subject_id = o.id)";
const LEDGER: &str = "SELECT 'txn', r.value, CAST(t.seq AS text), CAST(t.effective_at AS text), \
     CAST(t.points AS text), CAST(l.remaining AS text) \
     FROM txn t JOIN lot l ON l.member_id = t.member_id AND l.txn_id = t.id \
     JOIN handle r ON r.member_id = t.member_id AND r.kind = 'EXTERNAL_REF'";
const COUNTS: &str = "SELECT kind, CAST(count(*) AS text) FROM handle GROUP BY kind \
     UNION ALL SELECT 'orders', CAST(count(*) AS text) FROM \"order\" \
     UNION ALL SELECT 'members', CAST(count(*) AS text) FROM member \
     UNION ALL SELECT 'events', CAST(count(*) AS text) FROM outbox";

#[track_caller]
fn expect(summary: &Value, expected: &[(&str, i64)]) {
    for (name, number) in expected {
        assert_eq!(summary[*name], *number, "{name} in {summary}");
    }
}

/// A file with equal lines, several orders a day, and members whose lines are not together.
fn long_history(lines: usize) -> String {
    let mut csv = "member,placed_at,amount,quantity\n".to_owned();
    for line in 0..lines {
        let member = line * 7 % 97;
        csv += &format!("c{member},2024-{:02}-{:02},{}.50,1\n", line % 12 + 1, line % 5 + 1, line % 3);
    }
    csv
}

#[tokio::test]
async fn a_history_moves_in_once() {
    for world in worlds("once").await {
        let csv = "\u{feff}Member,placed_at,amount,quantity,email,name,shop\r\n\
                   b,2024-03-01 10:00,10.00,2,b@example.com,Bo,1\r\n\
                   a,2024-05-01,12.59,,,,1\r\n\
                   a,2024-05-01,12.59,,,\"An, \"\"A\"\"\",1\r\n\
                   a,2024-01-31T16:00:00Z,0,1,a@example.com,,1\r\n";
        world.write("orders.csv", csv);
        let first = world.import("orders.csv", &[]);
        expect(
            &first,
            &[("lines", 4), ("members", 2), ("orders", 4), ("points", 350), ("skipped", 0), ("rejected", 0)],
        );
        assert_eq!(first["dryRun"], false);
        let members = world.rows(MEMBERS, 9).await;
        let flag = if world.url.starts_with("sqlite") { "1" } else { "true" };
        assert_eq!(
            members,
            [
                format!("member a {flag} 1706716800000000 An, \"A\" a@example.com 250 2 1714492800000000"),
                format!("member b {flag} 1709258400000000 Bo b@example.com 100 1 1709258400000000"),
            ]
        );
        let state = world.state().await;
        let again = world.import("orders.csv", &[]);
        expect(&again, &[("lines", 4), ("members", 0), ("orders", 0), ("points", 0), ("skipped", 4), ("rejected", 0)]);
        assert_eq!(world.state().await, state);
        assert_eq!(world.read("orders.rejected.csv"), None);
        assert!(world.rows("SELECT 'x' FROM credential UNION ALL SELECT 'y' FROM session", 1).await.is_empty());
    }
}

#[tokio::test]
async fn rejected_lines_are_named_in_a_file_beside() {
    for world in worlds("rejected").await {
        let csv = "member,placed_at,amount,order_number,note\n\
                   a,2024-05-01,-1,,\"x, y\"\n\
                   a,2024-05-01,1,1001,\n\
                   a,2024-05-01,1,1001,again\n\
                   a,2024-05-01,2,1001,\n\
                   \n\
                   ,2024-05-01,1,,\n\
                   a,2999-01-01,1,,\n\
                   a,2024-05-01,1\n\
                   ,,,,\n";
        world.write("orders.csv", csv);
        let summary = world.import("orders.csv", &[]);
        expect(
            &summary,
            &[("lines", 7), ("members", 1), ("orders", 1), ("points", 10), ("skipped", 1), ("rejected", 5)],
        );
        assert_eq!(summary["rejectedFile"], "orders.rejected.csv");
        let report = world.read("orders.rejected.csv").unwrap();
        let lines: Vec<_> = report.lines().collect();
        assert_eq!(lines[0], "line,reason,member,placed_at,amount,order_number,note");
        assert_eq!(lines[1], "2,\"amount \"\"-1\"\" is negative; returns are not imported\",a,2024-05-01,-1,,\"x, y\"");
        assert!(lines[2].starts_with("5,\"order_number stands on line 3 with another content"), "{report}");
        assert!(lines[3].starts_with("7,member is empty,"), "{report}");
        assert!(lines[4].starts_with("8,\"placed_at \"\"2999-01-01\"\" is in the future\""), "{report}");
        assert!(lines[5].starts_with("9,it has 3 columns where the first line has 5,"), "{report}");
        assert_eq!(lines.len(), 6);

        let output = world.jifen(&["import", "orders", "orders.csv"]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("is from an earlier run and is replaced"));
        world.write("orders.rejected.csv", "mine");
        let (code, message) = world.failure("orders.csv", &[]);
        assert_eq!(code, 2);
        assert!(message.contains("holds something else"), "{message}");
    }
}

#[tokio::test]
async fn an_order_number_is_one_order_for_ever() {
    for world in worlds("numbers").await {
        let header = "member,placed_at,amount,quantity,order_number\n";
        world.write("a.csv", format!("{header}a,2024-05-01,10,1,N-1\nb,2024-05-01,10,1,n-1\nc,2024-05-01,10,1,N-3\n"));
        expect(&world.import("a.csv", &[]), &[("orders", 3)]);
        world.write(
            "b.csv",
            format!(
                "{header}a,2024-05-01,10,1,Ｎ-1\nb,2024-05-01,11,1,n-1\nd,2024-05-01,10,1,N-3\na,2024-05-02,10,1,N-1\n\
                 d,2024-05-01,10,1,N-4\n"
            ),
        );
        let summary = world.import("b.csv", &[]);
        expect(&summary, &[("members", 1), ("orders", 1), ("skipped", 1), ("rejected", 3)]);
        let report = world.read("b.rejected.csv").unwrap();
        assert!(report.contains("3,order_number is recorded with another amount,b"), "{report}");
        assert!(report.contains("4,order_number is recorded for another member,d"), "{report}");
        assert!(report.contains("5,\"order_number stands on line 2 with another content"), "{report}");
    }
}

/// The customer number of a member who was merged leads to the one who stays: old lines are theirs, and so are new ones.
#[tokio::test]
async fn a_customer_who_was_merged_goes_on_as_the_other() {
    for world in worlds("merged").await {
        let header = "member,placed_at,amount,quantity,order_number\n";
        let old = "old,2024-05-01,10,1,M-1\nnew,2024-05-01,10,1,M-2\n";
        world.write("a.csv", format!("{header}{old}"));
        expect(&world.import("a.csv", &[]), &[("members", 2), ("orders", 2)]);
        world.merge("old", "new").await;
        world.write("b.csv", format!("{header}{old}old,2024-05-02,10,1,M-3\nnew,2024-05-02,10,1,M-4\n"));
        let summary = world.import("b.csv", &[]);
        expect(&summary, &[("members", 0), ("orders", 2), ("skipped", 2), ("rejected", 0)]);
        let wallets = "SELECT CAST(posted AS text) FROM wallet WHERE seq > 0";
        assert_eq!(world.rows(wallets, 1).await, ["0", "400"]);
        assert!(world.jifen(&["verify"]).status.success());
    }
}

#[tokio::test]
async fn an_address_stays_whose_it_is() {
    for world in worlds("emails").await {
        let csv = "member,placed_at,amount,email,name\n\
                   a,2024-05-01,10,Same@Example.com,\n\
                   b,2024-05-01,10,same@example.com,B\n\
                   c,2024-05-01,10,nonsense,\n\
                   d,2024-05-02,10,new@example.com,\n\
                   d,2024-05-01,10,old@example.com,\n";
        world.write("orders.csv", csv);
        let dry = world.import("orders.csv", &["--dry-run"]);
        let real = world.import("orders.csv", &[]);
        for summary in [&dry, &real] {
            expect(summary, &[("members", 4), ("orders", 5), ("points", 500), ("warnings", 2), ("rejected", 0)]);
        }
        let emails = "SELECT r.value, p.email FROM handle r JOIN profile p ON p.member_id = r.member_id \
                      WHERE r.kind = 'EXTERNAL_REF'";
        let expected = ["a same@example.com", "b ", "c ", "d new@example.com"];
        assert_eq!(world.rows(emails, 2).await, expected);
    }
}

#[tokio::test]
async fn a_dry_run_tells_all_and_changes_nothing() {
    for world in worlds("dry").await {
        world.write(
            "first.csv",
            "member,placed_at,amount,order_number\na,2024-05-01,10,1\na,2024-05-02,10,\na,2024-05-02,10,2\n",
        );
        world.import("first.csv", &[]);
        let state = world.state().await;
        let csv = "member,placed_at,amount,order_number\na,2024-05-01,10,1\na,2024-05-02,10,\na,2024-05-03,20,\n\
                   b,2024-05-03,20,\nb,2024-05-03,20,2\nb,2024-05-03,x,\n";
        world.write("orders.csv", csv);
        let dry = world.import("orders.csv", &["--dry-run"]);
        assert_eq!(dry["dryRun"], true);
        assert_eq!(world.state().await, state);
        assert_eq!(world.read("orders.rejected.csv"), None);
        let output = world.jifen(&["import", "orders", "orders.csv", "--dry-run"]);
        let (out, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(
            errors.contains("line 6: order_number is recorded for another member\nline 7: amount \"x\""),
            "{errors}"
        );
        assert!(out.starts_with("1 members, 2 orders and 400 points would be added (dry run"), "{out}");
        let real = world.import("orders.csv", &[]);
        for name in ["lines", "members", "orders", "points", "skipped", "rejected"] {
            assert_eq!(dry[name], real[name], "{name}");
        }
        expect(&real, &[("members", 1), ("orders", 2), ("points", 400), ("skipped", 2), ("rejected", 2)]);
    }
}

#[tokio::test]
async fn a_killed_import_run_again_ends_as_one_run() {
    let csv = long_history(6_000);
    for (world, whole) in worlds("killed").await.into_iter().zip(worlds("whole").await) {
        whole.write("orders.csv", &csv);
        expect(&whole.import("orders.csv", &[]), &[("lines", 6_000), ("members", 97), ("orders", 6_000)]);
        world.write("orders.csv", &csv);
        // A first import of one line makes the tables, so that the count below can be asked for from the start.
        world.write("one.csv", csv.lines().take(2).collect::<Vec<_>>().join("\n"));
        world.import("one.csv", &[]);
        for target in [300, 2_000] {
            let mut import = world.command(&["import", "orders", "orders.csv", "--json"]);
            let mut import = import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            while count(&world).await < target && import.try_wait().unwrap().is_none() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            import.kill().unwrap();
            import.wait().unwrap();
            let left = count(&world).await;
            assert!((target..6_000).contains(&left), "killed too early or too late: {left}");
        }
        let left = count(&world).await;
        let rest = world.import("orders.csv", &[]);
        expect(&rest, &[("lines", 6_000), ("orders", 6_000 - left), ("skipped", left), ("rejected", 0)]);
        assert_eq!(world.state().await, whole.state().await);
    }
}

#[tokio::test]
async fn two_imports_at_once_end_as_one() {
    let csv = long_history(3_000);
    for (world, whole) in worlds("twice").await.into_iter().zip(worlds("single").await) {
        whole.write("orders.csv", &csv);
        whole.import("orders.csv", &[]);
        world.write("orders.csv", &csv);
        let mut running = Vec::new();
        for _ in 0..2 {
            let mut import = world.command(&["import", "orders", "orders.csv", "--json"]);
            running.push(import.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        }
        let mut orders = 0;
        let mut members = 0;
        for import in running {
            let output = import.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let summary: Value = serde_json::from_slice(&output.stdout).unwrap();
            orders += summary["orders"].as_i64().unwrap();
            members += summary["members"].as_i64().unwrap();
            assert_eq!(summary["orders"].as_i64().unwrap() + summary["skipped"].as_i64().unwrap(), 3_000);
        }
        assert_eq!((orders, members), (3_000, 97));
        assert_eq!(world.state().await, whole.state().await);
    }
}

async fn count(world: &World) -> i64 {
    let rows = world.rows("SELECT CAST(count(*) AS text) FROM \"order\"", 1).await;
    rows[0].parse().unwrap()
}

#[tokio::test]
async fn columns_may_go_by_other_names_and_files_be_packed() {
    for world in worlds("columns").await {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cdnow-1000.csv");
        let columns = ["--columns", "member=customer_id,placed_at=date"];
        let summary = world.import(example.to_str().unwrap(), &columns);
        expect(
            &summary,
            &[("lines", 1_000), ("members", 286), ("orders", 1_000), ("points", 345_177), ("rejected", 0)],
        );
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, &std::fs::read(&example).unwrap()).unwrap();
        world.write("packed.csv.gz", gzip.finish().unwrap());
        expect(&world.import("packed.csv.gz", &columns), &[("orders", 0), ("skipped", 1_000)]);
    }
}

#[tokio::test]
async fn what_cannot_be_used_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let world = World { url: format!("sqlite://{}", folder.path().join("books.db").display()), folder };
    world.write("orders.csv", "customer_id,date,amount\n1,2024-05-01,1\n");
    for (file, more, expected) in [
        ("none.csv", &[][..], "jifen: none.csv cannot be read: "),
        ("orders.csv", &[], "jifen: the file has no column member, placed_at; it has customer_id, date, amount. If"),
        ("orders.csv", &["--columns", "customer=customer_id"], "jifen: --columns customer=customer_id: there is no"),
        ("orders.csv", &["--columns", "member=customer"], "jifen: --columns member=customer: the file has no column"),
    ] {
        let (code, message) = world.failure(file, more);
        assert_eq!(code, 2, "{message}");
        assert!(message.starts_with(expected), "{message}");
    }
    assert!(world.read("books.db").is_none(), "a file that cannot be used made a database");
}

#[tokio::test]
async fn an_old_schema_on_a_server_is_refused() {
    let Ok(server) = std::env::var("JIFEN_TEST_POSTGRES_URL") else { return };
    let name = format!("import_old_{}", std::process::id());
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (start, _) = server.rsplit_once('/').unwrap();
    let world = World { folder: tempfile::tempdir().unwrap(), url: format!("{start}/{name}") };
    world.write("orders.csv", "member,placed_at,amount\n1,2024-05-01,1\n");
    let (code, message) = world.failure("orders.csv", &[]);
    assert_eq!(code, 1);
    assert!(message.contains("Run `jifen migrate`"), "{message}");
}
