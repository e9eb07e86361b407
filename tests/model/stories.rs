//! Scripts by hand, for what chance comes upon too seldom.

use jifen::domain::points::entity::{ValidityKind, program};

use crate::run::run;
use crate::script::{Act, Group, Script, Step, Wait, What};
use crate::world::{DAY, first_program};

/// A step a group, one after the other, by member 0.
fn script(steps: Vec<(Wait, Act)>) -> Script {
    let group = |((wait, act), serial)| {
        let step = Step { serial, slot: 0, key: serial, act };
        Group { wait, scarcity: 1, steps: vec![step] }
    };
    Script { groups: steps.into_iter().zip(1..).map(group).collect() }
}

/// Points of a lot expire, some of them are clawed back, the rest is given again; then a return gives back others that
/// expire at once. The first expiration has points to give again once more, which is a booking of its own.
#[test]
fn an_expiration_can_be_given_again_in_two_parts() {
    const NOW: Wait = Wait::By(0);
    let program = program::Model { validity: ValidityKind::Days, validity_count: 1, grace_days: 0, ..first_program() };
    let place = |line, points| Act::Place { lines: vec![line], coupon: None, points };
    let back = |order, what| Act::Return { order, what, preview: None, restock: true };
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
