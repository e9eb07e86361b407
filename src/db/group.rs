//! The queue of group commit: whatever waits when the last commit ends is the next group.
//!
//! There is no timer, so a lone caller never waits for company. The bounds keep a flood from growing without limit,
//! one busy wallet from filling a group, and a group from becoming a transaction that holds its locks for long.

use std::collections::{HashMap, VecDeque};

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::task::yield_now;

use crate::base::id::Id;

/// What bounds the queue and its groups.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Commands that may wait; one more is refused.
    pub queue: usize,
    /// Commands in one group.
    pub commands: usize,
    /// Rows a group may write, by its commands' own estimates.
    pub rows: usize,
    /// Commands of one wallet in one group; the rest wait their turn, in order.
    pub per_wallet: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { queue: 4_096, commands: 256, rows: 5_000, per_wallet: 32 }
    }
}

/// A command that waits, with what the queue needs to know of it.
pub struct Waiting<T> {
    pub wallet: Id,
    pub rows: usize,
    pub item: T,
}

/// The queue of one committer.
pub struct Queue<T> {
    bounds: Bounds,
    state: Mutex<State<T>>,
    arrived: Notify,
}

struct State<T> {
    waiting: VecDeque<Waiting<T>>,
    closed: bool,
}

/// The queue is full or closed; the command comes back untouched.
pub struct Refused<T>(pub T);

impl<T> Queue<T> {
    pub fn new(bounds: Bounds) -> Queue<T> {
        Queue { bounds, state: Mutex::new(State { waiting: VecDeque::new(), closed: false }), arrived: Notify::new() }
    }

    pub fn push(&self, waiting: Waiting<T>) -> Result<(), Refused<T>> {
        let mut state = self.state.lock();
        if state.closed || state.waiting.len() >= self.bounds.queue {
            return Err(Refused(waiting.item));
        }
        state.waiting.push_back(waiting);
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    /// Refuses newcomers from now on; what waits is still taken.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.arrived.notify_one();
    }

    /// Takes the next group of what waits already, if anything does.
    pub fn take_waiting(&self) -> Vec<T> {
        next_group(&mut self.state.lock().waiting, &self.bounds)
    }

    /// Waits until there is something, then takes the next group. `None` once the queue is closed and empty.
    pub async fn take(&self) -> Option<Vec<T>> {
        // Whatever else is ready to run goes first, and may join the group.
        yield_now().await;
        loop {
            {
                let mut state = self.state.lock();
                if !state.waiting.is_empty() {
                    return Some(next_group(&mut state.waiting, &self.bounds));
                }
                if state.closed {
                    return None;
                }
            }
            self.arrived.notified().await;
            yield_now().await;
        }
    }
}

/// Takes from the front, passing over commands whose wallet has had its share; those keep their place.
fn next_group<T>(waiting: &mut VecDeque<Waiting<T>>, bounds: &Bounds) -> Vec<T> {
    let mut group = Vec::with_capacity(waiting.len().min(bounds.commands));
    let mut of_wallet: HashMap<Id, usize> = HashMap::new();
    let mut rows = 0;
    let mut kept = VecDeque::new();
    while let Some(next) = waiting.pop_front() {
        let taken = of_wallet.entry(next.wallet).or_default();
        let fits = group.is_empty() || rows + next.rows <= bounds.rows;
        if group.len() >= bounds.commands || !fits {
            waiting.push_front(next);
            break;
        }
        if *taken >= bounds.per_wallet {
            kept.push_back(next);
            continue;
        }
        *taken += 1;
        rows += next.rows;
        group.push(next.item);
    }
    while let Some(next) = kept.pop_back() {
        waiting.push_front(next);
    }
    group
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(wallet: u128, rows: usize, item: u32) -> Waiting<u32> {
        Waiting { wallet: Id::from_u128(wallet), rows, item }
    }

    #[test]
    fn a_busy_wallet_waits_its_turn_and_keeps_its_order() {
        let bounds = Bounds { queue: 10, commands: 10, rows: 100, per_wallet: 2 };
        let mut queue: VecDeque<_> = [(1, 1), (1, 2), (1, 3), (2, 4), (1, 5)].map(|(w, i)| waiting(w, 1, i)).into();
        assert_eq!(next_group(&mut queue, &bounds), [1, 2, 4]);
        assert_eq!(next_group(&mut queue, &bounds), [3, 5]);
    }

    #[test]
    fn a_group_ends_before_its_rows_overflow_but_never_empty() {
        let bounds = Bounds { queue: 10, commands: 10, rows: 100, per_wallet: 2 };
        let mut queue: VecDeque<_> = [(1, 500), (2, 60), (3, 50)].map(|(w, rows)| waiting(w, rows, w as u32)).into();
        assert_eq!(next_group(&mut queue, &bounds), [1]);
        assert_eq!(next_group(&mut queue, &bounds), [2]);
        assert_eq!(next_group(&mut queue, &bounds), [3]);
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_a_closed_one_drains() {
        let queue = Queue::new(Bounds { queue: 2, ..Bounds::default() });
        assert!(queue.push(waiting(1, 1, 1)).is_ok());
        assert!(queue.push(waiting(1, 1, 2)).is_ok());
        assert!(queue.push(waiting(1, 1, 3)).is_err());
        queue.close();
        assert_eq!(queue.take().await, Some(vec![1, 2]));
        assert_eq!(queue.take().await, None);
    }
}
