//! The file of a checkpoint: lines of text, gzip around them if its name ends with `.gz`.
//!
//! ```text
//! {"format":"jifen-checkpoint","version":1,"takenAt":"2026-11-23T00:00:00Z","key":"<thumbprint of the public key>"}
//! <member id> <program id> <seq> <head hash in hexadecimal>       one a wallet, by member and program
//! {"wallets":20000,"root":"<hexadecimal>","signature":"<base64url>"}
//! ```
//!
//! The root stands at the end, so a file is written in one pass and read in one, however many wallets there are. What is
//! signed is the text of [`message`], from which everything else follows.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::access::token::{SigningKey, VerificationKey};
use crate::audit::checkpoint::merkle::{Hash, Leaf, Tree};
use crate::base::id::Id;
use crate::db::dialect::hex;

const FORMAT: &str = "jifen-checkpoint";
const VERSION: u32 = 1;
/// A line has some 150 bytes, the first and the last 200.
const MAX_LINE: u64 = 1_000;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Head {
    format: String,
    version: u32,
    taken_at: String,
    key: String,
}

#[derive(Serialize, Deserialize)]
struct Foot {
    wallets: u64,
    root: String,
    signature: String,
}

/// What a checkpoint states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// RFC 3339.
    pub taken_at: String,
    pub wallets: u64,
    pub root: Hash,
    /// The thumbprint of the key that signed it.
    pub key: String,
}

/// What is signed. No access token begins so.
fn message(statement: &Statement) -> String {
    let Statement { taken_at, wallets, root, key } = statement;
    format!("{FORMAT} {VERSION}\n{taken_at}\n{wallets}\n{}\n{key}\n", hex(root))
}

/// Whether a new file can be made there, asked before anybody works for it. An older checkpoint is worth more than a newer
/// one, so none is written over.
pub fn check_place(place: &Path) -> Result<(), String> {
    if place.exists() {
        return Err(format!("{} is there already; a checkpoint replaces no other: name a new file", place.display()));
    }
    let tried = beside(place, "try");
    let made = File::create_new(&tried).and_then(|file| {
        drop(file);
        std::fs::remove_file(&tried)
    });
    made.map_err(|cause| cannot_write(place, &cause))
}

fn beside(place: &Path, what: &str) -> PathBuf {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    place.with_file_name(format!(".{name}.{what}"))
}

/// A checkpoint being written, beside its place: it appears there whole or not at all.
pub struct Draft {
    place: PathBuf,
    beside: PathBuf,
    out: Box<dyn Write + Send>,
    tree: Tree,
    taken_at: String,
}

impl Draft {
    /// Begins a file, which must not be there yet.
    pub fn begin(place: &Path, taken_at: String, key: &SigningKey) -> Result<Draft, String> {
        check_place(place)?;
        let beside = beside(place, "draft");
        let file = File::create(&beside).map_err(|cause| cannot_write(place, &cause))?;
        let file = BufWriter::new(file);
        let out: Box<dyn Write + Send> = match place.extension() {
            Some(end) if end == "gz" => Box::new(GzEncoder::new(file, Compression::default())),
            _ => Box::new(file),
        };
        let key = key.public().kid();
        let head = Head { format: FORMAT.to_owned(), version: VERSION, taken_at: taken_at.clone(), key };
        let mut draft = Draft { place: place.to_owned(), beside, out, tree: Tree::default(), taken_at };
        draft.line(&serde_json::to_string(&head).expect("a head is JSON"))?;
        Ok(draft)
    }

    pub fn add(&mut self, leaf: &Leaf) -> Result<(), String> {
        self.tree.push(leaf);
        self.line(&format!("{} {} {} {}", leaf.member_id, leaf.program_id, leaf.seq, hex(&leaf.head_hash)))
    }

    /// Signs what was added, and puts the file in its place.
    pub fn finish(mut self, key: &SigningKey) -> Result<Statement, String> {
        let statement = Statement {
            taken_at: self.taken_at.clone(),
            wallets: self.tree.leaves(),
            root: self.tree.root(),
            key: key.public().kid(),
        };
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message(&statement).as_bytes()));
        let foot = Foot { wallets: statement.wallets, root: hex(&statement.root), signature };
        self.line(&serde_json::to_string(&foot).expect("a foot is JSON"))?;
        let Draft { place, beside, mut out, .. } = self;
        out.flush().map_err(|cause| cannot_write(&place, &cause))?;
        // Dropping it writes the end of the gzip.
        drop(out);
        let kept = File::open(&beside).and_then(|file| file.sync_all());
        kept.and_then(|()| std::fs::rename(&beside, &place)).map_err(|cause| cannot_write(&place, &cause))?;
        Ok(statement)
    }

    fn line(&mut self, text: &str) -> Result<(), String> {
        writeln!(self.out, "{text}").map_err(|cause| cannot_write(&self.place, &cause))
    }
}

fn cannot_write(place: &Path, cause: &std::io::Error) -> String {
    format!("the checkpoint {} cannot be written: {cause}", place.display())
}

/// A checkpoint being read.
pub struct Reading {
    place: PathBuf,
    lines: Box<dyn BufRead + Send>,
    head: Head,
    tree: Tree,
    foot: Option<Foot>,
}

impl Reading {
    pub fn open(place: &Path) -> Result<Reading, String> {
        let file = File::open(place).map_err(|cause| format!("{} cannot be read: {cause}", place.display()))?;
        let mut file = BufReader::new(file);
        let is_gzip = file.fill_buf().is_ok_and(|begin| begin.starts_with(&[0x1f, 0x8b]));
        let mut lines: Box<dyn BufRead + Send> =
            if is_gzip { Box::new(BufReader::new(MultiGzDecoder::new(file))) } else { Box::new(file) };
        let head = line(&mut lines).and_then(|text| serde_json::from_str::<Head>(&text).ok());
        let head = head.filter(|head| head.format == FORMAT && head.version == VERSION);
        let head = head.ok_or_else(|| format!("{} is no checkpoint of jifen", place.display()))?;
        Ok(Reading { place: place.to_owned(), lines, head, tree: Tree::default(), foot: None })
    }

    /// The next wallet; `None` at the end.
    pub fn next_leaf(&mut self) -> Result<Option<Leaf>, String> {
        if self.foot.is_some() {
            return Ok(None);
        }
        let text = line(&mut self.lines).ok_or_else(|| self.refused("it is not whole"))?;
        if text.starts_with('{') {
            self.foot = Some(serde_json::from_str(&text).map_err(|_| self.refused("its last line cannot be read"))?);
            return if line(&mut self.lines).is_none() {
                Ok(None)
            } else {
                Err(self.refused("it goes on after its end"))
            };
        }
        let leaf = leaf(&text).ok_or_else(|| self.refused("one of its lines cannot be read"))?;
        self.tree.push(&leaf);
        Ok(Some(leaf))
    }

    /// Once all is read: that it is what one of these keys signed.
    pub fn check(self, keys: &[VerificationKey]) -> Result<Statement, String> {
        let Some(foot) = &self.foot else { return Err(self.refused("it is not whole")) };
        let key = keys.iter().find(|key| key.kid() == self.head.key).ok_or_else(|| {
            format!("{} was signed by another key, {}; give its public half", self.place.display(), self.head.key)
        })?;
        let statement = Statement {
            taken_at: self.head.taken_at.clone(),
            wallets: self.tree.leaves(),
            root: self.tree.root(),
            key: self.head.key.clone(),
        };
        let signature = URL_SAFE_NO_PAD.decode(&foot.signature).ok().and_then(|bytes| bytes.try_into().ok());
        let is_signed = signature.is_some_and(|bytes| key.has_signed(message(&statement).as_bytes(), &bytes));
        if !is_signed || foot.wallets != statement.wallets || foot.root != hex(&statement.root) {
            return Err(self.refused("its signature is not of what it says"));
        }
        Ok(statement)
    }

    fn refused(&self, why: &str) -> String {
        format!("the checkpoint {} was altered: {why}", self.place.display())
    }
}

/// The next line without its end; `None` at the end of the file, or when it is longer than any line of ours or no text.
fn line(lines: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    lines.take(MAX_LINE).read_line(&mut text).ok().filter(|bytes| *bytes > 0)?;
    text.strip_suffix('\n').map(str::to_owned)
}

fn leaf(text: &str) -> Option<Leaf> {
    let mut parts = text.split(' ');
    let mut id = || Id::parse_str(parts.next()?).ok();
    let (member_id, program_id) = (id()?, id()?);
    let seq = parts.next()?.parse().ok()?;
    let head_hash = unhex(parts.next()?)?;
    parts.next().is_none().then_some(Leaf { member_id, program_id, seq, head_hash })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}
