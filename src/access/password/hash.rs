//! argon2 itself, over memory that the caller keeps.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;

use crate::base::error::{Error, Result};

/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;

/// The algorithm and its cost.
#[derive(Clone)]
pub struct Scheme {
    algorithm: Algorithm,
    version: Version,
    params: Params,
}

/// A hash as it is stored, taken apart.
#[derive(Clone)]
pub struct Stored {
    scheme: Scheme,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Scheme {
    /// argon2id with this cost.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Scheme, String> {
        let params = Params::new(memory_kib, passes, lanes, Some(HASH_BYTES))
            .map_err(|error| format!("argon2 does not take these password settings: {error}."))?;
        Ok(Scheme { algorithm: Algorithm::Argon2id, version: Version::V0x13, params })
    }

    /// A stored hash that no password has. Random bytes will do: what it costs to compare with is the hashing of the
    /// password under this scheme, and the bytes at the end decide nothing.
    pub fn decoy(&self, salt: [u8; SALT_BYTES], hash: [u8; HASH_BYTES]) -> Stored {
        Stored { scheme: self.clone(), salt: salt.to_vec(), hash: hash.to_vec() }
    }

    /// Blocks of 1 KiB that a hash needs.
    pub fn blocks(&self) -> usize {
        self.params.block_count()
    }

    /// Hashes into `out` over the given memory, which must have at least [`Scheme::blocks`] blocks and may be dirty:
    /// the first pass writes every block before it reads it.
    fn digest(&self, password: &[u8], salt: &[u8], out: &mut [u8], memory: &mut [Block]) -> Result<()> {
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, salt, out, memory)
            .map_err(|error| Error::internal(error.to_string()))
    }

    /// Hashes a new password to PHC form: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`.
    pub fn hash(&self, password: &[u8], salt: &[u8; SALT_BYTES], memory: &mut [Block]) -> Result<String> {
        let mut hash = [0; HASH_BYTES];
        self.digest(password, salt, &mut hash, memory)?;
        let defect = |error: argon2::password_hash::phc::Error| Error::internal(error.to_string());
        let phc = PasswordHash {
            algorithm: self.algorithm.ident(),
            version: Some(self.version.into()),
            params: ParamsString::try_from(&self.params).map_err(|error| Error::internal(error.to_string()))?,
            salt: Some(Salt::new(salt).map_err(defect)?),
            hash: Some(Output::new(&hash).map_err(defect)?),
        };
        Ok(phc.to_string())
    }
}

impl Stored {
    /// Reads a hash in PHC form, of any kind of argon2.
    pub fn parse(phc: &str) -> Result<Stored> {
        Stored::read(phc).ok_or_else(|| Error::internal("a stored password hash is not argon2 in PHC form"))
    }

    fn read(phc: &str) -> Option<Stored> {
        let parsed = PasswordHash::new(phc).ok()?;
        let scheme = Scheme {
            algorithm: Algorithm::try_from(parsed.algorithm.as_str()).ok()?,
            // The first argon2 wrote no version, and meant 0x10.
            version: Version::try_from(parsed.version.unwrap_or(0x10)).ok()?,
            params: Params::try_from(&parsed).ok()?,
        };
        Some(Stored { scheme, salt: parsed.salt?.to_vec(), hash: parsed.hash?.as_bytes().to_vec() })
    }

    /// Blocks of 1 KiB that a comparison needs.
    pub fn blocks(&self) -> usize {
        self.scheme.blocks()
    }

    /// True when the password is the stored one. The comparison takes the same time wherever the bytes differ.
    pub fn matches(&self, password: &[u8], memory: &mut [Block]) -> Result<bool> {
        let mut hash = vec![0; self.hash.len()];
        self.scheme.digest(password, &self.salt, &mut hash, memory)?;
        Ok(hash.ct_eq(&self.hash).into())
    }

    /// True when any part is below what the settings ask for. A stored hash that costs more is left alone.
    pub fn is_weaker_than(&self, wanted: &Scheme) -> bool {
        self.scheme.algorithm != wanted.algorithm
            || self.scheme.version != wanted.version
            || self.scheme.params.m_cost() < wanted.params.m_cost()
            || self.scheme.params.t_cost() < wanted.params.t_cost()
            || self.scheme.params.p_cost() < wanted.params.p_cost()
            || self.salt.len() < SALT_BYTES
            || self.hash.len() < HASH_BYTES
    }
}
