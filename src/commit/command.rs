//! What a command is, and how the queue holds commands of every kind.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant as Deadline;

use tokio::sync::oneshot;

use crate::base::clock::Instant;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::commit::rows::{Changes, Keys, Rows};

/// A change of money, points or stock, as data. Its ids, codes and randomness are drawn before it is queued, so it can
/// be decided any number of times.
pub trait Command: Send + Sync + 'static {
    /// What a success tells the caller.
    type Done: Send + 'static;
    /// The user errors it can end with.
    type Rejection: Send + 'static;

    /// Whose wallet it works on; commands of one wallet are decided in the order they came.
    fn wallet(&self) -> Id;

    /// About how many rows it writes.
    fn rows(&self) -> usize;

    /// What must be locked and loaded for it.
    fn keys(&self, keys: &mut Keys);

    /// Decides, in plain Rust and without a side effect. `now` is when the group was locked.
    fn decide(&self, rows: &Rows, now: Instant) -> Result<(Changes, Self::Done), Stop<Self::Rejection>>;
}

/// Why a command is not carried out.
pub enum Stop<R> {
    /// A user error.
    Rejected(R),
    /// It needs rows that were not loaded: decide again with these.
    Missing(Box<Keys>),
    /// It cannot be decided at all, such as for a member that is gone.
    Failed(Error),
}

impl<R> From<R> for Stop<R> {
    fn from(rejection: R) -> Stop<R> {
        Stop::Rejected(rejection)
    }
}

/// A command's answer: done or rejected; the outer error is not the user's doing.
pub type Answer<C> = Result<std::result::Result<<C as Command>::Done, <C as Command>::Rejection>>;

/// How a decision went, as the group sees it.
pub enum Verdict {
    /// Something is to be written, or nothing had to be.
    Decided,
    /// To be decided again in the next group, with more keys.
    Again,
}

/// How often a command may come back for more rows. Most that do come back once; along a line of wallets that took one
/// another over, each says who is the next.
pub const ROUNDS: u32 = 64;

/// A queued command of any kind.
pub trait Queued: Send {
    fn keys(&self, keys: &mut Keys);
    /// Decides and, on success, applies the changes to the rows.
    fn decide(&mut self, rows: &mut Rows, now: Instant) -> Verdict;
    /// Forgets a decision whose transaction did not commit.
    fn reset(&mut self);
    /// True when nobody needs it carried out any more: it is past its deadline, or the caller has gone before it began.
    fn expired(&self, now: Deadline) -> bool;
    /// Tells the caller what was decided; only called once it is durable.
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, error: Error);
}

pub struct Ticket<C: Command> {
    command: C,
    deadline: Deadline,
    more: Keys,
    rounds: u32,
    decided: Option<Answer<C>>,
    reply: oneshot::Sender<Answer<C>>,
}

impl<C: Command> Ticket<C> {
    pub fn new(command: C, deadline: Deadline) -> (Ticket<C>, oneshot::Receiver<Answer<C>>) {
        let (reply, answer) = oneshot::channel();
        (Ticket { command, deadline, more: Keys::default(), rounds: 0, decided: None, reply }, answer)
    }
}

impl<C: Command> Queued for Ticket<C> {
    fn keys(&self, keys: &mut Keys) {
        self.command.keys(keys);
        keys.merge(self.more.clone());
    }

    fn decide(&mut self, rows: &mut Rows, now: Instant) -> Verdict {
        // A defect in one command must not take the group down. Rows are only changed by `apply`, after the decision.
        let decision = catch_unwind(AssertUnwindSafe(|| self.command.decide(rows, now)));
        self.decided = Some(match decision {
            Ok(Ok((changes, done))) => {
                if let Some(changes) = changes.into_option() {
                    rows.apply(changes);
                }
                Ok(Ok(done))
            }
            Ok(Err(Stop::Rejected(rejection))) => Ok(Err(rejection)),
            Ok(Err(Stop::Failed(error))) => Err(error),
            Ok(Err(Stop::Missing(more))) if self.rounds < ROUNDS => {
                self.rounds += 1;
                self.more.merge(*more);
                return Verdict::Again;
            }
            Ok(Err(Stop::Missing(_))) => Err(Error::unavailable()),
            Err(_) => Err(Error::internal("a decision panicked")),
        });
        Verdict::Decided
    }

    fn reset(&mut self) {
        self.decided = None;
    }

    fn expired(&self, now: Deadline) -> bool {
        now >= self.deadline || self.reply.is_closed()
    }

    fn answer(self: Box<Self>) {
        let answer =
            self.decided.unwrap_or_else(|| Err(Error::internal("a command was answered before it was decided")));
        // The caller may have hung up; the work is done all the same.
        let _ = self.reply.send(answer);
    }

    fn fail(self: Box<Self>, error: Error) {
        let _ = self.reply.send(Err(error));
    }
}

/// A command that was still waiting when its time was up; nothing of it has been done.
pub fn too_late() -> Error {
    Error::new(Code::Timeout, "The request took too long. Send it again with the same key.")
}
