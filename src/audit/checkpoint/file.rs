//! The file of a checkpoint, and writing one: lines of text, gzip around them if its name ends with `.gz`.
//!
//! ```text
//! {"format":"jifen-checkpoint","version":2,"takenAt":"2026-11-23T00:00:00Z","key":"<thumbprint of the public key>","versions":3}
//! id version name currency …                                      the columns of a program that its digests cover
//! <program id> <version> <digest in hexadecimal>                  one a version of the program, by both
//! <member id> <program id> <seq> <head hash in hexadecimal>       one a wallet, by member and program
//! {"wallets":20000,"root":"<hexadecimal>","rules":"<hexadecimal>","signature":"<base64url>"}
//! ```
//!
//! The root stands at the end, so a file is written in one pass and read in one, however many wallets there are. What is
//! signed is the text of [`message`], from which everything else follows. Files of version 1, which are read as ever, say
//! nothing of programs.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::access::token::SigningKey;
use crate::audit::checkpoint::merkle::{Hash, Leaf, Tree};
use crate::audit::checkpoint::rules::Rules;
use crate::db::dialect::hex;

pub(super) const FORMAT: &str = "jifen-checkpoint";
/// What is written. The first version had no lines about programs.
pub(super) const VERSION: u32 = 2;
pub(super) const WITHOUT_RULES: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub format: String,
    pub version: u32,
    pub taken_at: String,
    pub key: String,
    /// How many lines there are about versions of programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub versions: Option<u64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Foot {
    pub wallets: u64,
    pub root: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    pub signature: String,
}

/// What a checkpoint states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// RFC 3339.
    pub taken_at: String,
    pub wallets: u64,
    pub root: Hash,
    /// The hash of the lines about programs; none in a file of the first version.
    pub rules: Option<Hash>,
    /// The thumbprint of the key that signed it.
    pub key: String,
}

/// What is signed. No access token begins so.
pub(super) fn message(statement: &Statement) -> String {
    let Statement { taken_at, wallets, root, rules, key } = statement;
    let root = hex(root);
    match rules {
        None => format!("{FORMAT} {WITHOUT_RULES}\n{taken_at}\n{wallets}\n{root}\n{key}\n"),
        Some(rules) => format!("{FORMAT} {VERSION}\n{taken_at}\n{wallets}\n{root}\n{}\n{key}\n", hex(rules)),
    }
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
    rules: Hash,
    taken_at: String,
}

impl Draft {
    /// Begins a file, which must not be there yet.
    pub fn begin(place: &Path, taken_at: String, key: &SigningKey, rules: &Rules) -> Result<Draft, String> {
        check_place(place)?;
        let beside = beside(place, "draft");
        let file = File::create(&beside).map_err(|cause| cannot_write(place, &cause))?;
        let file = BufWriter::new(file);
        let out: Box<dyn Write + Send> = match place.extension() {
            Some(end) if end == "gz" => Box::new(GzEncoder::new(file, Compression::default())),
            _ => Box::new(file),
        };
        let key = key.public().kid();
        let versions = Some(rules.versions.len() as u64);
        let head = Head { format: FORMAT.to_owned(), version: VERSION, taken_at: taken_at.clone(), key, versions };
        let (tree, rules_hash) = (Tree::default(), rules.hash());
        let mut draft = Draft { place: place.to_owned(), beside, out, tree, rules: rules_hash, taken_at };
        draft.line(&serde_json::to_string(&head).expect("a head is JSON"))?;
        for line in rules.lines() {
            draft.line(&line)?;
        }
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
            rules: Some(self.rules),
            key: key.public().kid(),
        };
        let signature = URL_SAFE_NO_PAD.encode(key.sign(message(&statement).as_bytes()));
        let rules = statement.rules.map(|rules| hex(&rules));
        let foot = Foot { wallets: statement.wallets, root: hex(&statement.root), rules, signature };
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
