//! What the program answers, in the words of both sides.

use std::fmt::Debug;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::command::{Command, Stop};
use jifen::commit::import_order::Imported;
use jifen::commit::key::Made;
use jifen::commit::return_order::Returned;
use jifen::commit::rows::{Keys, Rows};
use jifen::domain::order::rule::take_back;

use crate::names::serial_of;
use crate::script::{Answer, Figures};
use crate::send::Sent;

/// What a success says: the answer, and of a preview the token.
pub trait Says {
    fn says(self) -> (Answer, Option<String>);
}

impl Says for () {
    fn says(self) -> (Answer, Option<String>) {
        (Answer::Done, None)
    }
}

impl Says for usize {
    fn says(self) -> (Answer, Option<String>) {
        (Answer::Points(self as i64), None)
    }
}

impl Says for bool {
    fn says(self) -> (Answer, Option<String>) {
        (if self { Answer::Done } else { Answer::Skipped }, None)
    }
}

impl<T> Says for Made<T> {
    fn says(self) -> (Answer, Option<String>) {
        let answer = match self {
            Made::Now(_) => Answer::Done,
            Made::Before(id) => before(id),
        };
        (answer, None)
    }
}

impl Says for Imported {
    fn says(self) -> (Answer, Option<String>) {
        let answer = match self {
            Imported::Added { points } => Answer::Points(points),
            Imported::Skipped => Answer::Skipped,
        };
        (answer, None)
    }
}

impl Says for Returned {
    fn says(self) -> (Answer, Option<String>) {
        match self {
            Returned::Now { figures, .. } => (Answer::Figures(numbers(&figures)), None),
            Returned::Before(id) => (before(id), None),
            Returned::Preview { figures, token } => (Answer::Figures(numbers(&figures)), Some(token)),
        }
    }
}

/// What a rejection says.
pub trait Refuses: Debug {
    fn refuses(&self) -> Answer {
        Answer::Rejected(format!("{self:?}"))
    }
}

impl Refuses for jifen::domain::order::rule::Rejection {}
impl Refuses for jifen::domain::order::rule::Undeliverable {}
impl Refuses for jifen::domain::reward::rule::Rejection {}
impl Refuses for jifen::domain::points::rule::movement::Rejection {}
impl Refuses for jifen::domain::points::rule::MergeRejection {}
impl Refuses for jifen::domain::household::rule::Rejection {}
impl Refuses for jifen::domain::earning::rule::event::Rejection {}
impl Refuses for jifen::commit::register::Taken {}
impl Refuses for jifen::domain::tier::rule::change::NotProtected {}
impl Refuses for std::convert::Infallible {}

impl Refuses for take_back::Rejection {
    fn refuses(&self) -> Answer {
        match self {
            take_back::Rejection::PreviewStale { figures, .. } => Answer::Stale(numbers(figures)),
            other => Answer::Rejected(format!("{other:?}")),
        }
    }
}

/// The same step sent again, by the key of an earlier one, is answered with what that one made.
fn before(id: Id) -> Answer {
    Answer::Before(serial_of(id))
}

fn numbers(figures: &take_back::Figures) -> Figures {
    let clawback = figures.clawback;
    [
        figures.money,
        figures.money_withheld,
        figures.points_given_back,
        figures.points_forfeited,
        clawback.demanded,
        clawback.missing,
        clawback.written_off,
        clawback.settled,
        figures.active_after,
        figures.debt_after,
    ]
}

/// A command on its way, as `commit` holds it.
pub trait Carried {
    fn keys(&self, keys: &mut Keys);
    /// Decides and, on success, applies. The other keys are those it asks for in vain; none, if it has to wait for the next
    /// group.
    fn decide(&self, rows: &mut Rows, now: Instant) -> Result<(Answer, Option<String>), Box<Keys>>;
}

impl<C: Command> Carried for C
where
    C::Done: Says,
    C::Rejection: Refuses,
{
    fn keys(&self, keys: &mut Keys) {
        Command::keys(self, keys);
    }

    fn decide(&self, rows: &mut Rows, now: Instant) -> Result<(Answer, Option<String>), Box<Keys>> {
        if rows.elsewhere.has_any_of(|keys| Command::keys(self, keys)) {
            return Err(Box::default());
        }
        match Command::decide(self, rows, now) {
            Ok((changes, done)) => {
                if let Some(changes) = changes.into_option() {
                    rows.apply(changes);
                }
                Ok(done.says())
            }
            Err(Stop::Rejected(rejection)) => Ok((rejection.refuses(), None)),
            Err(Stop::Missing(more)) => Err(more),
            Err(Stop::Failed(_)) => Ok((Answer::Failed(String::new()), None)),
        }
    }
}

impl Sent {
    pub fn carried(&self) -> &dyn Carried {
        match self {
            Sent::Register(command) => command,
            Sent::Place(command) => command,
            Sent::Redeem(command) => command,
            Sent::Deliver(command) => command,
            Sent::Return(command) => command,
            Sent::Hold(command) => command,
            Sent::UseHold(command) => command,
            Sent::Transfer(command) => command,
            Sent::Adjust(command) => command,
            Sent::Decide(command) => command,
            Sent::Reinstate(command) => command,
            Sent::Import(command) => command,
            Sent::Settle(command) => command,
            Sent::CreateHousehold(command) => command,
            Sent::ChangeHousehold(command) => command,
            Sent::Merge(command) => command,
            Sent::Event(command) => command,
            Sent::Protect(command) => command,
            Sent::Judge(command) => command,
        }
    }
}
