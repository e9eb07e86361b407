//! Scripts by hand, for what chance comes upon too seldom.

use jifen::domain::points::entity::{HouseholdRole, TransferPolicy, ValidityKind, program};
use jifen::domain::points::rule::purse::Purse;

use crate::names::Serial;
use crate::rules::Way;
use crate::run::run;
use crate::script::{Act, Group, Script, Step, Wait, What};
use crate::world::{DAY, MEMBERS, first_program};

const NOW: Wait = Wait::By(0);

/// A step a group, one after the other, by member 0.
fn script(steps: Vec<(Wait, Act)>) -> Script {
    by(steps.into_iter().map(|(wait, act)| (wait, 0, act)).collect())
}

/// A step a group, one after the other, each by a member.
fn by(steps: Vec<(Wait, usize, Act)>) -> Script {
    let group = |((wait, slot, act), serial)| {
        let step = Step { serial, slot, key: serial, act };
        Group { wait, scarcity: 1, steps: vec![step] }
    };
    Script { groups: steps.into_iter().zip(1..).map(group).collect() }
}

fn place(line: (usize, i64), points: i64) -> Act {
    Act::Place { lines: vec![line], coupon: None, points, purse: Purse::Own, way: Way::default() }
}

fn back(order: Serial, what: What) -> Act {
    Act::Return { order, what, preview: None, restock: true }
}

fn of_households() -> Act {
    Act::Program(Box::new(program::Model { household_size: 3, ..first_program() }))
}

/// Points of a lot expire, some of them are clawed back, the rest is given again; then a return gives back others that
/// expire at once. The first expiration has points to give again once more, which is a booking of its own.
#[test]
fn an_expiration_can_be_given_again_in_two_parts() {
    let program = program::Model { validity: ValidityKind::Days, validity_count: 1, grace_days: 0, ..first_program() };
    let steps = vec![
        (NOW, Act::Program(Box::new(program))),
        (NOW, place((0, 3), 0)),
        (NOW, place((1, 1), 400)),
        (Wait::By(3 * DAY), Act::Settle),
        (NOW, back(2, What::Pieces(vec![(0, 1)]))),
        (NOW, Act::Reinstate { nth: 0, staff: 0 }),
        (NOW, back(3, What::Everything)),
        (NOW, Act::Reinstate { nth: 1, staff: 0 }),
    ];
    assert_eq!(run(&script(steps)), Ok(()));
}

/// A lot of a household is there twice when its last member has left: empty with the household, and full with the member.
#[test]
fn the_last_who_leaves_has_the_lots_of_the_household() {
    let steps = vec![
        (NOW, of_households()),
        (NOW, Act::Household),
        (NOW, place((0, 3), 0)),
        (NOW, Act::Leave { household: 2, who: 0 }),
        (NOW, place((1, 1), 400)),
        (NOW, back(3, What::Everything)),
    ];
    assert_eq!(run(&script(steps)), Ok(()));
}

/// An order that a member paid for with points of their own, and that earned for the household: its points come back to a
/// wallet that has come to owe some meanwhile, and pay for these.
#[test]
fn points_that_come_back_repay_what_is_owed_in_their_own_wallet() {
    let steps = vec![
        (NOW, of_households()),
        (NOW, place((0, 3), 0)),
        (NOW, Act::Household),
        (NOW, place((2, 1), 900)),
        (NOW, back(2, What::Everything)),
        (NOW, back(4, What::Everything)),
    ];
    assert_eq!(run(&script(steps)), Ok(()));
}

/// Somebody is asked to join a household, and merged into another member. They cannot say no any more, but an owner can
/// take the invitation back, or it would stand there for ever and take a place.
#[test]
fn an_invitation_of_a_merged_member_can_be_taken_back() {
    let invite = Act::Invite { household: 2, guest: 1, role: HouseholdRole::Earner };
    let leave = || Act::Leave { household: 2, who: 1 };
    let steps = vec![
        (NOW, 0, of_households()),
        (NOW, 0, Act::Household),
        (NOW, 0, invite),
        (NOW, 1, Act::Merge { into: 2, staff: 0 }),
        (NOW, 1, leave()),
        (NOW, 0, leave()),
    ];
    assert_eq!(run(&by(steps)), Ok(()));
}

/// What a merged member handed over was not given away, so no daily limit is said to be reached: nobody is there.
#[test]
fn a_merger_is_no_gift() {
    let program =
        program::Model { transfers: TransferPolicy::Anybody, transfer_daily_limit: Some(150), ..first_program() };
    let steps = vec![
        (NOW, 0, Act::Program(Box::new(program))),
        (NOW, 0, place((0, 3), 0)),
        (NOW, 0, Act::Merge { into: 1, staff: 0 }),
        (NOW, 0, Act::Transfer { to: 2, points: 1 }),
    ];
    assert_eq!(run(&by(steps)), Ok(()));
}

/// Nobody is corrected who is not there.
#[test]
fn a_correction_of_nobody_fails_at_once() {
    let steps = vec![(NOW, 99, Act::Adjust { points: 1, staff: 0 })];
    assert_eq!(run(&by(steps)), Ok(()));
}

/// An order was paid from a member's own wallet and earned for a household, whose points have expired, which has dissolved,
/// and whose last member was merged into another. What is clawed back of the household was never earned by the one who has
/// everything now, two wallets on.
#[test]
fn what_was_ever_earned_goes_all_the_way_down_the_line() {
    let program =
        program::Model { validity: ValidityKind::Days, validity_count: 1, household_size: 2, ..first_program() };
    let steps = vec![
        (NOW, 0, Act::Program(Box::new(program))),
        (NOW, 0, place((0, 3), 0)),
        (NOW, 0, Act::Household),
        (NOW, 0, place((0, 3), 100)),
        (Wait::By(3 * DAY), 0, Act::Leave { household: 3, who: 0 }),
        (NOW, 0, Act::Merge { into: 1, staff: 0 }),
        (NOW, 1, back(4, What::Everything)),
    ];
    assert_eq!(run(&by(steps)), Ok(()));
}

/// Each wallet of a line of mergers tells of the next only when it is read, so a command comes back once for each.
#[test]
fn a_correction_follows_a_long_line_of_mergers() {
    let merged = |from: usize| (NOW, from, Act::Merge { into: from + 1, staff: 0 });
    let mut steps = vec![(NOW, 0, Act::Adjust { points: 20_000, staff: 0 })];
    steps.extend((0..MEMBERS - 1).map(merged));
    steps.push((NOW, 0, Act::Decide { adjustment: 1, approve: true, staff: 1 }));
    assert_eq!(run(&by(steps)), Ok(()));
}
