//! How the program's error becomes one a client may see.
//!
//! `base::error::Error` has no `Display`, so async-graphql's blanket conversion does not apply to it and the one
//! below is the only way across. A resolver that returns `Result<T>` can therefore use `?` on our errors, and cannot
//! use it on a database error without wrapping it first.

use async_graphql::ErrorExtensionValues;

use crate::base::error::{Code, Error};

/// What a resolver returns.
pub type Result<T, E = async_graphql::Error> = std::result::Result<T, E>;

/// The text of the document is not GraphQL.
pub const PARSE_FAILED: &str = "GRAPHQL_PARSE_FAILED";
/// The document is GraphQL, but not for this schema.
pub const VALIDATION_FAILED: &str = "GRAPHQL_VALIDATION_FAILED";
/// All a client is told about a defect. The HTTP handler adds the request's id, which leads to the log.
pub const INTERNAL_MESSAGE: &str = "Something went wrong on our side.";

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> async_graphql::Error {
        report(&error);
        let message = match error.code {
            Code::Internal => INTERNAL_MESSAGE.to_owned(),
            _ => error.message.into_owned(),
        };
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", error.code.as_str());
        if let Some(seconds) = error.retry_after_seconds {
            extensions.set("retryAfterSeconds", seconds);
        }
        async_graphql::Error { message, source: None, extensions: Some(extensions) }
    }
}

/// The log gets the whole chain of what is our doing. A client's own mistakes are counted by their code in the span
/// of the operation, and their text (which may repeat what the client sent) stays out of the log.
fn report(error: &Error) {
    match error.code {
        Code::Internal => tracing::error!(error = error.chain(), "internal error"),
        Code::Unavailable | Code::Timeout => tracing::warn!(error = error.chain(), "temporary failure"),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: &async_graphql::Error) -> Option<&async_graphql::Value> {
        error.extensions.as_ref().and_then(|extensions| extensions.get("code"))
    }

    #[test]
    fn a_client_error_keeps_its_message_and_code() {
        let error = async_graphql::Error::from(Error::bad_input("Give first or last, not both."));
        assert_eq!(error.message, "Give first or last, not both.");
        assert_eq!(code(&error), Some(&"BAD_USER_INPUT".into()));
    }

    #[test]
    fn a_cause_never_reaches_the_client() {
        let secret = std::io::Error::other("SELECT password FROM account");
        let internal = async_graphql::Error::from(Error::new(Code::Internal, "row 7 of account").with_source(secret));
        assert_eq!(internal.message, INTERNAL_MESSAGE);
        assert!(internal.source.is_none());
        assert_eq!(code(&internal), Some(&"INTERNAL".into()));
    }
}
