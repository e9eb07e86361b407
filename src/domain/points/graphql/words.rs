//! The program in words.

use crate::domain::points::entity::ValidityKind;
use crate::domain::points::entity::program::Model as Program;
use crate::gql::language::Language;
use crate::gql::scalar::money;

/// What a member asks: what earns points, what they are worth, when they can be spent, and how long.
pub fn describe(program: &Program, language: Language) -> String {
    let amount = |minor| money(minor, &program.currency).in_words();
    let (earn, worth) = (amount(program.earn_minor), amount(program.exchange_minor));
    let Program { earn_points, exchange_points, .. } = program;
    let rates = language.say(
        format!(
            "Every {earn} earns {earn_points} points, rounded once an order. {exchange_points} points are worth {worth}. "
        ),
        format!("每消费 {earn} 获得 {earn_points} 积分，按订单取整一次；{exchange_points} 积分抵 {worth}。"),
    );
    rates + &activation(program, language) + &language.say(" ", "") + &validity(program, language)
}

fn activation(program: &Program, language: Language) -> String {
    match program.return_window_days {
        None => language.say("Points can be spent as soon as the order is paid.", "订单支付后积分即可使用。"),
        Some(0) => language.say("Points can be spent as soon as the order is delivered.", "确认收货后积分即可使用。"),
        Some(days) => language.say(
            format!(
                "Points are pending until the order has been delivered and its return window of {} is over.",
                count(days, "day")
            ),
            format!("积分待生效，至确认收货后 {days} 天退货期结束时可用。"),
        ),
    }
}

fn validity(program: &Program, language: Language) -> String {
    let number = program.validity_count;
    match program.validity {
        ValidityKind::None => language.say("Points do not expire.", "积分长期有效。"),
        ValidityKind::Days => language.say(
            format!("From then on they are good for {}.", count(number, "day")),
            format!("积分自可用之日起 {number} 天内有效。"),
        ),
        ValidityKind::Months => language.say(
            format!("From then on they are good for {}.", count(number, "month")),
            format!("积分自可用之日起 {number} 个月内有效。"),
        ),
        ValidityKind::EndOfMonth => until_the_end_of("month", "月", number, language),
        ValidityKind::EndOfQuarter => until_the_end_of("quarter", "季度", number, language),
        ValidityKind::EndOfYear => until_the_end_of("year", "年", number, language),
    }
}

fn until_the_end_of(english: &str, chinese: &str, months: i64, language: Language) -> String {
    if months == 0 {
        return language.say(
            format!("From then on they are good until the end of the {english}."),
            format!("积分自可用之日起至当{chinese}末有效。"),
        );
    }
    language.say(
        format!("From then on they are good for {}, and on to the end of that {english}.", count(months, "month")),
        format!("积分自可用之日起 {months} 个月，并延至该{chinese}末有效。"),
    )
}

fn count(number: i64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::Id;

    #[test]
    fn the_rules_are_told_in_both_languages() {
        let usual = Program::usual(Id::nil(), 0);
        assert_eq!(
            describe(&usual, Language::English),
            "Every CNY 1.00 earns 10 points, rounded once an order. 100 points are worth CNY 1.00. Points can be spent \
             as soon as the order is paid. Points do not expire."
        );
        assert_eq!(
            describe(&usual, Language::Chinese),
            "每消费 CNY 1.00 获得 10 积分，按订单取整一次；100 积分抵 CNY 1.00。订单支付后积分即可使用。积分长期有效。"
        );
    }

    #[test]
    fn windows_and_validity_are_told_with_their_numbers() {
        let told = |window, validity, validity_count, language| {
            let usual = Program::usual(Id::nil(), 0);
            let program = Program { return_window_days: window, validity, validity_count, ..usual };
            let words = describe(&program, language);
            let from = if language == Language::English { "worth CNY 1.00. " } else { "抵 CNY 1.00。" };
            words.split_once(from).expect("both rates").1.to_owned()
        };
        assert_eq!(
            told(Some(7), ValidityKind::Months, 12, Language::English),
            "Points are pending until the order has been delivered and its return window of 7 days is over. From then on \
             they are good for 12 months."
        );
        assert_eq!(
            told(Some(0), ValidityKind::EndOfYear, 0, Language::English),
            "Points can be spent as soon as the order is delivered. From then on they are good until the end of the year."
        );
        assert_eq!(
            told(Some(1), ValidityKind::EndOfQuarter, 1, Language::Chinese),
            "积分待生效，至确认收货后 1 天退货期结束时可用。积分自可用之日起 1 个月，并延至该季度末有效。"
        );
        assert_eq!(
            told(None, ValidityKind::Days, 1, Language::Chinese),
            "订单支付后积分即可使用。积分自可用之日起 1 天内有效。"
        );
    }
}
