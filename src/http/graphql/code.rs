//! A code for every error, and nothing in an error that is not the client's business.

use async_graphql::{ErrorExtensionValues, ServerError, Value};

use crate::base::error::Code;
use crate::gql::error::{INTERNAL_MESSAGE, VALIDATION_FAILED};

/// More errors than this say nothing that these do not, and a small document can have very many.
const MOST_ERRORS: usize = 100;
/// async-graphql repeats the value it could not use, however long.
const MOST_CHARACTERS: usize = 500;

/// Gives codes to errors that have none, and the request's id to those that only the log can explain.
pub fn label(errors: &mut Vec<ServerError>, request_id: Option<&str>) {
    errors.truncate(MOST_ERRORS);
    for error in errors {
        let code = match code_of(error) {
            Some(code) => code.to_owned(),
            None => missing_code(error).to_owned(),
        };
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        extensions.set("code", code.as_str());
        if code == Code::Internal.as_str() {
            INTERNAL_MESSAGE.clone_into(&mut error.message);
            if let Some(id) = request_id {
                extensions.set("requestId", id);
            }
        } else if let Some((end, _)) = error.message.char_indices().nth(MOST_CHARACTERS) {
            error.message.truncate(end);
            error.message.push('…');
        }
    }
}

pub fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// async-graphql gives its own errors no code. Those of the validation have no path, and arguments that cannot be
/// read are known by their words; what else comes out of a resolver was not meant for the client.
fn missing_code(error: &ServerError) -> &'static str {
    if is_unusable_input(error) {
        Code::BadUserInput.as_str()
    } else if error.path.is_empty() && error.source.is_none() {
        VALIDATION_FAILED
    } else {
        tracing::error!(error = error.message, path = ?error.path, "a resolver failed without a code");
        Code::Internal.as_str()
    }
}

/// Whether async-graphql could not read an argument or a variable. It says so in three ways, none of which a
/// converted error can have said: that one would bring its source along.
pub fn is_unusable_input(error: &ServerError) -> bool {
    let ways = ["Invalid value for argument", "Expected input type \"", "Failed to parse \""];
    error.source.is_none() && code_of(error).is_none() && ways.iter().any(|start| error.message.starts_with(start))
}
