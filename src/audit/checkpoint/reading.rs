//! Reading the file of a checkpoint, in one pass.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::read::MultiGzDecoder;

use crate::access::token::VerificationKey;
use crate::audit::checkpoint::file::{FORMAT, Foot, Head, Statement, VERSION, WITHOUT_RULES, message};
use crate::audit::checkpoint::merkle::{Leaf, Tree};
use crate::audit::checkpoint::rules::Rules;
use crate::base::id::Id;
use crate::db::dialect::hex;

/// A line has some 150 bytes, the first and the last 250, that of the columns 450.
const MAX_LINE: u64 = 4_000;

/// A checkpoint being read.
pub struct Reading {
    place: PathBuf,
    lines: Box<dyn BufRead + Send>,
    head: Head,
    /// None in a file of the first version.
    pub rules: Option<Rules>,
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
        let head = head.filter(|head| {
            let version = if head.versions.is_some() { VERSION } else { WITHOUT_RULES };
            head.format == FORMAT && head.version == version
        });
        let head = head.ok_or_else(|| format!("{} is no checkpoint of jifen", place.display()))?;
        let mut file = Reading { place: place.to_owned(), lines, head, rules: None, tree: Tree::default(), foot: None };
        file.rules = file.head.versions.map(|versions| file.read_rules(versions)).transpose()?;
        Ok(file)
    }

    fn read_rules(&mut self, versions: u64) -> Result<Rules, String> {
        let mut next = || line(&mut self.lines);
        let rules = next().and_then(|columns| Rules::parse(&columns, (0..versions).map_while(|_| next())));
        let rules = rules.filter(|rules| rules.versions.len() as u64 == versions);
        rules.ok_or_else(|| self.refused("its lines about programs cannot be read"))
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
            rules: self.rules.as_ref().map(Rules::hash),
            key: self.head.key.clone(),
        };
        let signature = URL_SAFE_NO_PAD.decode(&foot.signature).ok().and_then(|bytes| bytes.try_into().ok());
        let is_signed = signature.is_some_and(|bytes| key.has_signed(message(&statement).as_bytes(), &bytes));
        let rules = statement.rules.map(|rules| hex(&rules));
        if !is_signed || foot.wallets != statement.wallets || foot.root != hex(&statement.root) || foot.rules != rules {
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

pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).ok());
    digits.map(|pair| u8::from_str_radix(pair.filter(|pair| pair.len() == 2)?, 16).ok()).collect()
}
