//! Recording what a member did, and what it earns: the event, its points and the rules' shares, in one commit.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::planted::{Bug, planted};
use crate::commit::books::Books;
use crate::commit::command::{Command, Stop};
use crate::commit::earn::{Gift, Outlook, earn, want_rules};
use crate::commit::key::Made;
use crate::commit::open::{refused, told};
use crate::commit::rows::{Changes, Keys, Rows};
use crate::commit::tier::{Counted, Tiers, want_tier};
use crate::domain::earning::entity::{event, event_type};
use crate::domain::earning::query::EventName;
use crate::domain::earning::rule::condition::attribute::Value;
use crate::domain::earning::rule::event::{Rejection, check_moment, write_attributes};
use crate::domain::earning::rule::occasion::{Occasion, Standing};
use crate::domain::earning::rule::reckon::share_rows;
use crate::domain::outbox::entity::Topic;
use crate::domain::points::entity::Cause;
use crate::domain::points::rule::program::zone;
use crate::domain::points::rule::{By, Event, Lasting, Terms};
use crate::domain::tier::entity::CountedAs;
use crate::domain::tier::rule::terms::Measures;

#[derive(Clone, Debug)]
pub struct RecordEvent {
    pub member_id: Id,
    pub event_type: Arc<event_type::Model>,
    /// The sender's name for it: with the member and the kind it is unique for ever.
    pub unique_key: String,
    pub attributes: BTreeMap<String, Value>,
    /// Covers what was told, so that the same name for something else is found out.
    pub request_hash: Vec<u8>,
    /// The same over numbers as they were written, by which earlier builds knew an event.
    pub hash_of_before: Vec<u8>,
    /// When it happened; now, if nobody said.
    pub occurred_at: Option<Instant>,
    pub by: By,
    /// What is known of the member before their wallet is locked, and of the rules.
    pub standing: Standing,
    pub outlook: Outlook,
    // Drawn beforehand:
    pub event_id: Id,
    /// The first id of its transaction and lot.
    pub seed: Id,
    pub outbox_id: Id,
}

impl Command for RecordEvent {
    type Done = Made<event::Model>;
    type Rejection = Rejection;

    fn wallet(&self) -> Id {
        self.member_id
    }

    fn rows(&self) -> usize {
        14
    }

    fn keys(&self, keys: &mut Keys) {
        want_tier(keys, self.member_id);
        keys.recorded.insert(self.name());
        let outlook = &self.outlook;
        let occasion = self.occasion(self.occurred_at.unwrap_or(outlook.moment), &outlook.zone, &self.standing);
        want_rules(keys, self.member_id, &outlook.rules, &occasion);
    }

    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Rejection>> {
        if let Some(known) = rows.recorded.get(&self.name()).filter(|_| !planted(Bug::EventTwice)) {
            return match [&self.request_hash, &self.hash_of_before].contains(&&known.request_hash) {
                true => Ok((Changes::default(), Made::Before(known.id))),
                false => Err(Rejection::UniqueKeyConflict.into()),
            };
        }
        check_moment(self.occurred_at, now)?;
        let mut books = Books::new(rows, self.seed, now);
        books.open_own(self.member_id)?;
        let mut tiers = Tiers::open(rows, self.member_id, self.seed, now)?;
        let gift = self.gift(rows, &tiers, now)?;
        let points = gift.earned.points;
        let mut lot_id = None;
        if points > 0 {
            let event = Event::once(Cause::Event, self.event_id, self.by, rows.program.version, now);
            let ledger = books.of(self.member_id);
            let lasting = Lasting::of(&rows.program);
            let accrued = ledger.accrue(&event, points, Terms::AtOnce(&lasting)).and_then(|lot_id| {
                ledger.repay(&event)?;
                Ok(lot_id)
            });
            lot_id =
                Some(accrued.map_err(|refusal| refused(rows, self.member_id, refusal, |_| Rejection::TooManyPoints))?);
        }
        let event = self.row(rows.program.version, points, lot_id, now);
        tiers.count(counted(&event), &zone(&rows.program))?;
        let tier = tiers.close(&mut books.of(self.member_id).wallet, self.by, None);
        let books = books.close();
        let payload = serde_json::json!({ "eventId": event.id, "type": self.event_type.code, "points": points });
        let changes = Changes {
            events: vec![told(&books[0], self.outbox_id, Topic::EventRecorded, payload, now)],
            books,
            recorded: Some(event.clone()),
            budgets: gift.budgets,
            uses: gift.uses,
            shares: gift.shares,
            ..Changes::default()
        };
        Ok((tier.among(changes), Made::Now(event)))
    }
}

/// What it counts towards a tier.
fn counted(event: &event::Model) -> Counted {
    Counted {
        source_id: event.id,
        purchase_id: event.id,
        what: CountedAs::Event,
        measures: Measures { points: event.points, spend: 0, visits: 1 },
        at: Instant(event.occurred_at),
    }
}

impl RecordEvent {
    fn name(&self) -> EventName {
        (self.member_id, self.event_type.id, self.unique_key.clone())
    }

    fn occasion<'a>(&'a self, moment: Instant, zone: &'a TimeZone, standing: &'a Standing) -> Occasion<'a> {
        let event = Some((self.event_type.id, &self.attributes));
        Occasion { moment, zone, items: &[], channel: None, outlet_id: None, event, standing }
    }

    /// What it earns. A rule that has nothing left to give leaves a share of 0 points, so that the attempt can be seen.
    fn gift(&self, rows: &Rows, tiers: &Tiers, now: Instant) -> Result<Gift, Stop<Rejection>> {
        self.outlook.must_cover(&rows.rules)?;
        let wallet = rows.ledgers.get(&self.member_id).map(|ledger| &ledger.wallet);
        let standing = Standing {
            purchases_before: wallet.map(|wallet| wallet.purchases),
            tier: tiers.standing(),
            ..self.standing.clone()
        };
        let zone = zone(&rows.program);
        let occurred_at = self.occurred_at.filter(|_| !planted(Bug::EventWhenRecorded)).unwrap_or(now);
        let occasion = self.occasion(occurred_at, &zone, &standing);
        let gift = earn(rows, &rows.program, (self.member_id, self.event_id), &occasion)?;
        let mut gift = gift.ok_or(Stop::Rejected(Rejection::TooManyPoints))?;
        let shares: Vec<_> = gift.earned.shares.iter().chain(&gift.earned.spent).cloned().collect();
        gift.shares = share_rows(&shares, self.member_id, self.event_id);
        Ok(gift)
    }

    fn row(&self, program_version: i64, points: i64, lot_id: Option<Id>, now: Instant) -> event::Model {
        event::Model {
            member_id: self.member_id,
            id: self.event_id,
            type_id: self.event_type.id,
            unique_key: self.unique_key.clone(),
            attributes: write_attributes(&self.attributes),
            request_hash: self.request_hash.clone(),
            points,
            program_version,
            lot_id,
            actor: self.by.actor,
            actor_id: self.by.actor_id,
            occurred_at: self.occurred_at.unwrap_or(now).micros(),
            recorded_at: now.micros(),
        }
    }
}
