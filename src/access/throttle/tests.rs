use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use super::*;
use crate::base::error::{Code, Error};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 1));

fn clock() -> Clock {
    Clock::manual(Instant(1_800_000_000 * SECOND))
}

fn throttle(settings: ThrottleSettings, clock: &Clock) -> Throttle {
    Throttle::new(settings, clock.clone(), &Random::seeded(1))
}

fn alice() -> Account {
    Account::UserName("alice".to_owned())
}

fn address(number: u32) -> IpAddr {
    IpAddr::V4(number.into())
}

#[tokio::test]
async fn the_eleventh_guess_waits_a_minute_and_a_half() {
    let clock = clock();
    let throttle = throttle(ThrottleSettings::default(), &clock);
    let alice = alice();
    for number in 0..10 {
        throttle.attempt(Subject::Unknown(&alice), address(number)).await.unwrap().failed();
    }
    let refused = throttle.attempt(Subject::Unknown(&alice), HOME).await.err();
    assert_eq!(refused, Some(RetryAfter { seconds: 90 }));
    let error = Error::from(RetryAfter { seconds: 90 });
    assert_eq!((error.code, &*error.message), (Code::RateLimited, "Too many attempts. Try again in 90 seconds."));
    clock.advance(89 * SECOND + 1);
    let refused = throttle.attempt(Subject::Unknown(&alice), HOME).await.err();
    assert_eq!(refused, Some(RetryAfter { seconds: 1 }));
    clock.advance(SECOND - 1);
    throttle.attempt(Subject::Unknown(&alice), HOME).await.unwrap().succeeded();
    // Others are not concerned.
    throttle.attempt(Subject::Member(Id::from_u128(1)), HOME).await.unwrap().succeeded();
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_is_stopped() {
    let clock = clock();
    let throttle = throttle(ThrottleSettings { failures_per_address: 20, ..ThrottleSettings::default() }, &clock);
    for number in 0..20 {
        throttle.attempt(Subject::Member(Id::from_u128(number)), HOME).await.unwrap().failed();
    }
    assert!(throttle.attempt(Subject::Member(Id::from_u128(99)), HOME).await.is_err());
    assert!(throttle.attempt(Subject::Member(Id::from_u128(99)), address(7)).await.is_ok());
}

#[tokio::test]
async fn a_success_and_a_broken_off_attempt_count_nothing() {
    let throttle = throttle(
        ThrottleSettings { failures_per_account: 1, failures_per_address: 1, ..ThrottleSettings::default() },
        &clock(),
    );
    for _ in 0..100 {
        throttle.attempt(Subject::Unknown(&alice()), HOME).await.unwrap().succeeded();
        drop(throttle.attempt(Subject::Unknown(&alice()), HOME).await.unwrap());
    }
    let counts = throttle.inner.counts.lock();
    assert_eq!((counts.accounts.len(), counts.addresses.len()), (0, 0));
}

/// A thousand guesses at once: exactly ten get as far as a hash, the others are refused without one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_the_same_time_cannot_exceed_the_limit() {
    let throttle = throttle(ThrottleSettings { failures_per_address: 0, ..ThrottleSettings::default() }, &clock());
    let hashed = Arc::new(AtomicU32::new(0));
    let guesses: Vec<_> = (0..1000)
        .map(|number| {
            let (throttle, hashed) = (throttle.clone(), hashed.clone());
            tokio::spawn(async move {
                let attempt = throttle.attempt(Subject::Unknown(&alice()), address(number)).await?;
                hashed.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(1)).await;
                attempt.failed();
                Ok::<(), RetryAfter>(())
            })
        })
        .collect();
    for guess in guesses {
        let _ = guess.await.unwrap();
    }
    assert_eq!(hashed.load(Ordering::SeqCst), 10);
}

/// The same crowd with the right password: nobody is refused, and never are more than ten under way.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn right_passwords_at_the_same_time_all_get_in() {
    let throttle = throttle(ThrottleSettings { failures_per_address: 20, ..ThrottleSettings::default() }, &clock());
    let under_way = Arc::new(AtomicU32::new(0));
    let logins: Vec<_> = (0..300)
        .map(|_| {
            let (throttle, under_way) = (throttle.clone(), under_way.clone());
            tokio::spawn(async move {
                let attempt = throttle.attempt(Subject::Unknown(&alice()), HOME).await.unwrap();
                assert!(under_way.fetch_add(1, Ordering::SeqCst) < 10);
                tokio::time::sleep(Duration::from_micros(100)).await;
                under_way.fetch_sub(1, Ordering::SeqCst);
                attempt.succeeded();
            })
        })
        .collect();
    for login in logins {
        login.await.unwrap();
    }
}

#[tokio::test]
async fn one_who_waits_is_woken_and_refused_when_the_last_place_is_lost() {
    let throttle = throttle(ThrottleSettings { failures_per_account: 1, ..ThrottleSettings::default() }, &clock());
    let first = throttle.attempt(Subject::Unknown(&alice()), HOME).await.unwrap();
    let waiting = tokio::spawn({
        let throttle = throttle.clone();
        async move { throttle.attempt(Subject::Unknown(&alice()), HOME).await.err() }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    first.failed();
    assert_eq!(waiting.await.unwrap(), Some(RetryAfter { seconds: 15 * 60 }));
}

#[tokio::test]
async fn only_so_many_may_wait() {
    let throttle = throttle(ThrottleSettings { failures_per_account: 1, ..ThrottleSettings::default() }, &clock());
    let first = throttle.attempt(Subject::Unknown(&alice()), HOME).await.unwrap();
    let wait = |throttle: Throttle| async move {
        throttle.attempt(Subject::Unknown(&alice()), HOME).await.map(Attempt::succeeded)
    };
    let waiting: Vec<_> = (0..MAX_WAITING).map(|_| tokio::spawn(wait(throttle.clone()))).collect();
    while throttle.inner.waiting.available_permits() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(wait(throttle.clone()).await, Err(RetryAfter { seconds: 1 }));
    first.succeeded();
    for waiter in waiting {
        assert_eq!(waiter.await.unwrap(), Ok(()));
    }
    assert_eq!(throttle.inner.waiting.available_permits(), MAX_WAITING);
}

#[test]
fn registrations_are_counted_by_address() {
    let clock = clock();
    let throttle = throttle(ThrottleSettings::default(), &clock);
    for _ in 0..60 {
        throttle.registration(HOME).unwrap();
    }
    assert_eq!(throttle.registration(HOME), Err(RetryAfter { seconds: 1 }));
    assert_eq!(throttle.registration(address(7)), Ok(()));
    clock.advance(MINUTE);
    assert_eq!(throttle.registration(HOME), Ok(()));
}

#[tokio::test]
async fn zero_switches_a_limit_off() {
    let off = ThrottleSettings {
        failures_per_account: 0,
        failures_per_address: 0,
        registrations_per_address: 0,
        ..ThrottleSettings::default()
    };
    let throttle = throttle(off, &clock());
    for _ in 0..1000 {
        throttle.attempt(Subject::Unknown(&alice()), HOME).await.unwrap().failed();
        throttle.registration(HOME).unwrap();
    }
}
