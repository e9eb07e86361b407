//! A ledger written in bulk: members with adjustments up and down, decided by the product's own rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jifen::base::clock::{Clock, Instant};
use jifen::base::id::{Id, Ids, Random, Series};
use jifen::commit::Committers;
use jifen::commit::key::Key;
use jifen::commit::redeem::{OPERATION, Redeem};
use jifen::db::Db;
use jifen::db::connect::{Location, connect};
use jifen::db::group::Bounds;
use jifen::db::migrate::migrate;
use jifen::db::rows::insert;
use jifen::domain::member::entity::{HandleKind, handle, member, profile};
use jifen::domain::points::entity::{AdjustmentState, Cause, adjustment, allocation, entry, lot, program, txn, wallet};
use jifen::domain::points::query::programs::Programs;
use jifen::domain::points::rule::purse::Purse;
use jifen::domain::points::rule::{By, Event, Lasting, Ledger, Outcome, Shelf, Terms, open_wallet};
use jifen::domain::points::service::ensure_program;
use jifen::domain::reward::entity::{RewardKind, reward};
use parking_lot::Mutex;
use sea_orm::ConnectionTrait;

use crate::Result;
use crate::seed::told;

/// Entries of a usual member: two out of three give.
const ENTRIES: usize = 20;
/// Entries written at once.
const CHUNK: usize = 20_000;

pub struct Books {
    pub db: Db,
    pub committers: Committers,
    /// The one whose wallet has very many entries.
    pub crowded: Id,
    pub statements: Arc<Mutex<Vec<String>>>,
    members: Vec<Id>,
    reward: Arc<reward::Model>,
    ids: Ids,
    keys: AtomicU64,
}

/// The rows of some members.
#[derive(Default)]
struct Written {
    members: Vec<member::Model>,
    profiles: Vec<profile::Model>,
    handles: Vec<handle::Model>,
    wallets: Vec<wallet::Model>,
    txns: Vec<txn::Model>,
    entries: Vec<entry::Model>,
    lots: Vec<lot::Model>,
    allocations: Vec<allocation::Model>,
    adjustments: Vec<adjustment::Model>,
}

impl Books {
    /// Writes so many entries, of which one member has `crowded`; each is that much later than its member's last.
    pub async fn write(url: &str, entries: usize, crowded: usize, apart: i64) -> Result<Books> {
        let location = Location::parse(url)?;
        let empty = connect(&location, 2).await.map_err(told)?;
        migrate(&empty, &location).await.map_err(told)?;
        empty.close().await;
        let mut db = Db::open(&location, 4).await.map_err(told)?;
        let statements = Arc::new(Mutex::new(Vec::new()));
        let heard = statements.clone();
        db.write.watch(move |sql| heard.lock().push(sql.to_owned()));
        ensure_program(&db).await.map_err(told)?;
        let programs = Programs::open(&db).await.map_err(told)?;
        let ids = Ids::new(Clock::System, Random::System);
        let program = programs.latest();
        let mut written = Written::default();
        let staff = ids.next();
        written.add(&ids, &program, staff, 0, apart, staff);
        let crowded_member = ids.next();
        written.add(&ids, &program, crowded_member, crowded, apart, staff);
        let mut members = Vec::new();
        for _ in 0..(entries - crowded) / ENTRIES {
            members.push(ids.next());
            written.add(&ids, &program, members[members.len() - 1], ENTRIES, apart, staff);
            if written.txns.len() >= CHUNK {
                std::mem::take(&mut written).insert(&db).await?;
            }
        }
        written.insert(&db).await?;
        let reward = Arc::new(coupon(&ids));
        insert::<reward::Entity>(&db.write, vec![(*reward).clone()]).await?;
        db.write.execute_unprepared("ANALYZE").await?;
        let committers = Committers::start(&db, &programs, &Clock::System, 1, Bounds::default());
        let keys = AtomicU64::new(0);
        Ok(Books { db, committers, crowded: crowded_member, statements, members, reward, ids, keys })
    }

    pub fn member(&self, number: usize) -> Id {
        // A large prime, so that one turn goes all over the members.
        self.members[number * 7_919 % self.members.len()]
    }

    pub fn redemption(&self, member_id: Id) -> Redeem {
        let key = self.keys.fetch_add(1, Ordering::Relaxed).to_string();
        Redeem {
            prices: Default::default(),
            purse: Purse::Own,
            key: Key { member_id, operation: OPERATION, key, request_hash: vec![7; 32] },
            reward: self.reward.clone(),
            quantity: 1,
            redemption_id: self.ids.next(),
            seed: self.ids.next(),
            event_id: self.ids.next(),
            coupons: vec![(self.ids.next(), self.ids.code(12))],
        }
    }

    pub async fn close(self) {
        self.committers.finish().await;
        self.db.close().await;
    }
}

fn coupon(ids: &Ids) -> reward::Model {
    reward::Model {
        id: ids.next(),
        kind: RewardKind::Coupon,
        name: "¥0.01 off".to_owned(),
        description: String::new(),
        points_price: 1,
        currency: "CNY".to_owned(),
        coupon_value: Some(1),
        minimum_spend: None,
        coupon_valid_days: None,
        product_id: None,
        stock_id: None,
        created_at: Clock::System.now().micros(),
        ..reward::Model::blank(RewardKind::Coupon, "CNY")
    }
}

impl Written {
    /// A member with a history.
    fn add(&mut self, ids: &Ids, program: &program::Model, id: Id, entries: usize, apart: i64, staff: Id) {
        let now = Clock::System.now();
        let number = ids.number(now);
        self.members.push(member::Model { id, number: number.clone(), imported: true, created_at: now.micros() });
        self.profiles.push(profile::Model {
            member_id: id,
            username: None,
            email: None,
            phone: None,
            name: None,
            birthday: None,
        });
        let (kind, value) = (HandleKind::MemberNumber, number);
        self.handles.push(handle::Model { kind, value, member_id: id, subject_id: id });
        let lasting = Lasting::of(program);
        let mut ledger = Ledger::new(open_wallet(id, program), Shelf::full([])).copy(Series::new(ids.next()));
        for n in 0..entries {
            let moment = now.plus((n as i64 - entries as i64) * apart);
            let points = if n % 3 == 2 { -18 } else { 10 + n as i64 % 3 };
            let row = adjusted(id, ids.next(), points, staff, moment);
            let event = Event::once(Cause::Adjustment, row.id, By::staff(staff), program.version, moment);
            let event = event.because(Some(row.reason.clone()));
            let booked = match points {
                1.. => ledger.adjust_up(&event, points, Terms::AtOnce(&lasting)).map(drop),
                _ => ledger.adjust_down(&event, -points),
            };
            booked.expect("a history that never overdraws");
            self.adjustments.push(row);
            ledger = self.keep(ledger, n + 1 == entries);
        }
        self.wallets.push(ledger.wallet.clone());
    }

    /// Takes the rows of what was booked. Lots go when the history is told, as they are in the end; those that are empty
    /// leave the shelf at once, or each step would look through all that ever were.
    fn keep(&mut self, ledger: Ledger, is_last: bool) -> Ledger {
        let ids = ledger.ids();
        let Outcome { ledger, postings, .. } = ledger.finish();
        for posting in postings {
            self.txns.push(posting.txn);
            self.entries.extend(posting.entries);
            self.allocations.extend(posting.allocations);
        }
        let (empty, left): (Vec<lot::Model>, Vec<lot::Model>) =
            ledger.shelf.iter().cloned().partition(|lot| lot.remaining == 0 || is_last);
        self.lots.extend(empty);
        Ledger::new(ledger.wallet.clone(), Shelf::full(left)).copy(ids)
    }

    async fn insert(self, db: &Db) -> Result<()> {
        insert::<member::Entity>(&db.write, self.members).await?;
        insert::<profile::Entity>(&db.write, self.profiles).await?;
        insert::<handle::Entity>(&db.write, self.handles).await?;
        insert::<wallet::Entity>(&db.write, self.wallets).await?;
        insert::<txn::Entity>(&db.write, self.txns).await?;
        insert::<entry::Entity>(&db.write, self.entries).await?;
        insert::<lot::Entity>(&db.write, self.lots).await?;
        insert::<allocation::Entity>(&db.write, self.allocations).await?;
        Ok(insert::<adjustment::Entity>(&db.write, self.adjustments).await?)
    }
}

fn adjusted(member_id: Id, id: Id, points: i64, staff: Id, moment: Instant) -> adjustment::Model {
    adjustment::Model {
        member_id,
        id,
        points,
        reason: "Bench".to_owned(),
        state: AdjustmentState::Booked,
        requested_by: staff,
        decided_by: None,
        created_at: moment.micros(),
        decided_at: Some(moment.micros()),
    }
}
