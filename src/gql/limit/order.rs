//! The fragments of a document, what is spread before what spreads it.
//!
//! With that order every fragment is measured once, and nothing has to follow a spread: the walks over a document
//! recurse within one definition only, whose depth the parser has bounded.

use std::collections::{BTreeSet, HashMap, HashSet};

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};

use super::{Limits, Refusal};

/// The names of all fragments in order, and for every operation those it reaches, in the same order.
#[derive(Debug, Default)]
pub struct Order {
    pub fragments: Vec<Name>,
    pub reached: HashMap<Option<Name>, Vec<Name>>,
}

type Spreads<'a> = HashMap<&'a str, BTreeSet<&'a str>>;

pub fn order(document: &ExecutableDocument, limits: &Limits) -> Result<Order, Refusal> {
    if document.fragments.len() > limits.fragments {
        return Err(Refusal::too_complex(format!("A document may have {} fragments.", limits.fragments)));
    }
    let spreads: Spreads = (document.fragments.iter())
        .map(|(name, fragment)| (name.as_str(), spread_in(document, &fragment.node.selection_set.node)))
        .collect();
    let sorted = sort(document, &spreads)?;
    let reached = (document.operations.iter())
        .map(|(name, operation)| {
            let first = spread_in(document, &operation.node.selection_set.node);
            let all = reach(first, &spreads);
            (name.cloned(), sorted.iter().filter(|fragment| all.contains(fragment.as_str())).cloned().collect())
        })
        .collect();
    Ok(Order { fragments: sorted, reached })
}

/// The known fragments that a selection set spreads. Unknown ones are left to async-graphql's validation.
fn spread_in<'a>(document: &'a ExecutableDocument, set: &'a SelectionSet) -> BTreeSet<&'a str> {
    fn collect<'a>(document: &ExecutableDocument, set: &'a SelectionSet, found: &mut BTreeSet<&'a str>) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => collect(document, &field.node.selection_set.node, found),
                Selection::InlineFragment(inline) => collect(document, &inline.node.selection_set.node, found),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if document.fragments.contains_key(name) {
                        found.insert(name.as_str());
                    }
                }
            }
        }
    }
    let mut found = BTreeSet::new();
    collect(document, set, &mut found);
    found
}

/// Takes away, again and again, a fragment whose spreads are all taken already. What cannot be taken is in a circle.
fn sort(document: &ExecutableDocument, spreads: &Spreads) -> Result<Vec<Name>, Refusal> {
    let mut spread_by: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut waiting: HashMap<&str, usize> = HashMap::new();
    let mut ready: Vec<&str> = Vec::new();
    for (&name, spread) in spreads {
        waiting.insert(name, spread.len());
        if spread.is_empty() {
            ready.push(name);
        }
        for &inner in spread {
            spread_by.entry(inner).or_default().push(name);
        }
    }
    let mut sorted = Vec::with_capacity(spreads.len());
    while let Some(name) = ready.pop() {
        sorted.push(Name::new(name));
        waiting.remove(name);
        for &outer in spread_by.get(name).into_iter().flatten() {
            if let Some(left) = waiting.get_mut(outer) {
                *left -= 1;
                if *left == 0 {
                    ready.push(outer);
                }
            }
        }
    }
    if waiting.is_empty() { Ok(sorted) } else { Err(circle(document, spreads, &waiting)) }
}

/// Names a member of a circle: whoever follows spreads among those left over comes by one twice.
fn circle(document: &ExecutableDocument, spreads: &Spreads, left: &HashMap<&str, usize>) -> Refusal {
    let mut seen = HashSet::new();
    let mut at = left.keys().copied().min();
    while let Some(name) = at {
        if !seen.insert(name) {
            let refusal = Refusal::invalid(format!("Fragment \"{name}\" spreads itself, directly or through others."));
            return match document.fragments.get(name) {
                Some(fragment) => refusal.at(fragment.pos),
                None => refusal,
            };
        }
        at = spreads.get(name).into_iter().flatten().copied().find(|inner| left.contains_key(inner));
    }
    Refusal::invalid("Fragments must not spread themselves.")
}

fn reach<'a>(first: BTreeSet<&'a str>, spreads: &Spreads<'a>) -> HashSet<&'a str> {
    let mut reached = HashSet::new();
    let mut next: Vec<&str> = first.into_iter().collect();
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(spreads.get(name).into_iter().flatten());
        }
    }
    reached
}
