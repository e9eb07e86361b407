//! What a reader may rely on everywhere in the house, as tests.

mod dialect;
mod imports;
mod paths;
mod source;
