//! A wire that can be stopped: it stands between the program and PostgreSQL and keeps the server's words back while it is
//! held. So a test knows that a statement is on its way, instead of hoping to hit the moment.

use std::sync::{Arc, Mutex};

use jifen::db::connect::Location;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

pub struct Wire {
    /// The database, by way of the wire.
    pub url: String,
    gate: Arc<Gate>,
}

/// Closes by itself as soon as the program says a certain word.
struct Gate {
    word: Mutex<Option<&'static str>>,
    held: watch::Sender<bool>,
    spoken: Notify,
}

impl Wire {
    /// Lays a wire to a PostgreSQL database.
    pub async fn lay(location: &Location) -> Wire {
        let Location::Postgres(url) = location else { panic!("only PostgreSQL is reached by wire") };
        let (before, after) = url.rsplit_once('@').expect("the URL has a user");
        let (server, database) = after.split_once('/').expect("the URL names a database");
        let server = server.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("{before}@{}/{database}", listener.local_addr().expect("its address"));
        let gate = Arc::new(Gate { word: Mutex::default(), held: watch::Sender::new(false), spoken: Notify::new() });
        let keeper = gate.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.expect("PostgreSQL is there");
                let (client_reads, client_writes) = client.into_split();
                let (server_reads, server_writes) = server.into_split();
                tokio::spawn(questions(client_reads, server_writes, keeper.clone()));
                tokio::spawn(answers(server_reads, client_writes, keeper.held.subscribe()));
            }
        });
        Wire { url, gate }
    }

    pub fn location(&self) -> Location {
        Location::parse(&self.url).expect("a PostgreSQL URL")
    }

    /// Polls a future until it has said the word to the server, then drops it while the answer is under way. The wire
    /// is free again afterwards.
    pub async fn drop_at<F: Future>(&self, word: &'static str, future: F) {
        *self.gate.word.lock().expect("no one panics here") = Some(word);
        tokio::select! {
            biased;
            _ = future => panic!("it was answered without {word}"),
            () = self.gate.spoken.notified() => {}
        }
        self.gate.held.send_replace(false);
    }
}

/// What the program says to the server.
async fn questions(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, gate: Arc<Gate>) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        let said = String::from_utf8_lossy(&bytes[..length]).into_owned();
        let heard = gate.word.lock().expect("no one panics here").take_if(|word| said.contains(*word)).is_some();
        if heard {
            gate.held.send_replace(true);
        }
        if to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
        if heard {
            gate.spoken.notify_one();
        }
    }
}

/// What the server says to the program, unless the wire is held.
async fn answers(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut held: watch::Receiver<bool>) {
    let mut bytes = vec![0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes).await {
        if held.wait_for(|held| !held).await.is_err() || to.write_all(&bytes[..length]).await.is_err() {
            return;
        }
    }
}
