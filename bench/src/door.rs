//! A client's connection, kept alive: it asks one thing at a time, and goes to another process when its own is gone.

use std::net::SocketAddr;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;
use crate::load::{find, post};

/// The longest a request may take. The server gives up its own after ten seconds, so whoever waits longer has been
/// forgotten.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Where the processes listen at this moment; `None` for one that is dead.
pub struct Doors(RwLock<Vec<Option<SocketAddr>>>);

impl Doors {
    pub fn new(count: usize) -> Arc<Doors> {
        Arc::new(Doors(RwLock::new(vec![None; count])))
    }

    pub fn set(&self, which: usize, address: Option<SocketAddr>) {
        self.0.write().expect("nobody panics with it")[which] = address;
    }

    /// The address of a seat's process, or of the next one that lives.
    fn address(&self, seat: usize) -> Option<SocketAddr> {
        let doors = self.0.read().expect("nobody panics with it");
        (0..doors.len()).find_map(|step| doors[(seat + step) % doors.len()])
    }
}

/// What came back.
pub enum Heard {
    Answer(Json),
    /// The connection broke, or there was none: nobody knows what was done.
    Broken(String),
    /// There was no answer in [`PATIENCE`].
    Late,
}

pub struct Door {
    doors: Arc<Doors>,
    seat: usize,
    stream: Option<TcpStream>,
    answer: Vec<u8>,
}

impl Door {
    /// Seats are spread over the processes in turn.
    pub fn new(doors: &Arc<Doors>, seat: usize) -> Door {
        Door { doors: doors.clone(), seat, stream: None, answer: Vec::new() }
    }

    /// Connects now, so that nothing but the request itself is left to be done.
    pub async fn open(&mut self) -> std::io::Result<()> {
        if self.stream.is_none() {
            let gone = || std::io::Error::other("no process is running");
            let stream = TcpStream::connect(self.doors.address(self.seat).ok_or_else(gone)?).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    pub async fn ask(&mut self, token: &str, document: &str, variables: &Json) -> Heard {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let mut request = post("/graphql", Some(token), body.len());
        request.extend_from_slice(body.as_bytes());
        match tokio::time::timeout(PATIENCE, self.exchange(&request)).await {
            Ok(Ok(answer)) => Heard::Answer(answer),
            Ok(Err(cause)) => {
                self.stream = None;
                Heard::Broken(cause.to_string())
            }
            Err(_) => {
                self.stream = None;
                Heard::Late
            }
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<Json> {
        self.open().await?;
        let Door { stream: Some(stream), answer, .. } = self else { unreachable!("it was just opened") };
        stream.write_all(request).await?;
        answer.clear();
        loop {
            if stream.read_buf(answer).await? == 0 {
                return Err(std::io::Error::other("the server hung up"));
            }
            let Some(head) = find(answer, b"\r\n\r\n") else { continue };
            let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
            let length = text.split("\r\ncontent-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
            let length: usize = length.ok_or_else(|| std::io::Error::other("an answer without a length"))?;
            if answer.len() >= head + 4 + length {
                return Ok(read(&text, &answer[head + 4..head + 4 + length]));
            }
        }
    }
}

/// The body; one that is no JSON becomes an error like the server's own.
fn read(head: &str, body: &[u8]) -> Json {
    serde_json::from_slice(body).unwrap_or_else(|_| {
        let status = head.lines().next().unwrap_or_default();
        json!({ "errors": [{ "message": format!("{status}: {}", String::from_utf8_lossy(body)) }] })
    })
}

/// The data of an answer that has to come.
pub fn data(heard: Heard) -> Result<Json> {
    match heard {
        Heard::Answer(mut answer) if answer["errors"].is_null() => Ok(answer["data"].take()),
        Heard::Answer(answer) => Err(format!("answered with errors: {answer}").into()),
        Heard::Broken(cause) => Err(cause.into()),
        Heard::Late => Err("there was no answer".into()),
    }
}
