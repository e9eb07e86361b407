//! Rules in words: what a rule gives, when, how much of it a member may have, and until when.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::base::clock::Instant;
use crate::base::id::Id;
use crate::base::multiplier;
use crate::domain::earning::entity::Period;
use crate::domain::earning::rule::cap::Cap;
use crate::domain::earning::rule::condition::attribute::{Attribute, Is};
use crate::domain::earning::rule::condition::products::Products;
use crate::domain::earning::rule::condition::{Condition, Missing};
use crate::domain::earning::rule::effect::Effect;
use crate::domain::earning::rule::terms::Rule;
use crate::gql::language::Language;
use crate::gql::scalar::money;

/// What conditions name, by the ids of it.
#[derive(Clone, Debug, Default)]
pub struct Names(pub HashMap<Id, String>);

/// Who is told, and with which words for what is named.
pub struct Teller<'a> {
    pub language: Language,
    pub currency: &'a str,
    pub zone: &'a TimeZone,
    pub names: &'a Names,
    /// Whether they may read for whom a rule is.
    pub is_staff: bool,
}

impl Teller<'_> {
    /// The whole rule in a sentence or two.
    pub fn explain(&self, rule: &Rule) -> String {
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

    /// When it applies; nothing for always. Both languages have the parts in the order in which they are set.
    fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::All(parts) => self.joined(parts, (" ", "，")),
            Condition::Any(parts) => self.joined(parts, (" or ", "或")),
            Condition::Not(part) => {
                let part = self.condition(part);
                self.say(format!("except {part}"), format!("{part}除外"))
            }
            Condition::Dates(dates) => {
                let day = |day: jiff::civil::Date| day.to_string();
                self.span(dates.from.map(day), dates.to.map(day), ("to", "截至"))
            }
            Condition::Weekdays(days) => {
                let days: Vec<String> = days.0.iter().map(|day| self.weekday(*day)).collect();
                self.say(format!("on {}", self.list(&days, ("and", "、"))), self.list(&days, ("and", "、")))
            }
            Condition::Hours(hours) => {
                let time = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
                self.span(Some(time(hours.from)), Some(time(hours.until)), ("until", "至"))
            }
            Condition::Products(products) => self.products(products),
            Condition::Quantity(sum) => {
                let (pieces, of) = (sum.least, self.of(sum.of.as_ref()));
                let piece = if pieces == 1 { "piece" } else { "pieces" };
                self.say(format!("from {pieces} {piece}{of} on"), format!("{of}满 {pieces} 件"))
            }
            Condition::Spend(sum) => {
                let (amount, of) = (self.amount(sum.least), self.of(sum.of.as_ref()));
                self.say(format!("from {amount}{of} on"), format!("{of}满 {amount}"))
            }
            Condition::FirstOrder(_) => self.say("on the first order", "首单"),
            Condition::Tags(tags) if self.is_staff => {
                let tags: Vec<String> = tags.0.iter().cloned().collect();
                let tags = self.list(&tags, ("or", "、"));
                self.say(format!("for members tagged {tags}"), format!("限标签为{tags}的会员"))
            }
            Condition::Segments(segments) if self.is_staff => {
                let names: Vec<String> = segments.0.iter().map(|id| self.name(*id)).collect();
                let names = self.list(&names, ("or", "、"));
                self.say(format!("for members of {names}"), format!("限{names}分群的会员"))
            }
            Condition::Tiers(tiers) => {
                let names: Vec<String> = tiers.0.iter().map(|id| self.name(*id)).collect();
                let names = self.list(&names, ("or", "、"));
                self.say(format!("for {names} members"), format!("限{names}会员"))
            }
            Condition::Tags(_) | Condition::Segments(_) => self.say("for chosen members", "限指定会员"),
            Condition::Channel(channels) => {
                let ways: Vec<String> = channels.0.iter().map(|word| self.channel(word)).collect();
                let ways = self.list(&ways, ("or", "、"));
                self.say(ways.clone(), format!("限{ways}"))
            }
            Condition::Outlet(outlets) => {
                let outlets: Vec<String> = outlets.0.iter().map(|id| self.name(*id)).collect();
                let outlets = self.list(&outlets, ("or", "、"));
                self.say(format!("at {outlets}"), format!("限{outlets}门店"))
            }
            Condition::Attribute(asked) => self.attribute(asked),
        }
    }

    fn joined(&self, parts: &[Condition], (english, chinese): (&str, &str)) -> String {
        let parts = parts.iter().map(|part| self.condition(part)).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(&self.say(english, chinese))
    }

    /// A list as it is spoken: with a comma between, and a word before the last.
    fn list(&self, words: &[String], (last, chinese): (&str, &str)) -> String {
        match (self.language, words) {
            (Language::Chinese, _) => words.join(chinese),
            (Language::English, [rest @ .., end]) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
            (Language::English, _) => words.join(", "),
        }
    }

    fn span(&self, from: Option<String>, to: Option<String>, (until, chinese): (&str, &str)) -> String {
        match (from, to) {
            (Some(from), Some(to)) => self.say(format!("from {from} {until} {to}"), format!("{from} 至 {to}")),
            (Some(from), None) => self.say(format!("from {from} on"), format!("{from} 起")),
            (None, Some(to)) => self.say(format!("{until} {to}"), format!("{chinese} {to}")),
            (None, None) => String::new(),
        }
    }

    fn weekday(&self, day: i8) -> String {
        let english = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
        let chinese = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
        let at = usize::try_from(day - 1).unwrap_or(0).min(6);
        self.say(english[at], chinese[at])
    }

    fn channel(&self, word: &str) -> String {
        match word {
            "WEB" => self.say("on the web", "网站"),
            "APP" => self.say("in the app", "App"),
            "MINI_PROGRAM" => self.say("in the mini program", "小程序"),
            "IN_STORE" => self.say("in store", "门店"),
            other => other.to_owned(),
        }
    }

    /// What an id stands for. What is not there any more is told as something.
    fn name(&self, id: Id) -> String {
        self.names.0.get(&id).cloned().unwrap_or_else(|| self.say("something", "某项"))
    }

    /// Some products by name.
    pub fn named(&self, products: &Products) -> String {
        let ids = products.category_ids.iter().chain(&products.product_ids).map(|id| self.name(*id));
        let names: Vec<String> = ids.chain(products.skus.iter().cloned()).collect();
        self.list(&names, ("or", "、"))
    }

    fn products(&self, products: &Products) -> String {
        let names = self.named(products);
        self.say(format!("for {names}"), format!("限{names}"))
    }

    fn of(&self, of: Option<&Products>) -> String {
        of.map_or_else(String::new, |products| {
            let names = self.named(products);
            self.say(format!(" of {names}"), names)
        })
    }

    fn attribute(&self, asked: &Attribute) -> String {
        let name = &asked.name;
        match &asked.is {
            Is::OneOf(texts) => {
                let texts = self.list(texts, ("or", "、"));
                self.say(format!("when {name} is {texts}"), format!("{name} 为 {texts}"))
            }
            Is::Range { least: Some(least), most: Some(most) } => {
                self.say(format!("when {name} is {least} to {most}"), format!("{name} 为 {least} 至 {most}"))
            }
            Is::Range { least: Some(least), most: None } => {
                self.say(format!("when {name} is {least} or more"), format!("{name} 不少于 {least}"))
            }
            Is::Range { least: None, most } => {
                let most = most.unwrap_or_default();
                self.say(format!("when {name} is {most} or less"), format!("{name} 不超过 {most}"))
            }
            Is::Flag(true) => self.say(format!("when {name} is so"), format!("{name} 为是")),
            Is::Flag(false) => self.say(format!("when {name} is not so"), format!("{name} 为否")),
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
