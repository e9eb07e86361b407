//! Earning rules, what they have left and gave, and events.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::earn::Outlook;
use jifen::commit::rows::Rows;
use jifen::domain::earning::entity::{budget, earned_share, event, rule_use};
use jifen::domain::earning::query::{EventName, UseKey, key_of, name_of, no_use};
use jifen::domain::earning::rule::asked::Asked;
use jifen::domain::earning::rule::terms::Rules;
use jifen::domain::points::entity::program;
use jifen::domain::points::rule::program::zone;

use super::{Store, pick, taken};
use crate::rules::{Rule, rule_id, rules_of};
use crate::script::{Act, Step};
use crate::tiers::Revision;

impl Store {
    /// Keeps a version of the program, and the revision of a rule that came with it.
    pub fn change_program(&mut self, version: Arc<program::Model>, act: &Act, now: i64) {
        if let Act::Rule { rule, is } = act {
            let revision = 1 + self.rules.iter().filter(|row| row.id == rule_id(*rule)).count() as i64;
            self.rules.push(is.row(*rule, revision, version.version, version.id));
            self.grant(rule_id(*rule), is);
        }
        if let Act::Tiers(is) = act {
            self.tiers.push(Revision::after(self.tiers.last(), version.version, now, is));
        }
        self.programs.push(version);
    }

    fn grant(&mut self, id: Id, is: &Rule) {
        let Some(granted) = is.budget else { return };
        let used = self.budgets.get(&id).map_or(0, |known| known.used);
        self.budgets.insert(id, budget::Model { id, granted, remaining: granted - used, used });
    }

    pub fn rules_of(&self, version: i64) -> Arc<Rules> {
        rules_of(&self.rules, version)
    }

    /// The rules as the process knows them that sends a step: mostly the newest, now and then those of the version before,
    /// or none at all. What the newest ask about the member it has looked up all the same: whoever sends a step tells it, and
    /// the service sends it anew until it does.
    pub fn outlook(&self, step: &Step, now: i64) -> Outlook {
        let (newest, before) = (self.programs.len() - 1, self.programs.len().saturating_sub(2));
        let moment = Instant(now);
        let asked = Asked::by_rules(&self.rules_of(self.programs[newest].version), moment);
        let known = match step.serial % 5 {
            0 => return Outlook { asked, moment, ..Outlook::default() },
            1 => &self.programs[before],
            _ => &self.programs[newest],
        };
        Outlook { asked, rules: self.rules_of(known.version), moment, zone: zone(known) }
    }

    pub(super) fn load_earning(
        &self,
        rows: &mut Rows,
        (budgets, uses, recorded): (BTreeSet<Id>, HashSet<UseKey>, HashSet<EventName>),
    ) {
        rows.rules = self.rules_of(rows.program.version);
        rows.budgets = pick(&self.budgets, budgets);
        rows.recorded = pick(&self.events, recorded);
        for key in uses {
            let known = self.uses.get(&key).cloned();
            let none = || {
                rows.uses_without_row.insert(key);
                no_use(key)
            };
            rows.uses.insert(key, known.unwrap_or_else(none));
        }
    }

    pub fn keep_events(&mut self, events: Vec<event::Model>, shares: Vec<earned_share::Model>) {
        self.events.extend(events.into_iter().map(|row| (name_of(&row), row)));
        for share in shares {
            self.shares.entry(share.source_id).or_default().push(share);
        }
    }

    /// What `commit::moved` does with events and with what rules gave.
    pub(super) fn move_earning(&mut self, from: Id, into: Id) {
        let known: Vec<EventName> = self.events.keys().filter(|name| name.0 == into).cloned().collect();
        for (_, row) in taken(&mut self.events, |name| name.0 == from) {
            let is_taken = known.iter().any(|name| (name.1, &name.2) == (row.type_id, &row.unique_key));
            let unique_key = if is_taken { format!("{} ({from})", row.unique_key) } else { row.unique_key };
            let row = event::Model { member_id: into, unique_key, ..row };
            self.events.insert(name_of(&row), row);
        }
        for share in self.shares.values_mut().flatten().filter(|share| share.member_id == from) {
            share.member_id = into;
        }
        for (_, row) in taken(&mut self.uses, |key| key.0 == from) {
            let row = rule_use::Model { member_id: into, ..row };
            let known = self.uses.entry(key_of(&row)).or_insert(rule_use::Model { points: 0, times: 0, ..row.clone() });
            known.points += row.points;
            known.times += row.times;
        }
    }
}
