//! A step as the command that the program is sent, and its answer in the words of both sides.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use jifen::base::clock::Instant;
use jifen::base::id::Id;
use jifen::commit::adjust::{self, AdjustPoints, DecideAdjustment};
use jifen::commit::deliver_order::{self, DeliverOrder};
use jifen::commit::earn::Outlook;
use jifen::commit::hold::{self, Deed, HoldPoints, UseHold};
use jifen::commit::household::{self, ChangeHousehold, CreateHousehold};
use jifen::commit::import_order::ImportOrder;
use jifen::commit::judge_tier::JudgeTier;
use jifen::commit::key::Key;
use jifen::commit::merge::MergeMembers;
use jifen::commit::place_order::{self, PlaceOrder};
use jifen::commit::protect_tier::ProtectTier;
use jifen::commit::record_event::RecordEvent;
use jifen::commit::redeem::{self, Redeem};
use jifen::commit::register::Register;
use jifen::commit::reinstate::{self, ReinstateExpired};
use jifen::commit::return_order::{self, ReturnOrder};
use jifen::commit::settle::Settle;
use jifen::commit::transfer::{self, TransferPoints};
use jifen::domain::catalog::entity::product;
use jifen::domain::earning::entity::earned_share;
use jifen::domain::earning::rule::terms::Rules;
use jifen::domain::member::entity::{HandleKind, member, profile};
use jifen::domain::order::rule::CartLine;
use jifen::domain::order::rule::take_back::{Piece, What as TakeBack};
use jifen::domain::points::entity::program;
use jifen::domain::points::rule::By;

use crate::names::{Serial, Tag, coupon_code, house, id, id_of, member_id, salt, staff_id};
use crate::rules::{Told, kind_of_event, standing};
use crate::script::{Act, Step, What};
use crate::world::{DAY, PRIZES, PRODUCTS, joined_at, product_id, reward};

/// What is known of an order.
pub struct SeenOrder {
    /// The version of the program it was decided with.
    pub program: Arc<program::Model>,
    /// The products by position.
    pub products: Vec<(i64, Id)>,
    pub coupon_code: Option<String>,
    /// The wallets its points were earned in and paid from, if not its member's, with those that took them over since.
    pub wallets: Vec<Id>,
    pub placed_at: i64,
    /// What rules gave for it, and the rules of that version.
    pub shares: Vec<Arc<earned_share::Model>>,
    pub rules: Arc<Rules>,
}

impl Default for SeenOrder {
    /// Of an order that nobody has found.
    fn default() -> SeenOrder {
        let program = Arc::new(crate::world::first_program());
        let (products, wallets, shares) = (Vec::new(), Vec::new(), Vec::new());
        SeenOrder { program, products, coupon_code: None, wallets, placed_at: 0, shares, rules: Arc::default() }
    }
}

/// What a client has read before it asks.
#[derive(Default)]
pub struct Seen {
    /// The order in question.
    pub order: Option<SeenOrder>,
    /// What the preview in question answered.
    pub token: Option<String>,
    /// The expiration in question, and when it took effect.
    pub expiration: Option<(Id, i64)>,
    /// The rules as its process knows them.
    pub outlook: Outlook,
    pub now: i64,
}

pub enum Sent {
    Register(Register),
    Place(PlaceOrder),
    Redeem(Redeem),
    Deliver(DeliverOrder),
    Return(ReturnOrder),
    Hold(HoldPoints),
    UseHold(UseHold),
    Transfer(TransferPoints),
    Adjust(AdjustPoints),
    Decide(DecideAdjustment),
    Reinstate(ReinstateExpired),
    Import(ImportOrder),
    Settle(Settle),
    CreateHousehold(CreateHousehold),
    ChangeHousehold(ChangeHousehold),
    Merge(MergeMembers),
    Event(RecordEvent),
    Protect(ProtectTier),
    Judge(JudgeTier),
}

/// The name under which the keys of an act are kept; `None` for what bears none.
pub fn operation(act: &Act) -> Option<&'static str> {
    Some(match act {
        Act::Place { .. } => place_order::OPERATION,
        Act::Redeem { .. } => redeem::OPERATION,
        Act::Deliver { .. } => deliver_order::OPERATION,
        Act::Return { what: What::Cancellation, .. } => return_order::CANCEL,
        Act::Return { .. } => return_order::REFUND,
        Act::Hold { by_staff: true, .. } => hold::HOLD_BY_STAFF,
        Act::Hold { .. } => hold::HOLD,
        Act::Capture { .. } => hold::CAPTURE,
        Act::Release { by_staff: true, .. } => hold::RELEASE_BY_STAFF,
        Act::Release { .. } => hold::RELEASE,
        Act::Transfer { .. } => transfer::OPERATION,
        Act::Adjust { .. } => adjust::ADJUST,
        Act::Decide { .. } => adjust::DECIDE,
        Act::Reinstate { .. } => reinstate::OPERATION,
        Act::Register { .. } | Act::Preview { .. } | Act::Import { .. } | Act::Settle => return None,
        Act::Program(_) | Act::Rule { .. } | Act::Tiers(_) | Act::Event(_) => return None,
        Act::Protect { .. } | Act::Judge => return None,
        Act::Household | Act::Invite { .. } | Act::Join { .. } | Act::Leave { .. } | Act::Merge { .. } => return None,
    })
}

/// The command of a step. Changing the program or its rules is none.
pub fn command(step: &Step, seen: Seen) -> Option<Sent> {
    let Step { serial, slot, act, .. } = step;
    let (serial, member) = (*serial, member_id(*slot));
    let thing = id(Tag::Thing, serial);
    let (seed, event_id) = (id(Tag::Seed, serial), id(Tag::Event, serial));
    let by = |by_staff: bool| if by_staff { By::staff(staff_id(0, *slot)) } else { By::member(member) };
    let used = |hold: Serial, deed: Deed, by_staff: bool| {
        let hold_id = id(Tag::Thing, hold);
        Sent::UseHold(UseHold { key: key(step), hold_id, deed, reason: None, by: by(by_staff), seed, event_id })
    };
    Some(match act {
        Act::Register { name } => Sent::Register(registration(serial, *slot, *name)),
        Act::Place { lines, coupon, points, purse, way } => Sent::Place(PlaceOrder {
            channel: way.channel,
            outlet_id: None,
            standing: standing(way.vip),
            outlook: seen.outlook,
            key: key(step),
            lines: lines.iter().map(|(place, quantity)| cart_line(*place, *quantity)).collect(),
            coupon_code: coupon.map(coupon_code),
            points: *points,
            purse: *purse,
            products: products(),
            order_id: thing,
            number: format!("order {} {serial}", salt()),
            seed,
            event_id,
        }),
        Act::Redeem { prize, quantity, purse } => {
            let coupons = if PRIZES[*prize].value.is_some() { *quantity as u32 } else { 0 };
            let coupon = |nth| (id_of(Tag::Coupon, serial, nth), coupon_code((serial, nth)));
            Sent::Redeem(Redeem {
                prices: Default::default(),
                key: key(step),
                reward: reward(*prize),
                quantity: *quantity,
                purse: *purse,
                redemption_id: thing,
                seed,
                event_id,
                coupons: (0..coupons).map(coupon).collect(),
            })
        }
        Act::Deliver { order } => {
            let SeenOrder { program, wallets, .. } = seen.order.unwrap_or_default();
            let order_id = id(Tag::Thing, *order);
            Sent::Deliver(DeliverOrder { key: key(step), order_id, program, wallets, seed, event_id })
        }
        Act::Return { order, what, preview, restock } => {
            let preview = preview.map(|_| seen.token.clone().unwrap_or_else(|| "no such preview".to_owned()));
            Sent::Return(ReturnOrder { preview, restock: *restock, ..taken_back(step, *order, what, seen) })
        }
        Act::Preview { order, what } => {
            Sent::Return(ReturnOrder { is_preview: true, ..taken_back(step, *order, what, seen) })
        }
        Act::Hold { points, minutes, by_staff } => Sent::Hold(HoldPoints {
            key: key(step),
            points: *points,
            minutes: *minutes,
            reason: None,
            by: by(*by_staff),
            hold_id: thing,
            seed,
            event_id,
        }),
        Act::Capture { hold, points, finally } => {
            used(*hold, Deed::Capture { points: *points, finally: *finally }, true)
        }
        Act::Release { hold, points, by_staff } => used(*hold, Deed::Release { points: *points }, *by_staff),
        Act::Transfer { to, points } => Sent::Transfer(TransferPoints {
            key: key(step),
            to_member_id: member_id(*to),
            points: *points,
            transfer_id: thing,
            seed,
            seed_of_receiver: id(Tag::SeedOfReceiver, serial),
            event_ids: [event_id, id(Tag::OtherEvent, serial)],
        }),
        Act::Adjust { points, staff } => Sent::Adjust(AdjustPoints {
            key: key(step),
            points: *points,
            reason: "a correction".to_owned(),
            staff_id: staff_id(*staff, *slot),
            adjustment_id: thing,
            seed,
            event_id,
        }),
        Act::Decide { adjustment, approve, staff } => Sent::Decide(DecideAdjustment {
            key: key(step),
            adjustment_id: id(Tag::Thing, *adjustment),
            approve: *approve,
            staff_id: staff_id(*staff, *slot),
            seed,
            event_id,
        }),
        Act::Reinstate { staff, .. } => {
            let (txn_id, expired_at) = seen.expiration.unwrap_or((thing, seen.now));
            Sent::Reinstate(ReinstateExpired {
                key: key(step),
                txn_id,
                expired_at: Instant(expired_at),
                reason: None,
                staff_id: staff_id(*staff, *slot),
                seed,
                event_id,
            })
        }
        Act::Import { number, amount, days_ago } => Sent::Import(ImportOrder {
            member_id: member,
            number: format!("purchase {} {number}", salt()),
            amount: *amount,
            pieces: 1,
            placed_at: Instant(seen.now - days_ago * DAY),
            order_id: thing,
            seed,
            event_id,
        }),
        Act::Settle => Sent::Settle(Settle { member_id: member, seed }),
        Act::Household => Sent::CreateHousehold(CreateHousehold {
            member_id: member,
            name: "a household".to_owned(),
            household_id: member_id(house(serial)),
            seed,
            event_id,
        }),
        Act::Invite { household, guest, role } => changed(step, *household, *guest, household::Deed::Invite(*role)),
        Act::Join { household } => changed(step, *household, *slot, household::Deed::Join),
        Act::Leave { household, who } => changed(step, *household, *who, household::Deed::Leave),
        Act::Merge { into, staff } => Sent::Merge(MergeMembers {
            from_id: member,
            into_id: member_id(*into),
            reason: None,
            staff_id: staff_id(*staff, *slot),
            merger_id: thing,
            seed,
            event_id,
        }),
        Act::Event(told) => Sent::Event(recorded(step, told, seen)),
        Act::Protect { until } => Sent::Protect(ProtectTier {
            member_id: member,
            until: until.map(Instant),
            reason: "a promise".to_owned(),
            staff_id: staff_id(0, *slot),
            seed,
        }),
        Act::Judge => Sent::Judge(JudgeTier { member_id: member, seed }),
        Act::Program(_) | Act::Rule { .. } | Act::Tiers(_) => return None,
    })
}

fn changed(step: &Step, household: Serial, who: usize, deed: household::Deed) -> Sent {
    Sent::ChangeHousehold(ChangeHousehold {
        household_id: member_id(house(household)),
        by_id: member_id(step.slot),
        member_id: member_id(who),
        deed,
        merger_id: id(Tag::Thing, step.serial),
        seed: id(Tag::Seed, step.serial),
        event_id: id(Tag::Event, step.serial),
    })
}

fn recorded(step: &Step, told: &Told, seen: Seen) -> RecordEvent {
    RecordEvent {
        member_id: member_id(step.slot),
        event_type: Arc::new(kind_of_event(told.kind)),
        unique_key: told.key.to_string(),
        attributes: told.attributes(),
        request_hash: format!("{told:?}").into_bytes(),
        hash_of_before: Vec::new(),
        occurred_at: Some(Instant(seen.now - told.ago)).filter(|_| told.ago > 0),
        by: By::staff(staff_id(0, step.slot)),
        standing: standing(told.vip),
        outlook: seen.outlook,
        event_id: id(Tag::Thing, step.serial),
        seed: id(Tag::Seed, step.serial),
        outbox_id: id(Tag::Event, step.serial),
    }
}

fn key(step: &Step) -> Key {
    Key {
        member_id: member_id(step.slot),
        operation: operation(&step.act).unwrap_or("none"),
        key: step.key.to_string(),
        request_hash: format!("{:?}", step.act).into_bytes(),
    }
}

fn cart_line(place: usize, quantity: i64) -> CartLine {
    CartLine { product_id: product_id(place), quantity }
}

type Products = HashMap<Id, Arc<product::Model>>;

fn products() -> Products {
    thread_local! {
        static KNOWN: RefCell<(u32, Products)> = RefCell::new((u32::MAX, HashMap::new()));
    }
    KNOWN.with_borrow_mut(|known| {
        if known.0 != salt() {
            let product = |place| (product_id(place), crate::world::product(place));
            *known = (salt(), (0..PRODUCTS.len()).map(product).collect());
        }
        known.1.clone()
    })
}

fn taken_back(step: &Step, order: Serial, what: &What, seen: Seen) -> ReturnOrder {
    let SeenOrder { program, products, coupon_code, wallets, placed_at, shares, rules } =
        seen.order.unwrap_or_default();
    let pieces = |pieces: &[(i64, i64)]| {
        pieces.iter().map(|(position, quantity)| Piece { position: *position, quantity: *quantity }).collect()
    };
    ReturnOrder {
        rules,
        placed_at: Instant(placed_at),
        shares,
        key: key(step),
        order_id: id(Tag::Thing, order),
        what: match what {
            What::Cancellation => TakeBack::Cancellation,
            What::Pieces(wanted) => TakeBack::Pieces(pieces(wanted)),
            What::Everything => TakeBack::Everything,
        },
        is_preview: false,
        preview: None,
        restock: false,
        reason: None,
        by: By::staff(staff_id(0, step.slot)),
        program,
        wallets,
        products,
        coupon_code,
        return_id: id(Tag::Thing, step.serial),
        seed: id(Tag::Seed, step.serial),
        event_id: id(Tag::Event, step.serial),
    }
}

pub fn registration(serial: Serial, slot: usize, name: u32) -> Register {
    let (member_id, created_at) = (member_id(slot), joined_at(slot));
    let number = format!("member {} {serial}", salt());
    Register {
        member: member::Model { id: member_id, number, imported: false, created_at },
        profile: profile::Model { member_id, username: None, email: None, phone: None, name: None, birthday: None },
        credential: None,
        session: None,
        names: vec![(HandleKind::Username, format!("name {} {name}", salt()))],
        event_id: id(Tag::Event, serial),
    }
}
