//! Documents that were parsed and measured, kept for the next request with the same text.
//!
//! The key is the text itself and its hash is seeded: no one can bring a document in under another's text. Only what
//! does not depend on variables or the caller is kept, and nothing that was refused.

use std::hash::RandomState;
use std::sync::Arc;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{OptionsBuilder, Weighter};

use crate::gql::limit::{Document, Limits, Refusal};

pub struct Documents(Cache<Arc<str>, Arc<Document>, ByBytes, RandomState>);

#[derive(Clone)]
struct ByBytes;

impl Weighter<Arc<str>, Arc<Document>> for ByBytes {
    fn weight(&self, text: &Arc<str>, document: &Arc<Document>) -> u64 {
        text.len() as u64 + document.bytes() + 200
    }
}

impl Documents {
    pub fn new(bytes: u64) -> Documents {
        let (estimated, lifecycle) = ((bytes / 10_000).max(16) as usize, DefaultLifecycle::default());
        let mut options = OptionsBuilder::new();
        options.estimated_items_capacity(estimated).weight_capacity(bytes).shards(8);
        Documents(match options.build() {
            Ok(options) => Cache::with_options(options, ByBytes, RandomState::new(), lifecycle),
            Err(_) => Cache::with(estimated, bytes, ByBytes, RandomState::new(), lifecycle),
        })
    }

    pub fn read(&self, text: &str, limits: &Limits) -> Result<Arc<Document>, Refusal> {
        if let Some(document) = self.0.get(text) {
            return Ok(document);
        }
        let document = Arc::new(Document::read(text, limits)?);
        self.0.insert(text.into(), document.clone());
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_once_and_memory_is_bounded() {
        let (documents, limits) = (Documents::new(100_000), Limits::default());
        let read = |text: &str| documents.read(text, &limits);
        let first = read("{ a }").expect("a document");
        let again = read("{ a }").expect("a document");
        assert!(Arc::ptr_eq(&first, &again));
        assert!(read("{ a").is_err());
        for n in 0..5_000 {
            assert!(read(&format!("{{ a{n} {{ b c d }} }}")).is_ok());
        }
        assert!(documents.0.weight() <= 100_000);
        assert!(documents.0.len() > 10);
    }
}
