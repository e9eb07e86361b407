//! How a command fails: one line that says what to do, and an exit code.

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
    let text = wrong.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.starts_with("Usage:"));
    let kept: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("For more information")).collect();
    let message = one_line(&kept.join(" "));
    Failure::usage(format!("{}; see jifen --help", message.trim_start_matches("error: ").trim_end_matches('.')))
}
