//! How a command fails: one line that says what to do, and an exit code.

use clap::error::{ContextKind, ContextValue};

use crate::base::error::{Code, Error};

/// A failure of a command.
#[derive(Debug)]
pub struct Failure {
    pub message: String,
    pub exit: u8,
}

impl Failure {
    /// A setting or a file that cannot be used as it is.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), exit: 2 }
    }

    /// Something was checked and does not hold.
    pub fn check(message: impl Into<String>) -> Failure {
        Failure { message: message.into(), exit: 1 }
    }

    /// What was to be found out is not known, because the database did not answer to the end. This must not look like
    /// something that does not hold. The cause is all the help there is.
    pub fn unknown(what: &str, error: &Error) -> Failure {
        Failure { message: format!("{what}: {}", one_line(&error.chain())), exit: 2 }
    }
}

impl From<Error> for Failure {
    /// On the command line the cause is shown: whoever runs the command may see it, and it is all the help there is.
    fn from(error: Error) -> Failure {
        let message = match error.code {
            Code::Internal => error.chain(),
            _ => error.message.to_string(),
        };
        Failure { message: one_line(&message), exit: 1 }
    }
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// clap explains a wrong setting over several lines; the first paragraph and its tip say all that is needed.
pub fn wrong_setting(wrong: &clap::Error) -> Failure {
    let mut text = wrong.to_string();
    if let (Some(ContextValue::String(arg)), Some(ContextValue::String(value))) =
        (wrong.get(ContextKind::InvalidArg), wrong.get(ContextKind::InvalidValue))
        && arg.starts_with("--database-url")
    {
        // It may hold a password.
        text = text.replace(value, "…");
    }
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let kept: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information")).collect();
    let message = one_line(&kept.join(" "));
    Failure::usage(format!("{}; see jifen --help", message.trim_start_matches("error: ").trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::config::Cli;

    #[test]
    fn a_wrong_setting_is_told_in_one_line() {
        for (arguments, words) in [
            (vec!["serve", "--listen", "9"], "an address and a port, such as 127.0.0.1:8000; see jifen --help"),
            (vec!["serve", "--log-format", "xml"], "[possible values: text, json]; see jifen --help"),
            (vec!["serve", "--committers", "0"], "0 is not in 1..=64; see jifen --help"),
            (vec!["verify", "--database-url", "mysql://h/d"], "begin with sqlite:// or postgres://; see jifen --help"),
            (vec!["serve", "--cors-origins", "*"], "a web site such as https://shop.example; see jifen --help"),
            (vec!["import", "orders"], "not provided: <FILE>; see jifen --help"),
            (vec!["admin", "create"], "not provided: --username <NAME> --email <ADDRESS>; see jifen --help"),
            (vec!["fly"], "unrecognized subcommand 'fly'; see jifen --help"),
        ] {
            let failure = wrong_setting(&Cli::try_parse_from([&["jifen"], arguments.as_slice()].concat()).unwrap_err());
            assert!(failure.message.ends_with(words), "{}", failure.message);
            assert!(!failure.message.contains('\n'), "{}", failure.message);
            assert_eq!(failure.exit, 2);
        }
    }

    #[test]
    fn a_password_in_a_wrong_url_is_not_shown() {
        let arguments = ["jifen", "verify", "--database-url", "mysql://root:secret@host/shop"];
        let failure = wrong_setting(&Cli::try_parse_from(arguments).unwrap_err());
        assert!(!failure.message.contains("secret"), "{}", failure.message);
    }
}
