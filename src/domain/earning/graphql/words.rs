//! Rules in words: what a rule gives, when, how much of it a member may have, and until when.

mod condition;

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::multiplier;
use crate::domain::earning::entity::Period;
use crate::domain::earning::rule::cap::Cap;
use crate::domain::earning::rule::condition::Missing;
use crate::domain::earning::rule::condition::products::Products;
use crate::domain::earning::rule::effect::Effect;
use crate::domain::earning::rule::terms::Rule;
use crate::gql::language::Language;
use crate::gql::scalar::money;

/// What conditions name, by its id, and products by their stock-keeping unit as well.
#[derive(Clone, Debug, Default)]
pub struct Names {
    pub by_id: HashMap<Id, String>,
    pub by_sku: HashMap<String, String>,
}

/// Who is told, and with which words for what is named.
pub struct Teller<'a> {
    pub language: Language,
    pub currency: &'a str,
    pub zone: &'a TimeZone,
    pub names: &'a Names,
    /// Whether they may read by which tags and segments members are chosen. Tiers are told to everybody.
    pub is_staff: bool,
}

impl Teller<'_> {
    /// The whole rule in a sentence or two.
    pub fn explain(&self, rule: &Rule) -> String {
        if rule.terms.condition.never_holds() {
            return self.say("Its condition can never hold, so it gives nothing.", "条件永远无法满足，不会给予积分。");
        }
        let (gives, when) = (self.effect(&rule.terms.effect), self.condition(&rule.terms.condition));
        let caps: Vec<String> = rule.terms.caps.iter().map(|cap| self.cap(cap)).collect();
        let all: Vec<String> = match self.language {
            Language::English => {
                let first = if when.is_empty() { gives } else { format!("{gives} {when}") };
                std::iter::once(first).chain(caps).collect()
            }
            Language::Chinese => {
                Some(when).filter(|when| !when.is_empty()).into_iter().chain([gives]).chain(caps).collect()
            }
        };
        let sentence = self.say(capitalised(&all.join(", ")) + ".", all.join("，") + "。");
        // Where a rule begins is told beforehand; of one that had begun when this was written it says nothing any more.
        let begins = rule.row.starts_at.filter(|begins| *begins > rule.row.created_at);
        let dates = self.dates(begins, rule.row.ends_at);
        if dates.is_empty() { sentence } else { sentence + &self.say(" ", "") + &dates }
    }

    /// What the members of a tier have by it, `times` in ten-thousandths of the program's rate.
    pub fn tier(&self, name: &str, times: i64) -> String {
        let gives = self.effect(&Effect::Multiplier(times));
        self.say(capitalised(&format!("{gives} for {name} members.")), format!("{name}会员享 {gives}。"))
    }

    /// What to do for how many points.
    pub fn more(&self, missing: Missing, of: Option<&Products>, points: i64) -> String {
        let (earn, names) = (points_in_words(points), of.map(|of| self.named(of)).unwrap_or_default());
        let of = |word: &str| if names.is_empty() { String::new() } else { format!(" {word} {names}") };
        match missing {
            Missing::Spend(amount) => {
                let amount = self.amount(amount);
                self.say(
                    format!("Spend {amount} more{} and earn {earn}.", of("on")),
                    format!("{names}再消费 {amount}，可得 {points} 积分。"),
                )
            }
            Missing::Quantity(pieces) => {
                let piece = if pieces == 1 { "piece" } else { "pieces" };
                self.say(
                    format!("Add {pieces} {piece}{} and earn {earn}.", of("of")),
                    format!("{names}再买 {pieces} 件，可得 {points} 积分。"),
                )
            }
        }
    }

    fn say(&self, english: impl Into<String>, chinese: impl Into<String>) -> String {
        self.language.say(english, chinese)
    }

    fn amount(&self, minor: i64) -> String {
        money(minor, self.currency).in_words()
    }

    fn effect(&self, effect: &Effect) -> String {
        match effect {
            Effect::Multiplier(times) => {
                let times = multiplier::as_decimal(*times);
                self.say(format!("{times} times the points"), format!("{times} 倍积分"))
            }
            Effect::PerAmount { points, minor } => {
                let (points_more, amount) = (more_points(*points), self.amount(*minor));
                self.say(format!("{points_more} for every {amount}"), format!("每消费 {amount} 额外获得 {points} 积分"))
            }
            Effect::PerPiece { points } => {
                self.say(format!("{} for each piece", more_points(*points)), format!("每件额外获得 {points} 积分"))
            }
            Effect::Bonus { points } => self.say(more_points(*points), format!("额外获得 {points} 积分")),
            Effect::PerUnit { attribute, points } => self.say(
                format!("{} for each unit of {attribute}", more_points(*points)),
                format!("{attribute} 每单位获得 {points} 积分"),
            ),
        }
    }

    fn cap(&self, cap: &Cap) -> String {
        let (english, chinese) = match cap.period {
            Period::Ever => ("a member", "每位会员"),
            Period::Day => ("a day", "每天"),
            Period::Week => ("a week", "每周"),
            Period::Month => ("a month", "每月"),
        };
        let times = cap.times.map(|times| {
            let often = match times {
                1 => "once".to_owned(),
                2 => "twice".to_owned(),
                many => format!("{many} times"),
            };
            self.say(often, format!("{times} 次"))
        });
        let points =
            cap.points.map(|points| self.say(format!("up to {}", points_in_words(points)), format!("{points} 积分")));
        let bounds: Vec<String> = times.into_iter().chain(points).collect();
        let bounds = bounds.join(&self.say(" and ", "、"));
        self.say(format!("{bounds} {english}"), format!("{chinese}最多 {bounds}"))
    }

    /// From when until when, by the clock of the program's zone.
    fn dates(&self, starts_at: Option<i64>, ends_at: Option<i64>) -> String {
        let local = |micros: i64| {
            let local = self.zone.to_datetime(Instant(micros).timestamp());
            local.strftime("%Y-%m-%d %H:%M").to_string()
        };
        let (from, until) = (starts_at.map(local), ends_at.map(local));
        if from.is_none() && until.is_none() {
            return String::new();
        }
        let span = self.span(from, until, ("until", "截至"));
        self.say(capitalised(&span) + ".", span + "。")
    }
}

fn points_in_words(points: i64) -> String {
    if points == 1 { "1 point".to_owned() } else { format!("{points} points") }
}

fn more_points(points: i64) -> String {
    if points == 1 { "1 point more".to_owned() } else { format!("{points} points more") }
}

/// With a capital letter in front.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests;
