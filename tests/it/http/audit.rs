//! The server audits of npm's `graphql-http`, run by node against a server of ours on a free port.

use std::path::PathBuf;
use std::process::Command;

/// Runs all audits against the URL of a running server, and panics with their report unless all pass. Installs the
/// package first when it is not there.
pub fn assert_conforms(url: &str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/audit");
    if !folder.join("node_modules/graphql-http").exists() {
        let install = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .output();
        let install = install.expect("the audits need node and npm");
        assert!(install.status.success(), "npm ci: {}", String::from_utf8_lossy(&install.stderr));
    }
    let audits = Command::new("node").args(["run.mjs", url]).current_dir(&folder).output();
    let audits = audits.expect("the audits need node");
    let (said, complained) = (String::from_utf8_lossy(&audits.stdout), String::from_utf8_lossy(&audits.stderr));
    assert!(audits.status.success(), "{complained}{said}");
    assert!(said.contains("61 of 61"), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_audits_pass() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/graphql", listener.local_addr().expect("its address"));
    let server = tokio::spawn(async move { axum::serve(listener, super::toy::app()).await });
    tokio::task::spawn_blocking(move || assert_conforms(&url)).await.expect("the audits pass");
    server.abort();
}
