//! One page of a list: how many, from where, in which direction.

use std::sync::Arc;

use crate::base::error::{Error, Result};

/// A first page without `first` or `last` has this many.
pub const DEFAULT_PAGE: usize = 20;
/// The largest page a client may ask for.
pub const MAX_PAGE: usize = 100;

/// A page as asked for, checked. `after` and `before` are decoded cursors of type `C`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Page<C> {
    pub size: usize,
    /// True for `last`/`before`: read from the far end, then turned round.
    pub backward: bool,
    pub after: Option<C>,
    pub before: Option<C>,
}

impl<C> Page<C> {
    /// Checks the four arguments of a connection.
    pub fn new(first: Option<i32>, after: Option<C>, last: Option<i32>, before: Option<C>) -> Result<Page<C>> {
        if first.is_some() && last.is_some() {
            return Err(Error::bad_input("Give first or last, not both."));
        }
        let backward = last.is_some();
        let asked = first.or(last).map_or(Ok(DEFAULT_PAGE), |asked| {
            usize::try_from(asked)
                .ok()
                .filter(|size| *size <= MAX_PAGE)
                .ok_or_else(|| Error::bad_input(format!("A page has between 0 and {MAX_PAGE} items.")))
        })?;
        Ok(Page { size: asked, backward, after, before })
    }
}

/// What a page found: the rows in the list's own order, shared by all who asked for the same page, and whether there
/// are more on either side.
#[derive(Clone, Debug)]
pub struct Slice<T> {
    pub rows: Vec<Arc<T>>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Slice<T> {
    /// Makes a slice of what a query for `size + 1` rows in the page's direction brought.
    pub fn from_probe<C>(mut rows: Vec<T>, page: &Page<C>) -> Slice<T> {
        let more = rows.len() > page.size;
        rows.truncate(page.size);
        let mut rows: Vec<Arc<T>> = rows.into_iter().map(Arc::new).collect();
        if page.backward {
            rows.reverse();
            Slice { rows, has_previous: more, has_next: page.before.is_some() }
        } else {
            Slice { rows, has_previous: page.after.is_some(), has_next: more }
        }
    }
}
