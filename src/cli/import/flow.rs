//! Sending commands to the committers: many under way at once, begun in the order given.

use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::base::error::{Code, Error};
use crate::commit::command::Answer;
use crate::commit::{Command, Committers};

/// Commands under way at once: four full groups, and well below the queue's bound.
const WINDOW: usize = 1_024;
/// How often in a row everything may come back undone before an import gives up.
const ROUNDS: u32 = 10;
/// How long it rests before it sends again what came back.
const PAUSE: Duration = Duration::from_millis(500);

/// A command's place in the order, itself, and what became of it.
type Sent<C> = (usize, C, Answer<C>);

/// Sends the commands and passes on each answer with the command's place. Commands of one wallet are decided in the
/// order given. What the database had no time for is sent again once everything under way has been answered; after
/// any other failure, which comes with its command's place, the rest is not sent.
pub async fn send<C: Command + Clone>(
    committers: &Committers,
    mut commands: impl Iterator<Item = (usize, C)>,
    mut told: impl FnMut(usize, Result<C::Done, C::Rejection>),
) -> Result<(), (usize, Error)> {
    let mut under_way = FuturesUnordered::new();
    let mut late: Vec<(usize, C)> = Vec::new();
    let mut again = Vec::new().into_iter();
    let mut rounds = 0;
    loop {
        while late.is_empty() && under_way.len() < WINDOW {
            let Some((place, command)) = again.next().or_else(|| commands.next()) else { break };
            under_way.push(begin(committers.clone(), place, command).await);
        }
        match under_way.next().await {
            Some((place, _, Ok(answer))) => {
                rounds = 0;
                told(place, answer);
            }
            Some((place, command, Err(error))) if is_passing(&error) && rounds < ROUNDS => {
                tracing::debug!(place, error = %error.chain(), "a command will be sent again");
                late.push((place, command));
            }
            Some((place, _, Err(error))) => return Err((place, error)),
            None if late.is_empty() => return Ok(()),
            None => {
                rounds += 1;
                tokio::time::sleep(PAUSE).await;
                late.sort_by_key(|(place, _)| *place);
                again = resend(std::mem::take(&mut late), again);
            }
        }
    }
}

/// What came back goes before what has not been sent.
fn resend<C>(late: Vec<(usize, C)>, rest: std::vec::IntoIter<(usize, C)>) -> std::vec::IntoIter<(usize, C)> {
    late.into_iter().chain(rest).collect::<Vec<_>>().into_iter()
}

/// Nothing of the command was done, or it is not known whether; sent again, it is done once.
fn is_passing(error: &Error) -> bool {
    matches!(error.code, Code::Unavailable | Code::Timeout)
}

type UnderWay<C> = Pin<Box<dyn Future<Output = Sent<C>> + Send>>;

/// Queues the command before it returns: a command is queued when its submission is first polled, and in which order a
/// set of futures first polls its members is nobody's promise.
async fn begin<C: Command + Clone>(committers: Committers, place: usize, command: C) -> UnderWay<C> {
    let mut sent: UnderWay<C> = Box::pin(async move {
        let answer = committers.submit(command.clone()).await;
        (place, command, answer)
    });
    let first = std::future::poll_fn(|context| Poll::Ready(sent.as_mut().poll(context))).await;
    match first {
        Poll::Ready(done) => Box::pin(std::future::ready(done)),
        Poll::Pending => sent,
    }
}
