//! The arithmetic of orders: what they earn, how amounts are shared out, and what points may pay.

use jifen::domain::points::entity::{RoundingKind, program};

use crate::world::TAX_RATES;

/// `I = P × Q`, rounded once as the program says.
pub fn earned(program: &program::Model, amount: i64) -> i64 {
    rounded(program, i128::from(amount) * i128::from(program.earn_points), i128::from(program.earn_minor)) as i64
}

/// A number by another, neither negative, rounded as the program says.
pub fn rounded(program: &program::Model, product: i128, by: i128) -> i128 {
    let (whole, rest) = (product / by, product % by);
    let up = match program.rounding {
        RoundingKind::Floor => false,
        RoundingKind::HalfUp => rest * 2 >= by,
        RoundingKind::Ceil => rest > 0,
    };
    whole + i128::from(up)
}

/// What of a line's amount earns. A price has its tax in it: where tax earns nothing it is taken out, rounded half up.
pub fn earning(program: &program::Model, amount: i64, product: usize) -> i64 {
    if program.earn_on_tax {
        return amount;
    }
    let rate = TAX_RATES[product];
    let (whole, rest) = (amount * rate / (10_000 + rate), amount * rate % (10_000 + rate));
    amount - whole - i64::from(rest * 2 >= 10_000 + rate)
}

/// By largest remainder, one after the other, the earlier first when two are equal.
pub fn shared(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if sum == 0 {
        return weights.iter().enumerate().map(|(at, _)| if at == 0 { total } else { 0 }).collect();
    }
    let quota = |weight: &i64| i128::from(total) * i128::from(*weight);
    let mut shares: Vec<i64> = weights.iter().map(|weight| (quota(weight) / sum) as i64).collect();
    let mut rests: Vec<i128> = weights.iter().map(|weight| quota(weight) % sum).collect();
    while shares.iter().sum::<i64>() < total {
        let largest = rests.iter().max().copied().unwrap_or(0);
        let Some(at) = rests.iter().position(|rest| *rest == largest) else { break };
        shares[at] += 1;
        rests[at] = -1;
    }
    shares
}

/// What points are worth in minor units, if that is a whole number.
fn worth(program: &program::Model, points: i64) -> Option<i64> {
    let product = points * program.exchange_minor;
    (product % program.exchange_points == 0).then(|| product / program.exchange_points)
}

/// The same rounded down.
pub fn worth_rounded_down(program: &program::Model, points: i64) -> i64 {
    points * program.exchange_minor / program.exchange_points
}

/// The most points worth a whole number of minor units that is no more than this, found by counting down.
pub fn points_worth(program: &program::Model, minor: i64) -> i64 {
    let mut points = minor * program.exchange_points / program.exchange_minor;
    while worth(program, points).is_none() {
        points -= 1;
    }
    points
}

/// What so many points pay of a total, or why they may not.
pub fn value_of(program: &program::Model, points: i64, total: i64) -> Result<i64, String> {
    if points == 0 {
        return Ok(0);
    }
    let (minimum, step) = (program.redemption_minimum, program.redemption_step);
    let payable = total * program.payable_percent / 100;
    let most = points_worth(program, payable) / step * step;
    if most < minimum {
        return Err("PointsAboveShare { most: 0 }".into());
    }
    if points < minimum {
        return Err(format!("PointsBelowMinimum {{ minimum: {minimum} }}"));
    }
    if points > most {
        return Err(format!("PointsAboveShare {{ most: {most} }}"));
    }
    if points % step != 0 {
        let below = points / step * step;
        return Err(format!("PointsNotAStep {{ below: {below}, above: {} }}", below + step));
    }
    Ok(worth(program, points).expect("a step is worth a whole number"))
}
