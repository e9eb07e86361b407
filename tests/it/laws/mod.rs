//! What a reader may rely on everywhere in the house, as tests.

mod access;
mod dialect;
mod imports;
mod links;
mod paths;
mod schema;
mod source;
mod statements;
mod text;
