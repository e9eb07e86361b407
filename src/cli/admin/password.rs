//! Reading a password: from the environment, from a line of a file or another program, or from somebody who types it.
//! Never from an argument, which every user of the machine could read.

use std::env::VarError;
use std::io::{BufRead, BufReader, IsTerminal, Read, stdin};

use crate::cli::Failure;

const VARIABLE: &str = "JIFEN_ADMIN_PASSWORD";
/// No password is longer, in bytes: what comes after is not read.
const LONGEST: u64 = 4_096;

/// The password of a new account.
pub fn read() -> Result<String, Failure> {
    match std::env::var(VARIABLE) {
        Ok(password) => Ok(password),
        Err(VarError::NotUnicode(_)) => Err(Failure::usage(format!("{VARIABLE} is not UTF-8"))),
        Err(VarError::NotPresent) if stdin().is_terminal() => ask(),
        Err(VarError::NotPresent) => first_line(stdin().lock()),
    }
}

/// Asks for it twice, since what is typed is not shown.
fn ask() -> Result<String, Failure> {
    let password = prompt("Password: ")?;
    if prompt("The same again: ")? == password {
        Ok(password)
    } else {
        Err(Failure::usage("these were two different passwords; no account was made"))
    }
}

fn prompt(words: &str) -> Result<String, Failure> {
    eprint!("{words}");
    rpassword::read_password().map_err(|cause| Failure::usage(format!("the password cannot be read: {cause}")))
}

fn first_line(input: impl Read) -> Result<String, Failure> {
    let mut line = Vec::new();
    let read = BufReader::new(input.take(LONGEST)).read_until(b'\n', &mut line);
    read.map_err(|cause| Failure::usage(format!("the password cannot be read from stdin: {cause}")))?;
    let line = String::from_utf8(line).map_err(|_| Failure::usage("the password on stdin is not UTF-8"))?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(Failure::usage(format!(
            "there is no password: set {VARIABLE}, or write the password on the first line of stdin"
        )));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_is_the_password_as_it_stands() {
        for (input, password) in [
            ("a cup of tea", "a cup of tea"),
            ("a cup of tea\n", "a cup of tea"),
            ("a cup of tea\r\nand more\n", "a cup of tea"),
            (" spaces stay \n", " spaces stay "),
        ] {
            assert_eq!(first_line(input.as_bytes()).unwrap(), password);
        }
        for input in [&b""[..], b"\n", b"\r\nlater\n", b"\xff\xff\n"] {
            assert_eq!(first_line(input).unwrap_err().exit, 2);
        }
        let endless = vec![b'x'; 10_000];
        assert_eq!(first_line(endless.as_slice()).unwrap().len(), 4_096);
    }
}
