//! Carrying a simulation out: order by order, and between two pages whoever else waits is let go first.

use std::collections::HashSet;

use crate::app::App;
use crate::base::clock::{Instant, SECOND};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::domain::earning::query::{NewestRevision, SharesOf, list_budgets};
use crate::domain::earning::rule::asked::Asked;
use crate::domain::earning::rule::terms::{Rule, Rules};
use crate::domain::member::query::TagsOf;
use crate::domain::order::entity::order;
use crate::domain::order::query::{LinesOf, ReturnsOf, count_purchases, list_placed, place_of};
use crate::domain::points::query::mergers::{Merged, list_merged};
use crate::domain::points::rule::program::zone;
use crate::domain::segment::query::Fits;
use crate::domain::segment::service::today;
use crate::domain::simulation::entity::simulation;
use crate::domain::simulation::query::{finish, go_on, is_any_free, take_on};
use crate::domain::simulation::rule::draft::Draft;
use crate::domain::simulation::rule::replay::{Known, Past, Replay};
use crate::domain::tier::query::list_steps;

/// Orders read at once.
const PAGE: u64 = 1_000;
/// For how long a worker that says nothing is waited for.
const HELD: i64 = 60 * SECOND;
/// Workers that may come to grief over the same simulation.
const ATTEMPTS: i64 = 3;

/// Carries out the simulation that has waited longest. False when none waits.
pub async fn run_next(app: &App) -> Result<bool> {
    if !is_any_free(&app.db.read, app.clock.now()).await? {
        return Ok(false);
    }
    let Some((row, worker_id)) = take(app).await? else { return Ok(false) };
    let mine = (row.id, worker_id);
    if row.attempts > ATTEMPTS {
        end(app, mine, (row.done, None)).await?;
        return Ok(true);
    }
    match play(app, &row, worker_id).await {
        Ok(Some((done, outcome))) => end(app, mine, (done, Some(outcome))).await?,
        // It was called off, or somebody else took it for abandoned.
        Ok(None) => {}
        // It is let go when its time is over, and tried again, here or elsewhere.
        Err(error) => tracing::error!(error = error.chain(), simulation_id = %row.id, "a simulation broke off"),
    }
    Ok(true)
}

/// Takes on the simulation that has waited longest, under an id that nobody else has.
async fn take(app: &App) -> Result<Option<(simulation::Model, Id)>> {
    let (worker_id, now) = (app.ids.next(), app.clock.now());
    let taken = app.db.write_statement(move |pool| async move { Ok(take_on(&pool, worker_id, now, held(now)).await?) });
    Ok(taken.await?.map(|row| (row, worker_id)))
}

fn held(now: Instant) -> Instant {
    Instant(now.micros().saturating_add(HELD))
}

async fn end(app: &App, mine: (Id, Id), (done, outcome): (i64, Option<String>)) -> Result<()> {
    let now = app.clock.now();
    let work = move |pool| {
        let outcome = outcome.clone();
        async move { Ok(finish(&pool, mine, (done, outcome), now).await?) }
    };
    app.db.write_statement(work).await.map(drop)
}

/// Plays the draft over all orders of its days: how many there were, and what came of it. `None` when it is no longer ours.
async fn play(app: &App, row: &simulation::Model, worker_id: Id) -> Result<Option<(i64, String)>> {
    let draft = Draft::read(&row.draft).ok_or_else(|| Error::internal("this build cannot read a draft"))?;
    let mut replay = set_up(app, row, &draft).await?;
    let (from, until) =
        draft.bounds(&replay.zone).ok_or_else(|| Error::internal("a draft is for days that are no days"))?;
    let (mut behind, mut done, mut told_at) = ((from.micros(), Id::nil(), Id::nil()), 0, app.clock.now());
    loop {
        let orders = list_placed(&app.db.read, behind, until, PAGE).await?;
        let Some(last) = orders.last() else { return Ok(Some((done, replay.close().write()))) };
        behind = place_of(last);
        done += orders.len() as i64;
        let page = with_lines(app, orders).await?;
        meet(app, &mut replay, &page, from).await?;
        // Plain reckoning, and a page of it is longer than others should be kept waiting.
        let played = tokio::task::spawn_blocking(move || {
            page.iter().for_each(|past| replay.play(past));
            replay
        });
        replay = played.await.map_err(Error::internal)?;
        let now = app.clock.now();
        if now.micros() - told_at.micros() >= SECOND {
            told_at = now;
            let (mine, until) = ((row.id, worker_id), held(now));
            let work = move |pool| async move { Ok(go_on(&pool, mine, done, until).await?) };
            if !app.db.write_statement(work).await? {
                return Ok(None);
            }
        }
    }
}

/// Orders with their lines, what rules gave for them, and what the shop gave up when they came back.
async fn with_lines(app: &App, orders: Vec<order::Model>) -> Result<Vec<Past>> {
    let lines_of = |order: &order::Model| LinesOf(order.member_id, order.id);
    let shares_of = |order: &order::Model| SharesOf(order.member_id, order.id);
    let returns_of = |order: &order::Model| ReturnsOf(order.member_id, order.id);
    let (lines, shares, returns) = tokio::try_join!(
        app.hub.find_all(orders.iter().map(lines_of)),
        app.hub.find_all(orders.iter().map(shares_of)),
        app.hub.find_all(orders.iter().filter(|order| order.points_clawed > 0).map(returns_of))
    )?;
    let given_up = |order: &order::Model| {
        let returns = returns.get(&returns_of(order)).cloned().unwrap_or_default();
        returns.iter().map(|row| row.points_written_off).sum()
    };
    let past = orders.into_iter().map(|order| Past {
        given_up: given_up(&order),
        lines: lines.get(&lines_of(&order)).cloned().unwrap_or_default(),
        shares: shares.get(&shares_of(&order)).cloned().unwrap_or_default(),
        order,
    });
    Ok(past.collect())
}

/// The program as the draft would have it, with all budgets whole.
async fn set_up(app: &App, row: &simulation::Model, draft: &Draft) -> Result<Replay> {
    let program = app.programs.get(&app.db.read, row.version).await?;
    let in_force = app.rules.get(&app.db.read, row.version).await?;
    let named = app.hub.find_all(draft.with.iter().map(|id| NewestRevision(*id))).await?;
    let rules: Rules = draft.rules(&in_force, named.values().map(|rule| (**rule).clone()));
    let mut tiers = app.tiers.get(&app.db.read, row.version).await?.map(|set| (*set).clone());
    for tier in tiers.iter_mut().flat_map(|set| &mut set.tiers) {
        tier.row.multiplier = draft.multipliers.get(&tier.row.id).copied().unwrap_or(tier.row.multiplier);
    }
    let mut replay = Replay::new(draft.settings.in_place_of(&program), zone(&program), rules, tiers);
    let budgeted = replay.rules.all().iter().filter(|rule| rule.row.budgeted).map(Rule::id).collect();
    let budgets = list_budgets(&app.db.read, budgeted).await?;
    replay.budgets.extend(budgets.into_iter().map(|budget| (budget.id, budget.granted)));
    Ok(replay)
}

/// Looks up the members of a page that have not been met before, and whoever was merged into them.
async fn meet(app: &App, replay: &mut Replay, page: &[Past], from: Instant) -> Result<()> {
    let strangers: HashSet<Id> = page.iter().map(|past| past.order.member_id).collect();
    let strangers: Vec<Id> = strangers.into_iter().filter(|id| !replay.members.contains_key(id)).collect();
    if strangers.is_empty() {
        return Ok(());
    }
    let merged = list_merged(&app.db, &strangers).await?;
    // Somebody may be merged while this runs who was met before; what is known of them by now stays.
    let everybody = strangers.iter().copied().chain(merged.iter().map(|merged| merged.from_id));
    let everybody: HashSet<Id> = everybody.filter(|id| !replay.members.contains_key(id)).collect();
    replay.members.extend(everybody.iter().map(|id| (*id, Known::default())));
    replay.mergers.extend(merged.iter().map(|merged| ((merged.created_at, merged.from_id), merged.into_id)));
    for counted in count_purchases(&app.db, &strangers, from).await? {
        let buyer_id = counted.other_wallet.filter(|wallet| replay.members.contains_key(wallet));
        let buyer_id = buyer_id.unwrap_or(counted.member_id);
        if everybody.contains(&buyer_id) {
            replay.members.entry(buyer_id).or_default().purchases += counted.rows;
        }
    }
    if replay.tiers.is_some() {
        for step in list_steps(&app.db, &everybody.iter().copied().collect::<Vec<_>>()).await? {
            let known = replay.members.entry(step.member_id).or_default();
            known.tiers.push((step.effective_at, step.to_id));
        }
    }
    let Asked { tags, segments } = Asked::by(replay.rules.all().iter().map(|rule| &rule.terms.condition));
    if tags {
        let tags = app.hub.find_all(strangers.iter().map(|id| TagsOf(*id))).await?;
        for (TagsOf(id), tags) in tags.iter() {
            replay.members.entry(*id).or_default().tags.clone_from(tags);
        }
    }
    if !segments.is_empty() {
        let today = today(app);
        let asked = strangers.iter().flat_map(|member_id| {
            let of = |segment_id: &Id| Fits { member_id: *member_id, segment_id: *segment_id, today: today.clone() };
            segments.iter().map(of).collect::<Vec<_>>()
        });
        let fits = app.hub.find_all(asked).await?;
        for (Fits { member_id, segment_id, .. }, _) in fits.iter().filter(|(_, fits)| **fits) {
            replay.members.entry(*member_id).or_default().segments.insert(*segment_id);
        }
    }
    // Whoever was merged has the tags and segments of who has everything of them.
    for Merged { keeper_id, from_id, .. } in merged {
        let keeper = replay.members.get(&keeper_id).cloned().unwrap_or_default();
        let known = replay.members.entry(from_id).or_default();
        (known.tags, known.segments) = (keeper.tags, keeper.segments);
    }
    Ok(())
}
