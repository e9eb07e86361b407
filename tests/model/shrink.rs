//! Making a script that fails as short as can be: what is left out, and still fails, was not needed.

use crate::script::{Group, Script, Wait};

/// The shortest script found that still fails.
pub fn shrink(script: Script, fails: impl Fn(&Script) -> bool) -> Script {
    let mut best = truncated(script, &fails);
    loop {
        let before = best.len();
        best = without_steps(best, &fails);
        best = without_groups(best, &fails);
        if best.len() == before {
            return best;
        }
    }
}

/// Groups after the failure say nothing.
fn truncated(script: Script, fails: &impl Fn(&Script) -> bool) -> Script {
    let first = |count: usize| Script { groups: script.groups[..count].to_vec() };
    (0..=script.groups.len()).map(first).find(fails).unwrap_or(script)
}

fn without_steps(mut best: Script, fails: &impl Fn(&Script) -> bool) -> Script {
    for group in (0..best.groups.len()).rev() {
        for step in (0..best.groups[group].steps.len()).rev() {
            let mut shorter = best.clone();
            shorter.groups[group].steps.remove(step);
            if fails(&shorter) {
                best = shorter;
            }
        }
    }
    best
}

/// A group without steps is a wait, which may be needed.
fn without_groups(mut best: Script, fails: &impl Fn(&Script) -> bool) -> Script {
    for at in (0..best.groups.len()).rev() {
        let mut shorter = best.clone();
        shorter.groups.remove(at);
        if !fails(&shorter) {
            let calm = Group { wait: Wait::By(0), ..best.groups[at].clone() };
            shorter = best.clone();
            shorter.groups[at] = calm;
        }
        if fails(&shorter) {
            best = shorter;
        }
    }
    best
}
