//! The Ed25519 keys: one that signs, and any number whose signatures are accepted.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, KeypairBytes};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::refresh::RotationKey;
use crate::base::id::Random;

/// A key file is some 120 bytes; more than this is not one.
const MAX_FILE_BYTES: u64 = 16 * 1024;

/// The private key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

/// Shows which key it is, never the key.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey(kid {})", self.public().kid())
    }
}

impl SigningKey {
    /// A new key. Give it [`Random::System`] for anything but a test.
    pub fn generate(random: &Random) -> SigningKey {
        SigningKey(ed25519_dalek::SigningKey::from_bytes(&random.bytes()))
    }

    /// Reads a private key in PEM (PKCS#8), as `openssl genpkey -algorithm ed25519` writes it.
    ///
    /// # Errors
    /// One line that says what to do: no such file, a file that others can read, not such a key.
    pub fn load(path: &Path) -> Result<SigningKey, String> {
        let pem = read_private(path)?;
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| {
            let make = "make one with: openssl genpkey -algorithm ed25519";
            format!("{} is no Ed25519 private key in PEM (PKCS#8); {make}", path.display())
        })?;
        Ok(SigningKey(key))
    }

    /// Reads the key, and makes it first when there is none. The file appears whole or not at all, readable by its
    /// owner only; when two processes start at once, both end up with the same key.
    ///
    /// # Errors
    /// One line that says what to do, as for [`SigningKey::load`], or that the file cannot be written.
    pub fn load_or_create(path: &Path, random: &Random) -> Result<SigningKey, String> {
        if !path.try_exists().unwrap_or(true) {
            SigningKey::generate(random).save_new(path, random).map_err(|error| {
                format!("The signing key {} cannot be written: {error}; choose a folder that can be.", path.display())
            })?;
        }
        SigningKey::load(path)
    }

    /// Writes beside the place, then links the finished file into it. A link fails where a file already is, while a
    /// rename would replace the key of a process that was faster.
    fn save_new(&self, path: &Path, random: &Random) -> std::io::Result<()> {
        let draft = draft_path(path, random);
        let written =
            write_private(&draft, self.pem().as_bytes()).and_then(|()| match std::fs::hard_link(&draft, path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                // Some file systems have no links. There a rename must do.
                Err(_) => std::fs::rename(&draft, path),
                Ok(()) => Ok(()),
            });
        // After a rename it is gone already.
        let _ = std::fs::remove_file(&draft);
        written?;
        sync_folder(path)
    }

    /// The public half.
    pub fn public(&self) -> VerificationKey {
        VerificationKey(self.0.verifying_key())
    }

    /// The key from which refresh tokens follow one another. It changes with the signing key.
    pub fn rotation_key(&self) -> RotationKey {
        RotationKey::derive(self.0.as_bytes())
    }

    /// Signs a message. One that is no token must begin with what no token begins with.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        ed25519_dalek::Signer::sign(&self.0, message).to_bytes()
    }

    pub(super) fn pkcs8_der(&self) -> Vec<u8> {
        self.bare().to_pkcs8_der().expect("an Ed25519 key always has a DER form").as_bytes().to_vec()
    }

    fn pem(&self) -> String {
        self.bare().to_pkcs8_pem(LineEnding::LF).expect("an Ed25519 key always has a PEM form").to_string()
    }

    /// The first version of PKCS#8, without the public half: OpenSSL does not read the second.
    fn bare(&self) -> KeypairBytes {
        KeypairBytes { secret_key: self.0.to_bytes(), public_key: None }
    }
}

/// A public key whose signatures are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VerificationKey(ed25519_dalek::VerifyingKey);

impl VerificationKey {
    /// Reads a public key in PEM (`openssl pkey -in key.pem -pubout`).
    ///
    /// # Errors
    /// One line that says what to do.
    pub fn load(path: &Path) -> Result<VerificationKey, String> {
        let pem = std::fs::read_to_string(path).map_err(|error| cannot_read(path, &error))?;
        ed25519_dalek::VerifyingKey::from_public_key_pem(pem.trim())
            .ok()
            .filter(|key| !key.is_weak())
            .map(VerificationKey)
            .ok_or_else(|| {
                let make = "make it with: openssl pkey -in OLD-KEY -pubout";
                format!("{} is no Ed25519 public key in PEM; {make}", path.display())
            })
    }

    /// The 32 bytes of the key.
    pub fn bytes(self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// True when the private half of this key signed the message.
    pub fn has_signed(self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }

    /// The thumbprint by which tokens name the key (RFC 7638 with the members RFC 8037 names).
    pub fn kid(self) -> String {
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.x());
        URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
    }

    /// The key as an entry of a JWKS.
    pub fn jwk(self) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": self.x(), "kid": self.kid(), "alg": "EdDSA", "use": "sig" })
    }

    fn x(self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes())
    }
}

fn cannot_read(path: &Path, error: &std::io::Error) -> String {
    format!("The key file {} cannot be read: {error}", path.display())
}

/// Reads a file that nobody but its owner may read. The rights are those of the opened file, so it cannot be swapped
/// in between.
fn read_private(path: &Path) -> Result<String, String> {
    let fail = |error| cannot_read(path, &error);
    let file = File::open(path).map_err(fail)?;
    refuse_if_shared(path, &file)?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES).read_to_string(&mut text).map_err(fail)?;
    Ok(text)
}

#[cfg(unix)]
fn refuse_if_shared(path: &Path, file: &File) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = file.metadata().map_err(|error| cannot_read(path, &error))?.permissions().mode();
    if mode & 0o077 != 0 {
        let path = path.display();
        return Err(format!("The key file {path} is open to others (mode {:o}); run: chmod 600 {path}", mode & 0o777));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_if_shared(_: &Path, _: &File) -> Result<(), String> {
    Ok(())
}

/// Makes a new file for its owner only, and has it on the disk before anyone is told of it.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn draft_path(path: &Path, random: &Random) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{:016x}", u64::from_le_bytes(random.bytes())))
}

/// A new name is only safe when its folder is on the disk. Not every system opens folders, and then there is nothing
/// to be done.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests;
