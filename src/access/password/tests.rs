use super::*;
use crate::base::error::Code;

fn passwords(settings: PasswordSettings) -> Passwords {
    Passwords::new(&settings, Random::System).unwrap()
}

fn cheap() -> Passwords {
    passwords(PasswordSettings::insecure_for_tests())
}

#[tokio::test]
async fn a_password_matches_its_own_hash_only() {
    let passwords = cheap();
    let phc = passwords.hash("correct horse".into()).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
    let right = passwords.verify("correct horse".into(), Some(phc.clone())).await.unwrap();
    assert_eq!(right, Verdict { matches: true, rehash_needed: false });
    let wrong = passwords.verify("correct horsf".into(), Some(phc.clone())).await.unwrap();
    assert_eq!(wrong, Verdict { matches: false, rehash_needed: false });
    let again = passwords.hash("correct horse".into()).await.unwrap();
    assert_ne!(again, phc, "each hash has a salt of its own");
}

/// The reused memory must not change the result: the crate's own verifier accepts what the pool made, and the pool
/// accepts a test vector of the reference implementation.
#[tokio::test]
async fn other_implementations_agree() {
    use argon2::{Argon2, PasswordVerifier};
    let passwords = cheap();
    for password in ["first password", "second password"] {
        let phc = passwords.hash(password.into()).await.unwrap();
        assert!(Argon2::default().verify_password(password.as_bytes(), phc.as_str()).is_ok());
    }
    let reference = "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";
    let verdict = passwords.verify("password".into(), Some(reference.into())).await.unwrap();
    assert!(verdict.matches);
    assert!(verdict.rehash_needed, "its salt of eight bytes is shorter than ours");
}

#[tokio::test]
async fn one_password_may_be_encoded_in_two_ways() {
    let passwords = cheap();
    let phc = passwords.hash("cafe\u{301}\u{3000}au lait".into()).await.unwrap();
    assert!(passwords.verify("caf\u{e9} au lait".into(), Some(phc)).await.unwrap().matches);
}

/// The time is not measured, the work is: an unknown account costs one hash with the parameters in force.
#[tokio::test]
async fn an_unknown_account_costs_the_same_work() {
    let passwords = cheap();
    let phc = passwords.hash("correct horse".into()).await.unwrap();
    let before = passwords.hashes_computed();
    passwords.verify("wrong horse".into(), Some(phc.clone())).await.unwrap();
    let for_known = passwords.hashes_computed() - before;
    let unknown = passwords.verify("wrong horse".into(), None).await.unwrap();
    assert_eq!(unknown, Verdict { matches: false, rehash_needed: false });
    assert_eq!(passwords.hashes_computed() - before - for_known, for_known);
    let stored = Stored::parse(&phc).unwrap();
    assert_eq!(passwords.decoy.blocks(), stored.blocks());
    assert!(!passwords.decoy.is_weaker_than(&passwords.scheme) && !stored.is_weaker_than(&passwords.scheme));
}

#[tokio::test]
async fn a_weaker_hash_is_made_anew_only_for_the_right_password() {
    let old = cheap().hash("correct horse".into()).await.unwrap();
    let raised = passwords(PasswordSettings { passes: 2, ..PasswordSettings::insecure_for_tests() });
    let right = raised.verify("correct horse".into(), Some(old.clone())).await.unwrap();
    assert_eq!(right, Verdict { matches: true, rehash_needed: true });
    let wrong = raised.verify("wrong horse".into(), Some(old)).await.unwrap();
    assert_eq!(wrong, Verdict { matches: false, rehash_needed: false });
    // The other way round a costly hash is kept.
    let costly = raised.hash("correct horse".into()).await.unwrap();
    assert!(!cheap().verify("correct horse".into(), Some(costly)).await.unwrap().rehash_needed);
}

#[tokio::test]
async fn a_broken_hash_is_our_fault_and_not_the_members() {
    let passwords = cheap();
    for broken in
        ["", "secret", "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ", "$scrypt$ln=1,r=8,p=1$c29tZXNhbHQ$c29tZXNhbHQ"]
    {
        let error = passwords.verify("correct horse".into(), Some(broken.into())).await.unwrap_err();
        assert_eq!(error.code, Code::Internal, "{broken}");
        assert!(!error.chain().contains("$"), "the log must not show a hash");
    }
}

#[tokio::test]
async fn a_full_queue_refuses_and_those_who_hang_up_are_skipped() {
    let passwords = passwords(PasswordSettings { queue: 2, ..PasswordSettings::insecure_for_tests() });
    let (let_go, pause) = std::sync::mpsc::channel();
    let (job, paused) = Job::new(String::new(), Task::Pause(pause));
    passwords.pool.submit(job).unwrap();
    while passwords.hashes_computed() == 0 {
        tokio::task::yield_now().await;
    }
    // The one worker is held, so these two stay in the queue.
    let spawn = || {
        let passwords = passwords.clone();
        tokio::spawn(async move { passwords.hash("correct horse".into()).await })
    };
    let (first, second) = (spawn(), spawn());
    while passwords.queued() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(passwords.hash("one too many".into()).await.unwrap_err().code, Code::Unavailable);
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    // One of them has hung up, so there is room again.
    let third = spawn();
    while passwords.queued() < 2 {
        tokio::task::yield_now().await;
    }
    second.abort();
    assert!(second.await.unwrap_err().is_cancelled());
    let_go.send(()).unwrap();
    paused.await.unwrap().unwrap();
    third.await.unwrap().unwrap();
    assert_eq!(passwords.hashes_computed(), 2, "the pause and the third");
}

#[test]
fn the_minimum_is_enforced() {
    assert_eq!(PasswordSettings::default().validate(), Ok(()));
    for weak in [
        PasswordSettings { memory_kib: MIN_MEMORY_KIB - 1, ..PasswordSettings::default() },
        PasswordSettings { passes: 1, ..PasswordSettings::default() },
        PasswordSettings { lanes: 0, ..PasswordSettings::default() },
        PasswordSettings { workers: 0, ..PasswordSettings::default() },
        PasswordSettings { queue: 0, ..PasswordSettings::default() },
    ] {
        let problem = Passwords::new(&weak, Random::System).err().unwrap();
        assert!(problem.contains("must be between") && !problem.contains('\n'), "{problem}");
    }
}
