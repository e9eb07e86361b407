//! Versions of the program, and revisions of earning rules, as the service writes them.

use std::collections::BTreeMap;

use jifen::base::id::Id;
use jifen::db::{Db, rows};
use jifen::domain::earning::entity::{RuleState, budget, earning_rule, event_type};
use jifen::domain::points::entity::program;
use jifen::domain::tier::entity::{tier, tier_set};
use jifen::domain::tier::rule::terms::TierSet;
use sea_orm::{EntityTrait, QueryOrder};

use super::Shop;
use crate::rules::{KINDS, kind_of_event};
use crate::run::Run;
use crate::script::{Act, Step};
use crate::tiers::Revision;

/// Two shops share a database, and so the numbers.
async fn newest_revision(db: &Db) -> i64 {
    let found = tier_set::Entity::find().order_by_desc(tier_set::Column::Revision).one(&db.read).await;
    found.expect("rows are read").map_or(0, |row| row.revision)
}

impl Shop {
    /// Kinds of events that no script has used before, and none of the rules of the script before.
    pub(super) async fn fresh_rules(&mut self) {
        let kinds = (0..KINDS).map(kind_of_event).collect();
        rows::insert::<event_type::Entity>(&self.db.write, kinds).await.expect("kinds of events");
        let newest: BTreeMap<Id, earning_rule::Model> = self.rules.drain(..).map(|row| (row.id, row)).collect();
        self.add_version(program::Model { version: self.program.version + 1, ..self.program.clone() }).await;
        let number = newest_revision(&self.db).await + 1;
        self.add_tiers(&Revision::of_none(number, self.program.version)).await;
        let over = |row: earning_rule::Model| earning_rule::Model {
            revision: row.revision + 1,
            version: Some(self.program.version),
            state: RuleState::Ended,
            ..row
        };
        let over = newest.into_values().map(over).collect();
        rows::insert::<earning_rule::Entity>(&self.db.write, over).await.expect("revisions");
    }

    async fn add_tiers(&mut self, revision: &Revision) {
        self.tiers = revision.number;
        let TierSet { row, tiers } = revision.told(&self.program);
        rows::insert::<tier_set::Entity>(&self.db.write, vec![row]).await.expect("a revision of the tiers");
        let tiers = tiers.into_iter().map(|tier| tier.row).collect();
        rows::insert::<tier::Entity>(&self.db.write, tiers).await.expect("tiers");
    }

    async fn add_version(&mut self, version: program::Model) {
        self.program = version;
        rows::insert::<program::Entity>(&self.db.write, vec![self.program.clone()]).await.expect("a version");
    }

    /// Makes a version on both sides, unless it is refused.
    pub(super) async fn change_program(&mut self, step: &Step, run: &mut Run) -> Result<(), String> {
        let before = run.store.programs.len();
        run.change_program(step)?;
        if run.store.programs.len() == before {
            return Ok(());
        }
        if let Act::Rule { rule, .. } = step.act {
            let row = run.store.rules.last().cloned().expect("a revision");
            let row = earning_rule::Model { program_id: self.program.id, ..row };
            let id = crate::rules::rule_id(rule);
            let known = budget::Entity::find_by_id(id).one(&self.db.read).await.expect("rows are read");
            rows::insert::<earning_rule::Entity>(&self.db.write, vec![row.clone()]).await.expect("a revision");
            if let Some(kept) = run.store.budgets.get(&id).filter(|_| row.budgeted) {
                // What the database has used counts, not what was used in memory.
                match known {
                    Some(known) => {
                        let remaining = kept.granted - known.used;
                        let changed = budget::Model { granted: kept.granted, remaining, ..known };
                        rows::update::<budget::Entity>(&self.db.write, vec![changed]).await.expect("a budget");
                    }
                    None => rows::insert::<budget::Entity>(&self.db.write, vec![kept.clone()]).await.expect("a budget"),
                }
            }
            self.rules.push(row);
        }
        if let Act::Tiers(_) = step.act {
            let revision = run.store.tiers.last().cloned().expect("a revision");
            self.add_tiers(&revision).await;
        }
        let version = program::Model { id: self.program.id, ..(**run.reference.program()).clone() };
        self.add_version(version).await;
        Ok(())
    }
}
