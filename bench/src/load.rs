//! The load generator: connections that each send the next request when the last one is answered.
//!
//! It shares the machine with what it measures, so it does as little as can be: requests are put together from rendered
//! pieces, answers are looked through as bytes, and one thread serves all connections. Every answer is checked; one that
//! is not what it should be ends the run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use jifen::base::id::{GOLDEN, mix};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Result;

/// How long is warmed up and measured.
#[derive(Clone, Copy)]
pub struct Timing {
    pub warm_up: Duration,
    pub measured: Duration,
}

/// What is sent, and what must come back.
pub trait Script: Send + Sync + 'static {
    /// Appends a connection's next request.
    fn request(&self, connection: usize, turn: u64, out: &mut Vec<u8>);

    /// Says what is wrong with the body of an answer with status 200.
    fn check(&self, connection: usize, turn: u64, body: &[u8]) -> std::result::Result<(), &'static str>;
}

/// What came of a run.
pub struct Outcome {
    /// Answers a second, within the measured time.
    pub rate: f64,
    /// Microseconds.
    pub latency: Histogram<u64>,
    /// All answers, of the warm-up and after the end as well.
    pub answered: u64,
}

struct Window {
    begin: Instant,
    end: Instant,
}

/// Runs the connections until the time is over and every one of them has its last answer.
pub async fn run(address: SocketAddr, connections: usize, timing: Timing, script: Arc<impl Script>) -> Result<Outcome> {
    let begin = Instant::now() + timing.warm_up;
    let window = Arc::new(Window { begin, end: begin + timing.measured });
    let (reply, outcome) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("load".to_owned()).spawn(move || {
        let _ = reply.send(drive(address, connections, &window, &script));
    })?;
    let (latency, answered) = outcome.await.map_err(|_| "the load generator panicked")??;
    Ok(Outcome { rate: latency.len() as f64 / timing.measured.as_secs_f64(), latency, answered })
}

fn drive(
    address: SocketAddr,
    connections: usize,
    window: &Arc<Window>,
    script: &Arc<impl Script>,
) -> Result<(Histogram<u64>, u64)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for connection in 0..connections {
            let (window, script) = (window.clone(), script.clone());
            tasks.spawn(async move { one_connection(address, connection, &window, &*script).await });
        }
        let (mut latency, mut answered) = (histogram(), 0);
        while let Some(ended) = tasks.join_next().await {
            let (of_one, count) = ended??;
            latency.add(of_one)?;
            answered += count;
        }
        Ok((latency, answered))
    })
}

fn histogram() -> Histogram<u64> {
    // A minute at the most, two digits that count.
    Histogram::new_with_bounds(1, 60_000_000, 2).expect("these bounds are in order")
}

async fn one_connection(
    address: SocketAddr,
    connection: usize,
    window: &Window,
    script: &impl Script,
) -> Result<(Histogram<u64>, u64)> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut latency, mut turn) = (histogram(), 0);
    let (mut request, mut answer) = (Vec::with_capacity(2_048), Vec::with_capacity(16_384));
    loop {
        let sent = Instant::now();
        if sent >= window.end {
            return Ok((latency, turn));
        }
        request.clear();
        script.request(connection, turn, &mut request);
        stream.write_all(&request).await?;
        let body = read_answer(&mut stream, &mut answer).await?;
        if let Err(wrong) = script.check(connection, turn, &answer[body.clone()]) {
            return Err(format!("{wrong}: {}", excerpt(&answer[body])).into());
        }
        turn += 1;
        let now = Instant::now();
        if now >= window.begin && now < window.end {
            latency.saturating_record((now - sent).as_micros() as u64);
        }
    }
}

/// Reads one answer with status 200 and tells where its body is.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<std::ops::Range<usize>> {
    answer.clear();
    let mut body = None;
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(format!("the server hung up: {}", excerpt(answer)).into());
        }
        if body.is_none() {
            body = find(answer, b"\r\n\r\n").map(|end| body_after(answer, end)).transpose()?;
        }
        if let Some(body) = body.clone().filter(|body| answer.len() >= body.end) {
            return Ok(body);
        }
    }
}

fn body_after(answer: &[u8], head: usize) -> Result<std::ops::Range<usize>> {
    if !answer.starts_with(b"HTTP/1.1 200 ") {
        return Err(format!("not answered with 200: {}", excerpt(answer)).into());
    }
    const LENGTH: &[u8] = b"\r\ncontent-length: ";
    let at = find(&answer[..head], LENGTH).ok_or("an answer does not say how long it is")? + LENGTH.len();
    let digits = answer[at..head].iter().take_while(|byte| byte.is_ascii_digit());
    let length = digits.fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    Ok(head + 4..head + 4 + length)
}

/// Where a pattern first occurs.
pub fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    let first = pattern[0];
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == first) {
        if text[from + at..].starts_with(pattern) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

fn excerpt(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(600)]).into_owned()
}

/// A POST of JSON on a connection that stays open.
pub fn post(path: &str, token: Option<&str>, body_bytes: usize) -> Vec<u8> {
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\n{authorization}content-type: application/json\r\n\
         content-length: {body_bytes}\r\n\r\n"
    )
    .into_bytes()
}

/// Sends one request on a connection of its own and gives the body of the answer.
pub async fn ask(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    let body = read_answer(&mut stream, &mut answer).await?;
    Ok(answer[body].to_vec())
}

/// A number that looks random and is the same in every run.
pub fn scatter(connection: usize, turn: u64) -> u64 {
    mix((turn + 1).wrapping_mul(GOLDEN) ^ ((connection as u64) << 48))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_found_by_its_length() {
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: y\r\n\r\nhello";
        let head = find(answer, b"\r\n\r\n").unwrap();
        assert_eq!(&answer[body_after(answer, head).unwrap()], b"hello");
        assert!(body_after(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", 50).is_err());
    }

    #[test]
    fn a_pattern_is_found_after_its_false_beginnings() {
        assert_eq!(find(b"\r\r\n\r\r\n\r\n", b"\r\n\r\n"), Some(4));
        assert_eq!(find(b"abc", b"abcd"), None);
    }
}
