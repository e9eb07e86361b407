//! Random histories, sent concurrently through two sets of committers (as two processes would), and checked against a
//! reckoning of their own and against every invariant.
//!
//! `JIFEN_TEST_SEED=…` repeats the same requests; `JIFEN_TEST_ROUNDS=…` makes the history longer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::ledger::history::{Dice, Past, Request, Wanted, past, round};
use crate::ledger::reckoning::{Answered, End, Reckoning};
use crate::ledger::spending::spent_in_order;
use crate::ledger::{CHEAP_COUPON, GOODS, PRODUCTS, REWARD_PRICES, SCARCE_COUPON, Shop, base, broken, made_id};
use futures_util::future::join_all;
use jifen::base::id::{Id, Random};
use jifen::commit::import_order::Imported;
use jifen::commit::key::Made;
use jifen::domain::order::rule as orders;
use jifen::domain::reward::rule as rewards;
use sea_orm::ConnectionTrait;

const MEMBERS: usize = 6;
const REQUESTS: usize = 60;
const PAST: usize = 150;

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_random_history_ends_as_reckoned() {
    let seed = setting("JIFEN_TEST_SEED").unwrap_or_else(|| u64::from_le_bytes(Random::System.bytes()));
    let rounds = setting("JIFEN_TEST_ROUNDS").unwrap_or(8) as usize;
    for base in base::each().await {
        println!("{}: JIFEN_TEST_SEED={seed} JIFEN_TEST_ROUNDS={rounds}", base.name);
        let shop = Arc::new(Shop::open(base.db.clone(), seed).await);
        let other = Arc::new(shop.beside());
        run([shop, other], seed, rounds).await;
    }
}

async fn run(shops: [Arc<Shop>; 2], seed: u64, rounds: usize) {
    let dice = Dice::new(seed);
    let members = register(&shops).await;
    let mut reckoning = Reckoning::default();
    let mut coupons: Vec<Vec<String>> = vec![Vec::new(); MEMBERS];
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    let history = past(&dice, MEMBERS, PAST);
    for n in 0..rounds {
        let requests = round(&dice, n, MEMBERS, &coupons, REQUESTS);
        let asked = requests.into_iter().map(|request| {
            let shop = dice.pick(&shops).clone();
            let member = members[request.member];
            tokio::spawn(async move { ask(&shop, member, request).await })
        });
        let asked: Vec<_> = asked.collect();
        let told = history.chunks(PAST.div_ceil(rounds)).nth(n).unwrap_or_default().iter().cloned().map(|past| {
            let shop = dice.pick(&shops).clone();
            let member = members[past.member];
            tokio::spawn(async move { tell(&shop, member, past).await })
        });
        let told: Vec<_> = told.collect();
        for done in join_all(asked).await {
            let (request, answers) = done.expect("a request is answered");
            for (answered, codes) in answers {
                if let Wanted::Reward { reward, .. } = request.wanted {
                    kinds.extend(codes.iter().map(|code| (code.clone(), reward)));
                    coupons[request.member].extend(codes);
                }
                reckoning.note(request.member, &request.key, request.wanted.clone(), answered);
            }
        }
        for done in join_all(told).await {
            let (past, added) = done.expect("an import is answered");
            reckoning.note_import(past, added);
        }
        shops[0].clock.advance(1_000_000);
    }
    let report = shops[0].verify().await;
    assert_eq!(broken(&report), Vec::<String>::new());
    for member in &members {
        spent_in_order(&shops[0], *member).await;
    }
    let expected = reckoning.end(MEMBERS, &kinds);
    assert_eq!(found(&shops[0], &members).await, expected);
    println!("  {} orders, {} transactions, {expected:?}", report.orders, report.transactions);
}

/// Everybody tries to register twice, once with each set of committers: exactly one gets the name.
async fn register(shops: &[Arc<Shop>; 2]) -> Vec<Id> {
    let mut members = Vec::new();
    for n in 0..MEMBERS {
        let name = format!("member{n}");
        let tries = join_all(shops.iter().map(|shop| shop.register(&name))).await;
        let [got] = tries.into_iter().flatten().collect::<Vec<_>>()[..] else { panic!("{name} is not one member's") };
        members.push(got);
    }
    members
}

type Told = (Answered, Vec<String>);

/// Sends a request, and again if the client was to hang up; what was answered, and the codes of coupons it issued.
async fn ask(shop: &Shop, member: Id, request: Request) -> (Request, Vec<Told>) {
    let mut answers = Vec::new();
    if let Some(millis) = request.hangs_up_after {
        let patience = Duration::from_millis(millis);
        answers.extend(tokio::time::timeout(patience, ask_once(shop, member, &request)).await.ok());
    }
    answers.push(ask_once(shop, member, &request).await);
    (request, answers)
}

async fn ask_once(shop: &Shop, member: Id, request: &Request) -> Told {
    match &request.wanted {
        Wanted::Order { lines, coupon } => {
            let order = shop.order(member, lines, coupon.as_deref(), &request.key);
            match shop.place(order).await.expect("the database is well") {
                Ok(placed @ Made::Now(_)) => (Answered::Made(made_id(&placed, |order| order.id)), Vec::new()),
                Ok(placed) => (Answered::MadeBefore(made_id(&placed, |order| order.id)), Vec::new()),
                Err(orders::Rejection::IdempotencyKeyConflict) => (Answered::Conflict, Vec::new()),
                Err(rejection) => {
                    if let orders::Rejection::NotEnoughStock { line, available } = &rejection {
                        let wanted: i64 = lines.iter().filter(|l| l.0 == lines[*line].0).map(|l| l.1).sum();
                        assert!(*available < wanted, "{available} are enough for {wanted}");
                    }
                    (Answered::Rejected(format!("{rejection:?}")), Vec::new())
                }
            }
        }
        Wanted::Reward { reward, quantity } => {
            let wish = shop.wish(member, *reward, *quantity, &request.key);
            let codes = wish.coupons.iter().map(|(_, code)| code.clone()).collect();
            match shop.redeem(wish).await.expect("the database is well") {
                Ok(redeemed @ Made::Now(_)) => (Answered::Made(made_id(&redeemed, |redemption| redemption.id)), codes),
                Ok(redeemed) => (Answered::MadeBefore(made_id(&redeemed, |redemption| redemption.id)), Vec::new()),
                Err(rewards::Rejection::IdempotencyKeyConflict) => (Answered::Conflict, Vec::new()),
                Err(rejection) => {
                    if let rewards::Rejection::NotEnoughPoints { required, active } = rejection {
                        assert!(active < required && required == REWARD_PRICES[*reward] * quantity);
                    }
                    (Answered::Rejected(format!("{rejection:?}")), Vec::new())
                }
            }
        }
    }
}

async fn tell(shop: &Shop, member: Id, past: Past) -> (Past, bool) {
    let purchase = shop.purchase(member, &past.number, past.amount, past.days_ago);
    let answer = shop.import(purchase).await.expect("the database is well").expect("the purchase is not too large");
    (past, answer != Imported::Skipped)
}

/// What the database says.
async fn found(shop: &Shop, members: &[Id]) -> End {
    let number = async |sql: &str, id: Option<Id>| {
        let statement = shop.db.dialect.statement(sql, id.map(Into::into));
        let row = shop.db.read.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get::<i64>("", "number").unwrap()
    };
    let mut end = End { points: vec![], orders: vec![], sold: vec![], redeemed: vec![], coupons: (0, 0), money: 0 };
    for member in members {
        end.points.push(number("SELECT posted AS number FROM wallet WHERE member_id = $1", Some(*member)).await);
        let orders = "SELECT COUNT(*) AS number FROM \"order\" WHERE member_id = $1";
        end.orders.push(number(orders, Some(*member)).await as usize);
    }
    for place in 0..PRODUCTS.len() {
        end.sold.push(number("SELECT used AS number FROM stock WHERE id = $1", Some(shop.products[place].id)).await);
    }
    for place in [CHEAP_COUPON, SCARCE_COUPON, GOODS] {
        let redeemed =
            "SELECT CAST(COALESCE(SUM(quantity), 0) AS bigint) AS number FROM redemption WHERE reward_id = $1";
        end.redeemed.push(number(redeemed, Some(shop.rewards[place].id)).await);
    }
    end.coupons = (
        number("SELECT COUNT(*) AS number FROM coupon", None).await,
        number("SELECT COUNT(*) AS number FROM coupon WHERE used_at IS NOT NULL", None).await,
    );
    end.money = number("SELECT CAST(SUM(total) AS bigint) AS number FROM \"order\"", None).await;
    end
}
