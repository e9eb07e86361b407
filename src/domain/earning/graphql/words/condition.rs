//! Conditions in words. What is put together within something else stands in brackets, and exceptions stand last, so that
//! a sentence can be read in one way only.

use super::Teller;
use crate::base::id::Id;
use crate::domain::earning::rule::condition::Condition;
use crate::domain::earning::rule::condition::attribute::{Attribute, Is};
use crate::domain::earning::rule::condition::products::Products;
use crate::gql::language::Language;

impl Teller<'_> {
    /// When a rule applies; nothing for always. Both languages have the parts in the order in which they are set.
    pub(super) fn condition(&self, condition: &Condition) -> String {
        match condition.simple() {
            Condition::All(parts) => self.all(&parts, (" ", "，"), false),
            simple => self.clause(&simple, false),
        }
    }

    /// A simple condition; `excepted` is one within an exception, which Chinese says without 限, *only*.
    fn clause(&self, condition: &Condition, excepted: bool) -> String {
        match condition {
            Condition::All(parts) => self.all(parts, (" and ", "且"), excepted),
            Condition::Any(parts) => self.joined(parts, (" or ", "或"), excepted),
            Condition::Not(part) => {
                let part = self.part(part, true);
                self.say(format!("except {part}"), format!("{part}除外"))
            }
            one => self.one(one, excepted),
        }
    }

    /// What all must hold. Of a simple condition the exception is the last part.
    fn all(&self, parts: &[Condition], joint: (&str, &str), excepted: bool) -> String {
        let (wanted, exception) = match parts {
            [wanted @ .., exception @ Condition::Not(_)] => (wanted, Some(exception)),
            wanted => (wanted, None),
        };
        let exception = exception.map(|exception| self.clause(exception, excepted));
        let said: Vec<String> = std::iter::once(self.joined(wanted, joint, excepted)).chain(exception).collect();
        said.join(&self.say(" ", "，"))
    }

    fn joined(&self, parts: &[Condition], (english, chinese): (&str, &str), excepted: bool) -> String {
        let mut said: Vec<String> = parts.iter().map(|part| self.part(part, excepted)).collect();
        // Whoever is not told which members are chosen is not told twice that they are.
        said.dedup();
        said.join(&self.say(english, chinese))
    }

    /// A part of what is put together, in brackets if it is itself. Ways are told in English with an *or* of their own.
    fn part(&self, condition: &Condition, excepted: bool) -> String {
        let said = self.clause(condition, excepted);
        let is_open = match condition {
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => true,
            Condition::Channel(ways) => ways.0.len() > 1 && self.language == Language::English,
            _ => false,
        };
        if is_open { self.say(format!("({said})"), format!("（{said}）")) } else { said }
    }

    /// One that is not put together of others.
    fn one(&self, condition: &Condition, excepted: bool) -> String {
        let only = |english: String, chinese: String| {
            self.say(english, if excepted { chinese } else { format!("限{chinese}") })
        };
        match condition {
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => String::new(),
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
            Condition::Products(products) => {
                let names = self.named(products);
                only(format!("for {names}"), names)
            }
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
                let tags = self.list(&tags.0.iter().cloned().collect::<Vec<_>>(), ("or", "、"));
                only(format!("for members tagged {tags}"), format!("标签为{tags}的会员"))
            }
            Condition::Segments(segments) if self.is_staff => {
                let names = self.names(&segments.0);
                only(format!("for members of {names}"), format!("{names}分群的会员"))
            }
            Condition::Tags(_) | Condition::Segments(_) => only("for chosen members".into(), "指定会员".into()),
            Condition::Tiers(tiers) => {
                let names = self.names(&tiers.0);
                only(format!("for {names} members"), format!("{names}会员"))
            }
            Condition::Channel(ways) => {
                let ways: Vec<String> = ways.0.iter().map(|word| self.channel(word)).collect();
                let ways = self.list(&ways, ("or", "、"));
                only(ways.clone(), ways)
            }
            Condition::Outlet(outlets) => {
                let names = self.names(&outlets.0);
                only(format!("at {names}"), format!("{names}门店"))
            }
            Condition::Attribute(asked) => self.attribute(asked),
        }
    }

    /// A list as it is spoken: with a comma between, and a word before the last.
    fn list(&self, words: &[String], (last, chinese): (&str, &str)) -> String {
        match (self.language, words) {
            (Language::Chinese, _) => words.join(chinese),
            (Language::English, [rest @ .., end]) if !rest.is_empty() => format!("{} {last} {end}", rest.join(", ")),
            (Language::English, _) => words.join(", "),
        }
    }

    pub(super) fn span(&self, from: Option<String>, to: Option<String>, (until, chinese): (&str, &str)) -> String {
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
        self.names.by_id.get(&id).cloned().unwrap_or_else(|| self.say("something", "某项"))
    }

    fn names<'a>(&self, ids: impl IntoIterator<Item = &'a Id>) -> String {
        let names: Vec<String> = ids.into_iter().map(|id| self.name(*id)).collect();
        self.list(&names, ("or", "、"))
    }

    /// Some products by name. A stock-keeping unit of none that is there is told as it is.
    pub(super) fn named(&self, products: &Products) -> String {
        let ids = products.category_ids.iter().chain(&products.product_ids).map(|id| self.name(*id));
        let skus = products.skus.iter().map(|sku| self.names.by_sku.get(sku).unwrap_or(sku).clone());
        self.list(&ids.chain(skus).collect::<Vec<_>>(), ("or", "、"))
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
}
