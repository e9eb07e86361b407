//! E-mail addresses.
//!
//! Written here instead of taken from a crate: the crates read the whole of RFC 5322, with quoted local parts, comments
//! and addresses in brackets, which mail providers do not hand out and which only bring surprises into mails and logs.
//! What is left is some thirty lines. Whether an address works is only known when a mail arrives.

use crate::base::text;

/// The most bytes of an address (RFC 5321, with the angle brackets taken off its path).
pub const MAX_EMAIL: usize = 254;
/// The most bytes before the `@`.
const MAX_LOCAL: usize = 64;
/// The most bytes between two dots of the domain.
const MAX_LABEL: usize = 63;

/// Why a text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmailError {
    /// More than 254 bytes, or more than 64 before the `@`.
    TooLong,
    /// Not `name@domain.tld`.
    BadSyntax,
}

/// The stored form of an e-mail address. Letters of any script may stand on both sides of the `@`. Case is folded on
/// both sides: in theory the part before the `@` may know case, in practice two members would share one mailbox.
pub fn email(typed: &str) -> Result<String, EmailError> {
    let email = plain_dots(text::fold(typed));
    if email.len() > MAX_EMAIL {
        return Err(EmailError::TooLong);
    }
    let (local, domain) = email.split_once('@').ok_or(EmailError::BadSyntax)?;
    if local.len() > MAX_LOCAL {
        return Err(EmailError::TooLong);
    }
    if is_local(local) && is_domain(domain) { Ok(email) } else { Err(EmailError::BadSyntax) }
}

/// Chinese and Japanese input methods write the dot of a domain as `。`, and browsers take it for a dot too.
pub fn plain_dots(email: String) -> String {
    email.replace('。', ".")
}

/// A dot-atom of RFC 5322, in any script.
fn is_local(local: &str) -> bool {
    let allowed = |letter: char| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(letter);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(allowed))
}

/// At least two labels. The last is not all digits, so an IP address is no domain.
fn is_domain(domain: &str) -> bool {
    let (_, last) = domain.rsplit_once('.').unwrap_or_default();
    domain.split('.').all(is_label) && !last.is_empty() && !last.chars().all(char::is_numeric)
}

fn is_label(label: &str) -> bool {
    let length = 1..=MAX_LABEL;
    let inside = label.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    length.contains(&label.len()) && inside && !label.starts_with('-') && !label.ends_with('-')
}
