//! A filter as SQL: one SELECT over members, whatever it is put together of.
//!
//! A part that reads another table than the wallet's joins what it found there by member, summed, so that each table is
//! read once, however deep the part is nested, and however many members there are. Values are always bound.

use std::collections::BTreeSet;

use sea_orm::Value;

use crate::base::id::Id;
use crate::db::dialect::Dialect;
use crate::domain::segment::rule::filter::Filter;
use crate::domain::segment::rule::part::{Birthday, Expiring, LastPurchase, Range, Registered, Sum};
use crate::domain::segment::rule::today::Today;

/// An order that was not taken back as a whole.
const STANDS: &str = "o.status NOT IN ('CANCELLED', 'RETURNED')";

/// The tiers that there are now, those of the newest revision.
const TIERS: &str = "FROM tier t JOIN tier_set s ON s.id = t.set_id AND s.revision = t.revision \
     WHERE s.version = (SELECT MAX(x.version) FROM tier_set x WHERE x.program_id = s.program_id)";

/// A statement in the making: its values are bound in the order in which they come.
pub struct Compiler<'a> {
    dialect: Dialect,
    today: &'a Today,
    values: Vec<Value>,
    /// The parameter that holds the only members who are asked for; all are, without.
    only: Option<usize>,
    joins: usize,
}

/// Members who fit a filter: what stands behind SELECT.
#[derive(Default)]
struct Source {
    joins: String,
}

impl<'a> Compiler<'a> {
    /// Over all members.
    pub fn of_all(dialect: Dialect, today: &'a Today) -> Compiler<'a> {
        Compiler { dialect, today, values: Vec::new(), only: None, joins: 0 }
    }

    /// Over the members whose ids are bound as one value.
    pub fn of_these(dialect: Dialect, today: &'a Today, members: Value) -> Compiler<'a> {
        Compiler { dialect, today, values: vec![members], only: Some(1), joins: 0 }
    }

    /// The values of everything that was compiled.
    pub fn into_values(self) -> Vec<Value> {
        self.values
    }

    /// Binds a value and names its parameter.
    pub fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// `FROM … WHERE …` of the members who fit: each is `m`, and their wallet `w`.
    pub fn members(&mut self, filter: &Filter) -> String {
        let mut source = Source::default();
        let fits = self.condition(filter, &mut source);
        let these = self.among("m.id");
        let joins = source.joins;
        format!(
            "FROM member m JOIN wallet w ON w.member_id = m.id{joins} \
             WHERE w.merged_into IS NULL{these} AND {fits}"
        )
    }

    /// A condition that is never null, so that *not* turns it round.
    fn condition(&mut self, filter: &Filter, source: &mut Source) -> String {
        match filter {
            Filter::All(parts) => self.every(parts, " AND ", "TRUE", source),
            Filter::Any(parts) => self.every(parts, " OR ", "FALSE", source),
            Filter::Not(part) => format!("NOT {}", self.condition(part, source)),
            Filter::Tags(tags) => self.tags(tags, source),
            Filter::Tiers(tiers) => self.tiers(tiers, source),
            Filter::Spend(sum) => self.spend(sum, source),
            Filter::LastPurchase(last) => self.last_purchase(*last, source),
            Filter::Orders(sum) => self.orders(sum, source),
            Filter::Birthday(birthday) => self.birthday(birthday, source),
            Filter::Expiring(expiring) => self.expiring(*expiring, source),
            Filter::Points(range) => self.within("w.posted - w.held", *range),
            Filter::Registered(registered) => self.registered(*registered),
            Filter::Imported => "(m.imported)".to_owned(),
        }
    }

    fn every(&mut self, parts: &[Filter], word: &str, of_none: &str, source: &mut Source) -> String {
        let parts: Vec<_> = parts.iter().map(|part| self.condition(part, source)).collect();
        if parts.is_empty() { format!("({of_none})") } else { format!("({})", parts.join(word)) }
    }

    fn tags(&mut self, tags: &BTreeSet<String>, source: &mut Source) -> String {
        let these = self.among("t.member_id");
        self.values.push(self.dialect.texts(tags.iter().cloned()));
        let bears = self.dialect.in_texts("t.tag", self.values.len());
        self.is_there(source, &format!("SELECT DISTINCT t.member_id FROM member_tag t WHERE {bears}{these}"))
    }

    /// As the wallet was last written; without a tier there, the lowest. A tier that is no more holds for nobody.
    fn tiers(&mut self, tiers: &BTreeSet<Id>, source: &mut Source) -> String {
        self.values.push(self.dialect.ids(tiers.iter().copied()));
        let named = self.dialect.in_ids("t.id", self.values.len());
        let lowest = format!("SELECT s.program_id, t.id {TIERS} AND t.position = 0");
        let lowest = self.join_by(source, &lowest, "program_id");
        format!("(COALESCE(w.tier_id, {lowest}.id) IN (SELECT t.id {TIERS} AND {named}))")
    }

    fn birthday(&mut self, birthday: &Birthday, source: &mut Source) -> String {
        let these = self.among("p.member_id");
        let months = birthday.months(self.today.date).into_iter().map(|month| format!("{month:02}"));
        self.values.push(self.dialect.texts(months));
        let is_born = self.dialect.in_texts("substr(p.birthday, 6, 2)", self.values.len());
        let sql = format!("SELECT p.member_id FROM profile p WHERE p.birthday IS NOT NULL AND {is_born}{these}");
        self.is_there(source, &sql)
    }

    fn spend(&mut self, sum: &Sum, source: &mut Source) -> String {
        let Some(days) = sum.days else { return self.within("w.spent", sum.range) };
        let value = "SUM(o.total - o.points_value - o.money_returned)";
        let sum_of = self.summed(source, &of_orders(value), days, "TRUE");
        self.within(&sum_of, sum.range)
    }

    fn orders(&mut self, sum: &Sum, source: &mut Source) -> String {
        let Some(days) = sum.days else { return self.within("w.purchases", sum.range) };
        let count = self.summed(source, &of_orders("COUNT(*)"), days, STANDS);
        self.within(&count, sum.range)
    }

    fn last_purchase(&mut self, last: LastPurchase, source: &mut Source) -> String {
        match last {
            LastPurchase::Never => "(w.purchases = 0)".to_owned(),
            LastPurchase::WithinDays(days) => {
                let count = self.summed(source, &of_orders("COUNT(*)"), days, STANDS);
                format!("({count} > 0)")
            }
            LastPurchase::BeforeDays(days) => {
                let count = self.summed(source, &of_orders("COUNT(*)"), days, STANDS);
                format!("(w.purchases > 0 AND {count} = 0)")
            }
        }
    }

    /// Nothing expires before what the wallet says is due next, so that only wallets with something due are looked into.
    fn expiring(&mut self, Expiring { days, least }: Expiring, source: &mut Source) -> String {
        let these = self.among("d.member_id");
        let now = self.bind(self.today.start_of(self.today.date));
        let end = self.bind(self.today.end_of(self.today.ahead(days)));
        let least = self.bind(least);
        let sql = format!(
            "SELECT d.member_id FROM wallet d JOIN lot l ON l.member_id = d.member_id AND l.program_id = d.program_id \
             WHERE d.next_due <= {end} AND l.remaining > 0 AND l.expires_at > {now} AND l.expires_at <= {end}{these} \
             GROUP BY d.member_id HAVING SUM(l.remaining) >= {least}"
        );
        self.is_there(source, &sql)
    }

    fn registered(&mut self, registered: Registered) -> String {
        let today = self.today;
        let Registered { from, to, least_days, most_days } = registered;
        let from = from.map(|day| today.start_of(day));
        let since = most_days.map(|days| today.start_of(today.ago(days)));
        let to = to.map(|day| today.end_of(day));
        let until = least_days.map(|days| today.end_of(today.ago(days)));
        let begins = [from, since].into_iter().flatten().map(|moment| (">=", moment));
        let ends = [to, until].into_iter().flatten().map(|moment| ("<", moment));
        let bounds: Vec<_> = begins.chain(ends).collect();
        let bounds: Vec<_> =
            bounds.into_iter().map(|(sign, moment)| format!("m.created_at {sign} {}", self.bind(moment))).collect();
        format!("({})", bounds.join(" AND "))
    }

    fn within(&mut self, value: &str, Range { least, most }: Range) -> String {
        let least = least.map(|least| format!("{value} >= {}", self.bind(least)));
        let most = most.map(|most| format!("{value} <= {}", self.bind(most)));
        let ends: Vec<_> = [least, most].into_iter().flatten().collect();
        format!("({})", ends.join(" AND "))
    }

    /// A figure of each member's orders since the day so many days ago; 0 for those who have none.
    fn summed(&mut self, source: &mut Source, of_orders: &str, days: i64, which: &str) -> String {
        let these = self.among("o.member_id");
        let since = self.bind(self.today.start_of(self.today.ago(days)));
        let sql = format!("{of_orders} WHERE o.placed_at >= {since} AND {which}{these} GROUP BY o.member_id");
        let name = self.join(source, &sql);
        format!("COALESCE({name}.value, 0)")
    }

    fn is_there(&mut self, source: &mut Source, sql: &str) -> String {
        let name = self.join(source, sql);
        format!("({name}.member_id IS NOT NULL)")
    }

    /// Joins rows by member, of which there is at most one a member.
    fn join(&mut self, source: &mut Source, sql: &str) -> String {
        self.join_by(source, sql, "member_id")
    }

    /// Joins rows by something that the wallet tells too, of which there is at most one each.
    fn join_by(&mut self, source: &mut Source, sql: &str, column: &str) -> String {
        self.joins += 1;
        let name = format!("j{}", self.joins);
        source.joins.push_str(&format!(" LEFT JOIN ({sql}) AS {name} ON {name}.{column} = w.{column}"));
        name
    }

    /// Restricts a table to the members who are asked for.
    fn among(&self, column: &str) -> String {
        self.only.map_or_else(String::new, |parameter| format!(" AND {}", self.dialect.in_ids(column, parameter)))
    }
}

/// A figure of the orders of each member.
fn of_orders(value: &str) -> String {
    format!("SELECT o.member_id, {value} AS value FROM \"order\" o")
}
