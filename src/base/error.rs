//! The one error of the program.
//!
//! It deliberately does **not** implement `Display`: async-graphql turns any `Display` error into a message the
//! client can read, and `?` on a database error would then leak SQL. The only ways out are the public message of a
//! [`Code`] and the log.

use std::borrow::Cow;
use std::fmt;

/// What a client is told about a failure that is not a user error of its own mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// No valid session came with the request.
    Unauthenticated,
    /// The access token was valid once; refresh it and try again.
    TokenExpired,
    /// The session is valid, but may not do this.
    Forbidden,
    /// Too many attempts; wait and try again.
    RateLimited,
    /// The document is too deep, too wide or too expensive.
    QueryTooComplex,
    /// An argument cannot be used as it is.
    BadUserInput,
    /// The server cannot take the request now; the same request with the same key may be sent again.
    Unavailable,
    /// The request ran out of time; the same request with the same key may be sent again.
    Timeout,
    /// A defect on our side. The log has the story under the request's id.
    Internal,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::TokenExpired => "TOKEN_EXPIRED",
            Code::Forbidden => "FORBIDDEN",
            Code::RateLimited => "RATE_LIMITED",
            Code::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Code::BadUserInput => "BAD_USER_INPUT",
            Code::Unavailable => "UNAVAILABLE",
            Code::Timeout => "TIMEOUT",
            Code::Internal => "INTERNAL",
        }
    }
}

/// A failure that stops a request: a code, a sentence for the client, and for the log what lies beneath it.
pub struct Error {
    pub code: Code,
    /// Safe to show to a client: never SQL, a path, a token or personal data.
    pub message: Cow<'static, str>,
    /// With `RATE_LIMITED`: whole seconds to wait before the next try.
    pub retry_after_seconds: Option<i64>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Error {
        Error { code, message: message.into(), retry_after_seconds: None, source: None }
    }

    pub fn bad_input(message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Code::BadUserInput, message)
    }

    pub fn unauthenticated() -> Error {
        Error::new(Code::Unauthenticated, "Log in first: this needs a valid access token.")
    }

    pub fn forbidden() -> Error {
        Error::new(Code::Forbidden, "This is for staff. Whoever was just given the role logs in again first.")
    }

    pub fn unavailable() -> Error {
        Error::new(Code::Unavailable, "The server is busy. Send the same request again, with the same key.")
    }

    /// A defect or an outage beneath us. The cause goes to the log only.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error {
            retry_after_seconds: None,
            code: Code::Internal,
            message: Cow::Borrowed("Something went wrong on our side."),
            source: Some(source.into()),
        }
    }

    /// Says how long to wait.
    pub fn retry_after(self, seconds: i64) -> Error {
        Error { retry_after_seconds: Some(seconds), ..self }
    }

    /// Keeps the cause for the log beside a public code.
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        self.source = Some(source.into());
        self
    }

    /// What lies directly beneath it, if it is of this kind.
    pub fn cause<T: std::error::Error + 'static>(&self) -> Option<&T> {
        self.source.as_deref()?.downcast_ref()
    }

    /// The same failure as something else to the client; the log keeps the cause.
    pub fn told_as(self, code: Code, message: impl Into<Cow<'static, str>>) -> Error {
        Error { code, message: message.into(), ..self }
    }

    /// The whole story for the log: the public message, then each cause beneath it.
    pub fn chain(&self) -> String {
        let mut story = self.message.to_string();
        let mut cause = self.source.as_deref().map(|source| source as &dyn std::error::Error);
        while let Some(error) = cause {
            story.push_str(": ");
            story.push_str(&error.to_string());
            cause = error.source();
        }
        story
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.chain())
    }
}
