//! A preview of a refund: it says what the refund does, changes nothing, and is good until anything changes.

use jifen::domain::points::entity::{ShortfallPolicy, ValidityKind};
use serde_json::{Value as Json, json};

use crate::world::{Client, Member, World, both_databases};

both_databases!(
    a_preview_is_what_the_refund_does,
    a_preview_is_stale_after_a_new_order,
    a_preview_is_stale_after_another_return,
    a_preview_is_stale_after_an_expiry,
    a_preview_is_of_its_order_and_pieces,
);

async fn preview(staff: &Client, order: &Json, pieces: Option<&[(i64, i64)]>) -> Json {
    let preview = staff.preview_refund(order, pieces).await.data()["previewRefund"].clone();
    assert_eq!(preview["userErrors"], json!([]), "{preview}");
    preview
}

/// An order of 3 pieces, part of it paid with points, whose own points were spent.
async fn spent(world: &World) -> (Member, Json) {
    let tea = world.product("tea").price("33.34").await;
    let reward = world.coupon_reward(800).await;
    let member = world.member().with_points(300).await;
    let order = member.place_order(&[(&tea, 3)]).with_points(200).await.expect_ok();
    member.redeem(&reward).await.expect_ok();
    (member, order)
}

async fn a_preview_is_what_the_refund_does(world: World) {
    let staff = world.staff().await;
    for policy in [ShortfallPolicy::AllowDebt, ShortfallPolicy::WriteOff, ShortfallPolicy::DeductFromRefund] {
        world.program(|program| program.shortfall = policy).await;
        let (member, order) = spent(&world).await;
        for pieces in [Some([(0, 1)].as_slice()), None] {
            let preview = world.unchanged_by(Box::pin(preview(&staff, &order, pieces))).await;
            let refund = staff.refund_order(&order).previewed(&preview["token"]);
            let refund = if let Some(pieces) = pieces { refund.pieces(pieces) } else { refund };
            let taken = refund.await.expect_ok();
            let figures = preview["figures"].as_object().expect("figures");
            for (field, figure) in
                figures.iter().filter(|(field, _)| !matches!(field.as_str(), "activePoints" | "debt"))
            {
                assert_eq!(taken[field], *figure, "{policy:?} {field}");
            }
            let [active, _, debt] = world.balances(&member).await;
            assert_eq!((&figures["activePoints"], &figures["debt"]), (&json!(active), &json!(debt)), "{policy:?}");
        }
    }
}

/// The token is refused once, with new figures and a token that is good.
async fn assert_stale(world: &World, staff: &Client, order: &Json, token: &Json) {
    let refused = world.unchanged_by(staff.refund_order(order).previewed(token)).await;
    let error = refused.expect_refused("PREVIEW_STALE");
    assert_eq!(error["path"], json!(["input", "previewToken"]));
    let again = preview(staff, order, None).await;
    assert_eq!((&error["figures"], &error["token"]), (&again["figures"], &again["token"]));
    staff.refund_order(order).previewed(&error["token"]).await.expect_ok();
}

async fn a_preview_is_stale_after_a_new_order(world: World) {
    let staff = world.staff().await;
    let (member, order) = spent(&world).await;
    let token = preview(&staff, &order, None).await["token"].clone();
    let pot = world.product("pot").await;
    member.place_order(&[(&pot, 1)]).await.expect_ok();
    assert_stale(&world, &staff, &order, &token).await;
}

async fn a_preview_is_stale_after_another_return(world: World) {
    let staff = world.staff().await;
    let (_, order) = spent(&world).await;
    let token = preview(&staff, &order, None).await["token"].clone();
    // Without a token the refund is decided anew.
    staff.refund_order(&order).pieces(&[(0, 1)]).await.expect_ok();
    assert_stale(&world, &staff, &order, &token).await;
}

async fn a_preview_is_stale_after_an_expiry(world: World) {
    world.program(|program| (program.validity, program.validity_count) = (ValidityKind::Days, 2)).await;
    let staff = world.staff().await;
    let (_, order) = spent(&world).await;
    let first = preview(&staff, &order, None).await;
    world.wait_seconds(60);
    assert_eq!(preview(&staff, &order, None).await, first, "time alone changes nothing");
    world.wait_days(3);
    let staff = staff.another_session().await;
    assert_stale(&world, &staff, &order, &first["token"]).await;
}

async fn a_preview_is_of_its_order_and_pieces(world: World) {
    let staff = world.staff().await;
    let (member, order) = spent(&world).await;
    let pot = world.product("pot").price("33.34").await;
    let other = member.place_order(&[(&pot, 3)]).await.expect_ok();
    let token = preview(&staff, &order, Some(&[(0, 1)])).await["token"].clone();
    for wrong in [
        staff.refund_order(&order),
        staff.refund_order(&order).pieces(&[(0, 2)]),
        staff.refund_order(&other).pieces(&[(0, 1)]),
    ] {
        world.unchanged_by(wrong.previewed(&token)).await.expect_refused("PREVIEW_STALE");
    }
    for nonsense in ["", "x", "\u{0}", &"f".repeat(5_000)] {
        let refund = staff.refund_order(&order).pieces(&[(0, 1)]).previewed(&json!(nonsense));
        world.unchanged_by(refund).await.expect_refused("PREVIEW_STALE");
    }
    staff.refund_order(&order).pieces(&[(0, 1)]).previewed(&token).await.expect_ok();
}
