//! Conditions that mean the same in fewer parts, so that they can be told.

use super::Condition;

impl Condition {
    /// A condition that holds for nothing.
    fn never() -> Condition {
        Condition::Any(Vec::new())
    }

    /// Whether it holds for nothing, whatever its parts ask for.
    pub fn never_holds(&self) -> bool {
        self.simple() == Condition::never()
    }

    /// The same without what says nothing: an *all* within an *all*, an *any* within an *any*, a *not* of a *not*, a list of
    /// one. What always holds is an empty *all*, what never does an empty *any*. What an *all* excepts is its last part.
    pub fn simple(&self) -> Condition {
        match self {
            Condition::All(parts) => {
                let parts = flat(parts, |part| match part {
                    Condition::All(parts) => Ok(parts),
                    other => Err(other),
                });
                if parts.contains(&Condition::never()) {
                    return Condition::never();
                }
                let is_exception = |part: &Condition| matches!(part, Condition::Not(_));
                let (exceptions, mut wanted): (Vec<_>, Vec<_>) = parts.into_iter().partition(is_exception);
                wanted.extend(together(exceptions));
                one_or(wanted, Condition::All)
            }
            Condition::Any(parts) => {
                let parts = flat(parts, |part| match part {
                    Condition::Any(parts) => Ok(parts),
                    other => Err(other),
                });
                if parts.contains(&Condition::always()) { Condition::always() } else { one_or(parts, Condition::Any) }
            }
            Condition::Not(part) => match part.simple() {
                Condition::Not(part) => *part,
                Condition::All(parts) if parts.is_empty() => Condition::never(),
                Condition::Any(parts) if parts.is_empty() => Condition::always(),
                part => Condition::Not(Box::new(part)),
            },
            one => one.clone(),
        }
    }
}

/// Simple parts one after another, with those of a part of the same kind in its place.
fn flat(parts: &[Condition], within: fn(Condition) -> Result<Vec<Condition>, Condition>) -> Vec<Condition> {
    parts.iter().flat_map(|part| within(part.simple()).unwrap_or_else(|other| vec![other])).collect()
}

/// Exceptions as one: neither this nor that is not one of both.
fn together(mut exceptions: Vec<Condition>) -> Option<Condition> {
    if exceptions.len() < 2 {
        return exceptions.pop();
    }
    let excepted = exceptions.into_iter().map(|exception| Condition::Not(Box::new(exception)));
    Some(Condition::Not(Box::new(Condition::Any(excepted.collect()).simple())))
}

fn one_or(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn read(condition: &Json) -> Condition {
        serde_json::from_value(condition.clone()).expect("a condition")
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        let (sat, app, first) =
            (json!({ "weekdays": [6] }), json!({ "channel": ["APP"] }), json!({ "firstOrder": {} }));
        let not = |part: &Json| json!({ "not": part });
        let (always, never) = (json!({ "all": [] }), json!({ "any": [] }));
        for (set, simple) in [
            (not(&not(&sat)), sat.clone()),
            (not(&always), never.clone()),
            (not(&never), always.clone()),
            (json!({ "all": [always, { "any": [sat] }] }), sat.clone()),
            (json!({ "all": [sat, { "any": [] }] }), never.clone()),
            (json!({ "any": [never, sat, { "any": [app, never] }] }), json!({ "any": [sat, app] })),
            (json!({ "any": [sat, { "not": { "any": [] } }] }), always.clone()),
            (json!({ "all": [not(&sat), { "all": [app, first] }] }), json!({ "all": [app, first, not(&sat)] })),
            (
                json!({ "all": [not(&sat), first, not(&app)] }),
                json!({ "all": [first, not(&json!({ "any": [sat, app] }))] }),
            ),
            (json!({ "any": [not(&sat), app] }), json!({ "any": [not(&sat), app] })),
        ] {
            assert_eq!(read(&set).simple(), read(&simple), "{set}");
            assert_eq!(read(&set).never_holds(), simple == never, "{set}");
        }
    }
}
