//! Counting events: adding what they tell to the statistics, each exactly once.

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::write::Tx;
use crate::domain::outbox::entity::{Topic, Uncounted};
use crate::domain::points::query::programs::Programs;
use crate::domain::points::rule::program::zone;
use crate::domain::report::query::count::{Event, Sums, add, claim, mark_counted};
use crate::domain::report::rule::count::added;
use crate::domain::tier::query::TierBook;
use crate::domain::tier::rule::window::day_at;

/// Events that are counted in one transaction: few enough that on one writer nobody waits for long.
const AT_ONCE: u64 = 250;

/// Counts some of the events that nobody has, and answers how many. They are claimed, added up and marked in one transaction,
/// so whoever is killed on the way has counted nothing; and any number of processes may count at a time.
pub async fn count_some(db: &Db, programs: &Programs, tiers: &TierBook) -> Result<usize> {
    let program = programs.refresh(db).await?;
    let tiers = tiers.get(&db.read, program.version).await?;
    let calendar =
        Calendar { zone: zone(&program), newcomers: tiers.and_then(|set| set.tiers.first().map(|tier| tier.row.id)) };
    let work = move |tx: Tx| {
        let calendar = calendar.clone();
        async move {
            let events = claim(&*tx, AT_ONCE).await?;
            if events.is_empty() {
                return Ok(0);
            }
            add(&*tx, calendar.sum(&events)).await?;
            mark_counted(&*tx, &events).await?;
            Ok(events.len())
        }
    };
    db.write(work).await
}

/// What is known when events are counted.
#[derive(Clone, Debug)]
struct Calendar {
    /// In which days begin.
    zone: TimeZone,
    /// The tier of whoever has just joined, which their event cannot know.
    newcomers: Option<Id>,
}

impl Calendar {
    /// Adds events up.
    fn sum(&self, events: &[Event]) -> Sums {
        let mut sums = Sums::default();
        for event in events {
            let added = added(event.topic, event.uncounted, &event.payload);
            let day = day_at(Instant(event.created_at), &self.zone);
            let newcomers = self.newcomers.filter(|_| event.topic == Topic::MemberRegistered);
            let tier_id = added.tier_id.or(newcomers).unwrap_or_default();
            for ((figure, source), amount) in added.figures {
                *sums.figures.entry((day, figure, tier_id, source.unwrap_or_default())).or_default() += amount;
                if event.uncounted == Uncounted::InBrief {
                    *sums.past.entry(figure).or_default() += amount;
                }
            }
            if added.is_active {
                sums.active.insert((day, event.member_id, tier_id));
            }
        }
        sums
    }
}
