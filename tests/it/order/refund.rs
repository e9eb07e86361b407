//! Refunding pieces of an order, and everything that is refused.

use serde_json::{Value as Json, json};

use crate::world::{World, both_databases};

both_databases!(
    pieces_come_back_one_by_one,
    pieces_may_stay_off_the_shelf,
    points_come_back_while_they_are_pending,
    what_cannot_be_refunded_is_refused,
    a_reason_is_bounded,
    an_imported_order_is_not_refunded,
    the_same_key_refunds_once,
    a_return_is_decided_by_the_program_of_its_order,
    many_orders_with_returns_take_as_many_statements_as_one,
);

/// Lines' positions, and how many pieces of each.
type Pieces<'a> = &'a [(i64, i64)];

async fn pieces_come_back_one_by_one(world: World) {
    let (tea, cup) =
        (world.product("tea").price("10.00").stock(9).await, world.product("cup").price("5.00").stock(9).await);
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 3), (&cup, 2)]).await.expect_ok();
    let first = staff.refund_order(&order).pieces(&[(1, 1), (0, 2)]).await.expect_ok();
    assert_eq!((&first["money"]["amount"], &first["pointsClawedBack"]), (&json!("25.00"), &json!(250)));
    let line = |position: i64, quantity: i64, money: &str| {
        json!({ "position": position, "quantity": quantity, "money": { "amount": money }, "points": 0,
            "orderLine": { "position": position, "returned": quantity } })
    };
    assert_eq!(first["lines"], json!([line(0, 2, "20.00"), line(1, 1, "5.00")]));
    let now = &first["order"];
    assert_eq!((&now["status"], &now["moneyReturned"]["amount"]), (&json!("PAID"), &json!("25.00")));
    let of_line = |returned: i64, money: &str| json!({ "returned": returned, "moneyReturned": { "amount": money }, "pointsReturned": 0 });
    assert_eq!(now["lines"], json!([of_line(2, "20.00"), of_line(1, "5.00")]));
    assert_eq!((world.pieces_left(tea.row).await, world.pieces_left(cup.row).await), (8, 8));
    staff.deliver_order(&order).await.expect_ok();
    let rest = staff.refund_order(&order).await.expect_ok();
    assert_eq!((&rest["money"]["amount"], &rest["order"]["status"]), (&json!("15.00"), &json!("RETURNED")));
    assert_eq!(world.balances(&member).await, [0, 0, 0]);
    // The member reads it all.
    let seen = member
        .query(
            "{ me { orders { nodes { status pointsClawedBack deliveredAt
        returns { money { amount } lines { quantity } } } } } }",
        )
        .await["me"]["orders"]["nodes"][0]
        .clone();
    assert_eq!((&seen["status"], &seen["pointsClawedBack"]), (&json!("RETURNED"), &json!(400)));
    assert_eq!(seen["returns"][0]["lines"], json!([{ "quantity": 2 }, { "quantity": 1 }]));
    assert_eq!(seen["returns"].as_array().map(Vec::len), Some(2));
}

async fn pieces_may_stay_off_the_shelf(world: World) {
    let tea = world.product("tea").price("10.00").stock(9).await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 3)]).await.expect_ok();
    let broken = staff.refund_order(&order).pieces(&[(0, 1)]).without_restocking().because("broken").await.expect_ok();
    assert_eq!((&broken["restocked"], &broken["reason"]), (&json!(false), &json!("broken")));
    assert_eq!(world.pieces_left(tea.row).await, 6);
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!(world.pieces_left(tea.row).await, 7);
}

async fn points_come_back_while_they_are_pending(world: World) {
    world.program(|program| program.return_window_days = Some(7)).await;
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().with_points(50).await, world.staff().await);
    let order = member.place_order(&[(&tea, 4)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [50, 400, 0]);
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [50, 300, 0], "other points are left alone");
    staff.deliver_order(&order).await.expect_ok();
    world.wait_days(1);
    let staff = staff.another_session().await;
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!(world.balances(&member).await, [50, 200, 0]);
    world.wait_days(7);
    assert_eq!(world.balances(&member).await, [250, 0, 0]);
    let staff = staff.another_session().await;
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(world.balances(&member).await, [50, 0, 0]);
    // All of an order's pending points may go: nothing is left to become active.
    let order = member.another_session().await.place_order(&[(&tea, 1)]).await.expect_ok();
    staff.refund_order(&order).await.expect_ok();
    world.wait_days(30);
    assert_eq!(world.balances(&member).await, [50, 0, 0]);
}

async fn what_cannot_be_refunded_is_refused(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 3), (&tea, 1)]).await.expect_ok();
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    let cases: [(Pieces, &str, Json); 8] = [
        (&[], "NO_LINES", json!(["input", "lines"])),
        (&[(0, 3)], "BAD_QUANTITY", json!(["input", "lines", "0", "quantity"])),
        (&[(1, 1), (0, 0)], "BAD_QUANTITY", json!(["input", "lines", "1", "quantity"])),
        (&[(0, -1)], "BAD_QUANTITY", json!(["input", "lines", "0", "quantity"])),
        (&[(0, 2_147_483_647)], "BAD_QUANTITY", json!(["input", "lines", "0", "quantity"])),
        (&[(2, 1)], "LINE_UNKNOWN", json!(["input", "lines", "0", "position"])),
        (&[(-1, 1)], "LINE_UNKNOWN", json!(["input", "lines", "0", "position"])),
        (&[(0, 1), (1, 1), (0, 1)], "LINE_REPEATED", json!(["input", "lines", "2", "position"])),
    ];
    for (pieces, code, path) in cases {
        let error = world.unchanged_by(staff.refund_order(&order).pieces(pieces)).await.expect_refused(code);
        assert_eq!(error["path"], path, "{pieces:?}");
        let left = if code == "BAD_QUANTITY" && pieces[pieces.len() - 1].0 == 0 { json!(2) } else { Json::Null };
        assert_eq!(error["leftQuantity"], left, "{pieces:?}");
        let preview = staff.preview_refund(&order, Some(pieces)).await.data()["previewRefund"].clone();
        assert_eq!((&preview["userErrors"][0]["code"], &preview["token"]), (&json!(code), &Json::Null));
    }
    let error = staff.speaking("zh").refund_order(&order).pieces(&[(0, 3)]).await.expect_refused("BAD_QUANTITY");
    assert_eq!(error["message"], "退货数量至少为 1，最多为剩余的 2 件。");
    staff.refund_order(&order).await.expect_ok();
    for again in [staff.refund_order(&order), staff.refund_order(&order).pieces(&[(0, 1)])] {
        world.unchanged_by(again).await.expect_refused("ALREADY_RETURNED");
    }
    for id in ["", "x", &member.id] {
        world.unchanged_by(staff.refund_order(&json!({ "id": id }))).await.expect_refused("ORDER_UNKNOWN");
    }
}

async fn a_reason_is_bounded(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 3)]).await.expect_ok();
    for reason in ["a\u{0}b", "a\nb", &"字".repeat(201)] {
        let error =
            world.unchanged_by(staff.refund_order(&order).because(reason)).await.expect_refused("REASON_INVALID");
        assert_eq!(error["path"], json!(["input", "reason"]));
        world.unchanged_by(staff.cancel_order(&order).because(reason)).await.expect_refused("REASON_INVALID");
    }
    let blank = staff.refund_order(&order).pieces(&[(0, 1)]).because("  ").await.expect_ok();
    assert_eq!(blank["reason"], Json::Null);
    staff.refund_order(&order).because(&"字".repeat(200)).await.expect_ok();
}

async fn an_imported_order_is_not_refunded(world: World) {
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    let order =
        member.query("{ me { orders { nodes { id returns { id } } } } }").await["me"]["orders"]["nodes"][0].clone();
    assert_eq!(order["returns"], json!([]));
    world.unchanged_by(staff.refund_order(&order)).await.expect_refused("ORDER_IMPORTED");
    world.unchanged_by(staff.refund_order(&order).pieces(&[(0, 1)])).await.expect_refused("ORDER_IMPORTED");
    world.unchanged_by(staff.cancel_order(&order)).await.expect_refused("ORDER_IMPORTED");
}

async fn the_same_key_refunds_once(world: World) {
    let tea = world.product("tea").await;
    let (member, staff) = (world.member().await, world.staff().await);
    let order = member.place_order(&[(&tea, 3)]).await.expect_ok();
    let refund = || staff.refund_order(&order).pieces(&[(0, 1)]).with_key("k");
    let first = refund().await.expect_ok();
    assert_eq!(world.unchanged_by(refund()).await.expect_ok(), first);
    for other in [
        staff.refund_order(&order),
        staff.refund_order(&order).pieces(&[(0, 2)]),
        staff.refund_order(&order).pieces(&[(1, 1)]),
        refund().without_restocking(),
        refund().because("another"),
        refund().because("a\u{0}b"),
        refund().previewed(&json!("token")),
    ] {
        let error = world.unchanged_by(other.with_key("k")).await.expect_refused("IDEMPOTENCY_KEY_CONFLICT");
        assert_eq!(error["path"], json!(["input", "idempotencyKey"]));
    }
    // Cancelling has keys of its own, and many at once make one return.
    let calls = (0..20).map(|_| {
        let call = staff.refund_order(&order).pieces(&[(0, 1)]).with_key("many");
        tokio::spawn(async move { call.await.expect_ok()["id"].clone() })
    });
    let ids = futures_util::future::join_all(calls).await;
    let ids: Vec<_> = ids.into_iter().map(|id| id.expect("a return")).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    staff.cancel_order(&order).with_key("k").await.expect_ok();
}

/// Neither a new rate nor another policy changes what an earlier order gives and takes.
async fn a_return_is_decided_by_the_program_of_its_order(world: World) {
    let tea = world.product("tea").price("10.00").await;
    let (member, staff) = (world.member().with_points(100).await, world.staff().await);
    let order = member.place_order(&[(&tea, 2)]).with_points(100).await.expect_ok();
    world.program(|program| (program.earn_points, program.exchange_points) = (70, 500)).await;
    let taken = staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_eq!((&taken["money"]["amount"], &taken["pointsClawedBack"]), (&json!("9.50"), &json!(95)));
    assert_eq!(taken["pointsGivenBack"], 50);
    staff.refund_order(&order).await.expect_ok();
    assert_eq!(world.balances(&member).await, [100, 0, 0]);
}

async fn many_orders_with_returns_take_as_many_statements_as_one(world: World) {
    let tea = world.product("tea").await;
    let staff = world.staff().await;
    let (few, many) = (world.member().await, world.member().await);
    for (member, count) in [(&few, 1), (&many, 20)] {
        for _ in 0..count {
            let order = member.place_order(&[(&tea, 2)]).await.expect_ok();
            staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
            staff.refund_order(&order).await.expect_ok();
        }
    }
    let read = "{ me { orders(first: 100) { nodes { returns { lines { quantity orderLine { returned } } } } }
        pointsAccount { pointsLedger(first: 100) { nodes { order { number } } } } } }";
    let mut counts = Vec::new();
    for member in [&few, &many] {
        world.take_statements();
        member.query(read).await;
        counts.push(world.take_statements());
    }
    // Session, two pages, returns, their lines, the orders' lines and the orders; the ledger's returns and orders.
    assert!(counts[0].len() <= 10, "{}", counts[0].join("\n"));
    assert!(counts[1].len() <= counts[0].len(), "{}", counts[1].join("\n"));
}
