//! `jifen import codes`: a partner's file, and what is in the database afterwards.

use jifen::base::id::Id;
use jifen::db::Db;
use jifen::db::connect::Location;
use jifen::db::rows;
use jifen::domain::catalog::entity::stock;
use jifen::domain::reward::entity::{RewardKind, reward};
use jifen::gql::id::{NodeKind, global};
use serde_json::{Value, json};

use super::{World, expect, worlds};

const CODES: &str = "SELECT CAST(position AS text), code FROM reward_code";

/// A reward of a kind, by its global id.
async fn reward(world: &World, number: u128, kind: RewardKind) -> String {
    assert!(world.jifen(&["migrate"]).status.success());
    let id = Id::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 | number);
    let db = Db::open(&Location::parse(&world.url).unwrap(), 2).await.unwrap();
    let pile = stock::Model { id, granted: 0, remaining: 0, used: 0 };
    let row = reward::Model { id, stock_id: Some(id), points_price: 10, ..reward::Model::blank(kind, "CNY") };
    rows::insert::<stock::Entity>(&db.write, vec![pile]).await.unwrap();
    rows::insert::<reward::Entity>(&db.write, vec![row]).await.unwrap();
    db.close().await;
    global(NodeKind::Reward, id).to_string()
}

fn import(world: &World, file: &str, reward: &str, more: &[&str]) -> Value {
    let output = world.jifen(&[&["import", "codes", file, "--reward", reward, "--json"], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn a_list_is_added_once_and_in_its_order() {
    for world in worlds("codes").await {
        let ours = reward(&world, 1, RewardKind::Code).await;
        let theirs = reward(&world, 2, RewardKind::Code).await;
        world.write("other.txt", "taken\n");
        expect(&import(&world, "other.txt", &theirs, &[]), &[("lines", 1), ("added", 1)]);
        let long = "x".repeat(101);
        let list = format!("\u{feff}z-1\r\n\r\n a-2 \r\nz-1\r\ntaken\r\na,b\r\n{long}\r\nm-3");
        world.write("list.txt", list);
        let dry = import(&world, "list.txt", &ours, &["--dry-run"]);
        expect(&dry, &[("lines", 7), ("added", 3), ("skipped", 0), ("rejected", 4)]);
        assert_eq!(world.rows(CODES, 2).await, ["1 taken"], "nothing was written");
        let done = import(&world, "list.txt", &ours, &[]);
        expect(&done, &[("lines", 7), ("added", 3), ("skipped", 0), ("rejected", 4)]);
        assert_eq!(world.rows(CODES, 2).await, ["1 taken", "1 z-1", "2 a-2", "3 m-3"]);
        let rejected = world.read("list.txt.rejected.csv").expect("a report");
        let lines: Vec<&str> = rejected.lines().collect();
        assert_eq!(lines[0], "line,reason");
        for (line, begins) in lines[1..].iter().zip([
            "4,the same code stands further up in the file,z-1",
            "5,another reward or a coupon has this code,taken",
            "6,it has 2 columns; say with --column which one holds the codes,a,b",
            "7,a code has 1 to 100 characters and no control characters,xxx",
        ]) {
            assert!(line.starts_with(begins), "{line}");
        }
        let again = import(&world, "list.txt", &ours, &[]);
        expect(&again, &[("lines", 7), ("added", 0), ("skipped", 3), ("rejected", 4)]);
        assert!(world.jifen(&["verify"]).status.success());
    }
}

#[tokio::test]
async fn a_long_list_comes_in_batches_and_a_table_by_its_column() {
    for world in worlds("codes_long").await {
        let ours = reward(&world, 1, RewardKind::Code).await;
        let many: String = (0..4_500).map(|number| format!("{number},\"code {number}\",note\n")).collect();
        world.write("table.csv", format!("Number,Code,Note\n{many}"));
        let done = import(&world, "table.csv", &ours, &["--column", "code"]);
        expect(&done, &[("lines", 4_500), ("added", 4_500), ("rejected", 0)]);
        assert_eq!(done["rejectedFile"], json!(null));
        let sql = "SELECT CAST(position AS text), code FROM reward_code WHERE position IN (1, 2000, 2001, 4500)";
        let expected = ["1 code 0", "2000 code 1999", "2001 code 2000", "4500 code 4499"];
        assert_eq!(world.rows(sql, 2).await, expected);
        assert!(world.jifen(&["verify"]).status.success());
    }
}

#[tokio::test]
async fn what_takes_no_codes_is_told_in_one_line() {
    for world in worlds("codes_refused").await {
        let coupon = reward(&world, 1, RewardKind::Donation).await;
        world.write("list.csv", "one\n");
        world.write("empty.csv", "\n\n");
        let unknown = global(NodeKind::Reward, Id::from_u128(9)).to_string();
        for (file, reward, more, expected) in [
            ("list.csv", coupon.as_str(), &[][..], "this reward gives out no codes"),
            ("list.csv", &unknown, &[], "there is no such reward"),
            ("list.csv", "x", &[], "there is no such reward"),
            ("list.csv", &unknown, &["--column", "code"], "the file has no column \"code\"; it has one"),
            ("empty.csv", &coupon, &[], "the file has no codes"),
            ("none.csv", &coupon, &[], "none.csv cannot be read"),
        ] {
            let output = world.jifen(&[&["import", "codes", file, "--reward", reward], more].concat());
            let errors = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{errors}");
            assert!(errors.lines().count() == 1 && errors.contains(expected), "{errors}");
        }
        assert_eq!(world.rows(CODES, 2).await, Vec::<String>::new());
    }
}
