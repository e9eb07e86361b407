//! Some months in the life of the demo shop: who joins, what they buy, what they redeem.

use crate::access::actor::{Actor, MemberActor};
use crate::app::App;
use crate::base::clock::{DAY, MINUTE};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::commit::register::Register;
use crate::domain::admin::service::grant;
use crate::domain::member::entity::{HandleKind, credential, member, profile};
use crate::domain::member::query::HandleKey;
use crate::domain::order::service::{Cart, place_order};
use crate::domain::points::rule::purse::Purse;
use crate::domain::reward::query::CouponsOfRedemption;
use crate::domain::reward::service::{Wish, redeem};

use super::goods;

/// Everybody's password in the demo.
pub const PASSWORD: &str = "jifen-demo-2026";
/// The member to log in as.
pub const ACCOUNT: &str = "demo";

/// The member of staff to log in as. They run the shop and buy nothing.
pub const STAFF: &str = "staff";

/// User name, name, and every how many days they shop.
const MEMBERS: [(&str, &str, i64); 12] = [
    (ACCOUNT, "Lin Xiaoyu 林小雨", 6),
    ("chen.wei", "Chen Wei 陈伟", 9),
    ("wang.fang", "Wang Fang 王芳", 11),
    ("zhao.lei", "Zhao Lei 赵磊", 14),
    ("sun.na", "Sun Na 孙娜", 8),
    ("zhou.jie", "Zhou Jie 周杰", 21),
    ("wu.min", "Wu Min 吴敏", 13),
    ("anna.s", "Anna Schmidt", 17),
    ("li.qiang", "Li Qiang 李强", 10),
    ("huang.yan", "Huang Yan 黄燕", 25),
    ("tom.b", "Tom Brown", 19),
    ("xu.jing", "Xu Jing 徐静", 7),
];

/// Lets the days pass; each member shops on their own days.
pub async fn live_through(app: &App, days: i64) -> Result<()> {
    let password_hash = app.passwords.hash(PASSWORD.to_owned()).await?;
    let mut members = Vec::with_capacity(MEMBERS.len());
    for (username, name, _) in MEMBERS {
        app.clock.advance(37 * MINUTE);
        members.push(join(app, username, name, &password_hash).await?);
    }
    let staff = join(app, STAFF, "Gao Mei 高梅", &password_hash).await?;
    grant(&app.db, staff, app.clock.now()).await?;
    for day in 1..days {
        app.clock.advance(DAY - 60 * MINUTE);
        for (position, (_, _, every)) in MEMBERS.iter().enumerate() {
            app.clock.advance(5 * MINUTE);
            if (day + position as i64 * 3) % every == 0 {
                shop(app, members[position], position, day).await?;
            }
        }
    }
    Ok(())
}

/// The member of this name, new or from a start that was interrupted.
async fn join(app: &App, username: &str, name: &str, password_hash: &str) -> Result<Id> {
    let known = app.hub.find(HandleKey(HandleKind::Username, username.to_owned())).await?;
    if let Some(known) = known {
        return Ok(known.member_id);
    }
    let now = app.clock.now();
    let member =
        member::Model { id: app.ids.next(), number: app.ids.number(now), imported: false, created_at: now.micros() };
    let (member_id, email) = (member.id, format!("{username}@demo.example"));
    let names = vec![
        (HandleKind::Username, username.to_owned()),
        (HandleKind::Email, email.clone()),
        (HandleKind::MemberNumber, member.number.clone()),
    ];
    let profile = profile::Model {
        member_id,
        username: Some(username.to_owned()),
        email: Some(email),
        phone: None,
        name: Some(name.to_owned()),
        birthday: None,
    };
    let credential =
        Some(credential::Model { member_id, password_hash: password_hash.to_owned(), changed_at: now.micros() });
    let command = Register { member, profile, credential, session: None, names, event_id: app.ids.next() };
    let joined = app.committers.submit(command).await?;
    joined.map_err(|_| Error::internal(format!("the demo member {username} is there twice")))?;
    Ok(member_id)
}

/// One visit: an order of a few products, with a coupon when points were redeemed for one.
async fn shop(app: &App, member_id: Id, position: usize, day: i64) -> Result<()> {
    let actor = Actor::Member(MemberActor { member_id, session_id: Id::nil(), staff: false });
    let turn = position * 7 + day as usize;
    let lines =
        (0..1 + turn % 3).map(|line| (Some(goods::product_id(turn * 5 + line * 11)), 1 + (turn + line) as i64 % 2));
    let coupon_code = if turn.is_multiple_of(4) { coupon(app, &actor, member_id, turn, day).await? } else { None };
    let cart = Cart {
        channel: None,
        outlet_id: None,
        lines: lines.collect(),
        coupon_code,
        points: 0,
        purse: Purse::Own,
        idempotency_key: format!("demo-order-{day}"),
    };
    let placed = place_order(app, &actor, cart).await?;
    if let Err(rejection) = placed {
        tracing::debug!(?rejection, day, "a demo order was not placed");
    }
    Ok(())
}

/// A coupon for points, if there are enough.
async fn coupon(app: &App, actor: &Actor, member_id: Id, turn: usize, day: i64) -> Result<Option<String>> {
    let wish = Wish {
        reward_id: Some(goods::coupon_reward_id(turn / 4)),
        quantity: 1,
        purse: Purse::Own,
        idempotency_key: format!("demo-redeem-{day}"),
    };
    let Ok(redemption) = redeem(app, actor, wish).await? else { return Ok(None) };
    let coupons = app.hub.find(CouponsOfRedemption(member_id, redemption.id)).await?;
    Ok(coupons.and_then(|coupons| coupons.first().map(|coupon| coupon.code.clone())))
}
