//! A request over a real socket, written by hand so that it can be broken off at any moment.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value as Json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Sends a request and hangs up after `patience`; `None` waits for the answer. What came whole is answered.
pub async fn send(server: SocketAddr, token: Option<&str>, body: Json, patience: Option<Duration>) -> Option<Json> {
    let body = body.to_string();
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         {authorization}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let exchange = async {
        let mut socket = TcpStream::connect(server).await.expect("the server listens");
        // Without this the kernel may keep a closed connection's data and the server would never notice in time.
        socket.set_zero_linger().expect("a socket option");
        socket.write_all(request.as_bytes()).await.ok()?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.ok()?;
        let text = String::from_utf8(answer).ok()?;
        serde_json::from_str(text.split_once("\r\n\r\n")?.1).ok()
    };
    match patience {
        Some(patience) => tokio::time::timeout(patience, exchange).await.ok().flatten(),
        None => exchange.await,
    }
}
