//! A shop in memory: rows as the write path loads them, and what is proved of them after each command.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jifen::base::clock::{DAY, Instant};
use jifen::base::id::{Id, Series};
use jifen::commit::command::{Command, Stop};
use jifen::commit::rows::{Changes, OrderRows, Rows};
use jifen::domain::catalog::entity::{product, stock};
use jifen::domain::earning::entity::earned_share;
use jifen::domain::earning::query::{UseKey, key_of, no_use};
use jifen::domain::points::entity::{Account, Cause, LotState, TxnKind, program, wallet};
use jifen::domain::points::rule::{Ledger, Part, Posting, Shelf, Unreversed, open_wallet};

use super::Dice;
use super::rules::budgets;
use super::standing::Written;

pub const MEMBER: Id = Id::from_u128(7);
const PIECES: i64 = 10_000;

/// What is left of each budget, the points and times that were counted, and the member's tier.
pub type Left = (BTreeMap<Id, i64>, BTreeMap<UseKey, (i64, i64)>, Option<Id>);

pub struct Shop {
    pub rows: Rows,
    pub products: HashMap<Id, Arc<product::Model>>,
    pub now: Instant,
    /// All that was ever booked, by account.
    pub booked: BTreeMap<String, i64>,
    /// All that was ever written of the member's tier.
    pub written: Written,
    pub carried_out: usize,
    ids: Series,
}

impl Shop {
    pub fn new(dice: &Dice, program: program::Model, now: Instant, prices: &[i64]) -> Shop {
        let mut ids = Series::new(Id::from_u128(1 << 80));
        let products = prices.iter().map(|price| Arc::new(product_of(ids.next(), *price)));
        let products: HashMap<_, _> = products.map(|product| (product.id, product)).collect();
        let mut rows = Rows::new(Arc::new(program));
        let pile = |id: Id| stock::Model { id, granted: PIECES, remaining: PIECES, used: 0 };
        rows.stock = products.keys().map(|id| (*id, pile(*id))).collect();
        rows.budgets = budgets(dice).into_iter().map(|budget| (budget.id, budget)).collect();
        // So that a year of membership ends in the middle of a history.
        let wallet = wallet::Model { joined_at: now.plus(-350 * DAY).micros(), ..open_wallet(MEMBER, &rows.program) };
        rows.ledgers.insert(MEMBER, Ledger::new(wallet, Shelf::full([])));
        let (booked, written) = (BTreeMap::new(), Written::default());
        Shop { rows, products, now, booked, written, carried_out: 0, ids }
    }

    pub fn id(&mut self) -> Id {
        self.ids.next()
    }

    /// The seed of a command: room for the ids it makes of it.
    pub fn seed(&mut self) -> Id {
        let seed = self.ids.next();
        for _ in 0..200 {
            self.ids.next();
        }
        seed
    }

    pub fn ledger(&self) -> &Ledger {
        &self.rows.ledgers[&MEMBER]
    }

    /// Decides a command and takes in what it changes, as a group does.
    pub fn run<C: Command>(&mut self, command: &C) -> Result<C::Done, C::Rejection> {
        self.look_up(command);
        match command.decide(&self.rows, self.now) {
            Ok((changes, done)) => {
                if let Some(changes) = changes.into_option() {
                    self.take_in(changes);
                    self.carried_out += 1;
                }
                self.prove();
                Ok(done)
            }
            Err(Stop::Rejected(rejection)) => Err(rejection),
            Err(Stop::Missing(_)) => panic!("everything there is was at hand"),
            Err(Stop::Failed(error)) => panic!("{}", error.chain()),
        }
    }

    /// Looks up what a command asks for, once and again: sums of what counted for a tier, and what was used of rules, of
    /// which nothing was counted yet.
    fn look_up<C: Command>(&mut self, command: &C) {
        for _ in 0..20 {
            let Err(Stop::Missing(keys)) = command.decide(&self.rows, self.now) else { return };
            for key in keys.uses {
                self.rows.uses.entry(key).or_insert_with(|| no_use(key));
            }
            self.rows.sums.extend(keys.sums.into_iter().map(|key| (key, self.written.sum(key.1))));
        }
    }

    /// What is left of budgets, what was counted, and which tier that left the member in.
    pub fn left(&self) -> Left {
        let budgets = self.rows.budgets.iter().map(|(id, budget)| (*id, budget.remaining));
        let counts = self.rows.uses.iter().map(|(key, row)| (*key, (row.points, row.times)));
        (budgets.collect(), counts.collect(), self.ledger().wallet.tier_id)
    }

    /// The same as a command would leave it, which is not carried out.
    pub fn left_after<C: Command>(&mut self, command: &C) -> Left {
        self.look_up(command);
        let (mut budgets, mut counts, tier) = self.left();
        let Ok((changes, _)) = command.decide(&self.rows, self.now) else { panic!("it can be decided") };
        budgets.extend(changes.budgets.iter().map(|budget| (budget.id, budget.remaining)));
        counts.extend(changes.uses.iter().map(|row| (key_of(row), (row.points, row.times))));
        let tier = changes.tier_changes.last().map_or(tier, |step| step.to_id);
        (budgets, counts, tier)
    }

    fn shares(&self) -> impl Iterator<Item = &earned_share::Model> {
        self.rows.orders.values().flat_map(|known| &known.shares)
    }

    /// Nothing is taken back that was not given; and budgets and counts are what rules gave and still have out, or was
    /// given up.
    fn prove_rules(&self) {
        for share in self.shares() {
            let is_sound = 0 < share.points && share.points <= share.due && share.clawed <= share.points;
            assert!(is_sound && (0..=share.clawed).contains(&share.written_off), "{share:?}");
        }
        for budget in self.rows.budgets.values() {
            let of_rule = self.shares().filter(|share| share.rule_id == budget.id);
            let used: i64 = of_rule.map(|share| share.points - share.clawed + share.written_off).sum();
            assert_eq!((budget.used, budget.remaining), (used, budget.granted - used));
            assert!(budget.remaining >= 0, "{budget:?}");
        }
        for row in self.rows.uses.values() {
            assert!(row.points >= 0 && row.times >= 0 && (row.points > 0) == (row.times > 0), "{row:?}");
        }
    }

    /// All orders have come back.
    pub fn assert_rules_have_everything_back(&self) {
        assert!(self.shares().all(|share| share.clawed == share.points));
        let given_up: i64 = self.shares().map(|share| share.written_off).sum();
        let (budgets, counts, _) = self.left();
        if given_up == 0 {
            assert!(self.rows.budgets.values().all(|budget| budgets[&budget.id] == budget.granted));
            assert!(counts.values().all(|counted| *counted == (0, 0)), "{counts:?}");
        }
    }

    fn take_in(&mut self, changes: Changes) {
        let (order, shares) = (changes.order.clone(), changes.shares.clone());
        self.written.take_in(&changes);
        let postings: Vec<Posting> = changes.books.iter().flat_map(|books| books.postings.clone()).collect();
        self.rows.apply(changes);
        // What a later group would load.
        if let Some(new) = order {
            let rows = OrderRows { order: new.order, lines: new.lines, shares, points_settled: 0 };
            self.rows.orders.insert((MEMBER, rows.order.id), rows);
        }
        for Posting { txn, entries, allocations } in postings {
            assert_eq!(entries.iter().map(|entry| entry.points).sum::<i64>(), 0, "{txn:?}");
            for entry in &entries {
                *self.booked.entry(format!("{:?}", entry.account)).or_default() += entry.points;
            }
            if (txn.kind, txn.cause) == (TxnKind::Redemption, Cause::Order) {
                let part = |row: &jifen::domain::points::entity::allocation::Model| Part {
                    position: row.position,
                    lot_id: row.lot_id,
                    points: row.points,
                };
                let parts = allocations.iter().map(part).collect();
                self.rows.unreversed.insert((MEMBER, txn.id), Unreversed { txn_id: txn.id, parts });
            }
        }
        for coupon in std::mem::take(&mut self.rows.writes.new_coupons) {
            self.rows.coupons.insert((MEMBER, coupon.code.clone()), coupon);
        }
    }

    fn of(&self, account: Account) -> i64 {
        self.booked.get(&format!("{account:?}")).copied().unwrap_or(0)
    }

    /// The wallet is the sum of its accounts and of its lots; with debt nothing is available; and what is outstanding is
    /// what the house gave, less what came back to it.
    fn prove(&self) {
        let ledger = self.ledger();
        let wallet = &ledger.wallet;
        let balances = [Account::Available, Account::Held, Account::Pending, Account::Debt].map(|one| self.of(one));
        assert_eq!([ledger.active(), wallet.held, wallet.pending, -wallet.debt], balances);
        let in_lots = |state| ledger.shelf.iter().filter(move |lot| lot.state == state).map(|lot| lot.remaining).sum();
        let held: i64 = ledger.shelf.iter().map(|lot| lot.held).sum();
        assert_eq!([in_lots(LotState::Active), held, in_lots(LotState::Pending)], balances[..3]);
        assert!(wallet.debt == 0 || ledger.active() == 0, "points beside debt: {wallet:?}");
        for lot in ledger.shelf.iter() {
            let buckets = [lot.remaining, lot.held, lot.consumed, lot.expired, lot.revoked];
            assert!(buckets.iter().all(|points| *points >= 0) && lot.reinstated <= lot.expired, "{lot:?}");
            assert_eq!(buckets.iter().sum::<i64>(), lot.granted, "{lot:?}");
        }
        let given = [Account::Issued, Account::Reinstated, Account::Adjusted, Account::WrittenOff, Account::Settled];
        let gone = [Account::Redeemed, Account::Expired, Account::Revoked];
        let given: i64 = given.iter().map(|account| -self.of(*account)).sum();
        let gone: i64 = gone.iter().map(|account| self.of(*account)).sum();
        assert_eq!(wallet.posted + wallet.pending - wallet.debt, given - gone);
        self.prove_rules();
        self.prove_tier();
        for pile in self.rows.stock.values() {
            assert!(pile.remaining >= 0 && pile.remaining + pile.used == PIECES, "{pile:?}");
        }
    }
}

fn product_of(id: Id, price: i64) -> product::Model {
    product::Model {
        id,
        sku: id.to_string(),
        slug: id.to_string(),
        name: "Product".to_owned(),
        description: String::new(),
        price,
        currency: "CNY".to_owned(),
        image_url: None,
        created_at: 0,
        tax_rate: price % 4 * 433,
        category_id: None,
    }
}
