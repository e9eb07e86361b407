//! Making members of people the database does not know.
//!
//! They have no password and no user name, and claim their account later. Registering never claims one, so nobody comes
//! into another's purchases by knowing an e-mail address.

use crate::base::clock::Instant;
use crate::base::error::Error;
use crate::base::id::Id;
use crate::cli::import::history::{Given, Person};
use crate::cli::import::tally::Tally;
use crate::cli::open::Books;
use crate::commit::register::Register;
use crate::domain::member::entity::{HandleKind, member, profile};

/// The member that a person becomes, as of their earliest purchase.
pub fn registration(books: &Books, person: &Person, with_email: bool) -> Register {
    let member_id = books.ids.at(person.since);
    let number = books.ids.number(day(books, person.since));
    let text = |given: &Option<Given>| given.as_ref().map(|given| given.text.to_string());
    let email = text(&person.email.given).filter(|_| with_email);
    let mut names =
        vec![(HandleKind::ExternalRef, person.reference.to_string()), (HandleKind::MemberNumber, number.clone())];
    names.extend(email.clone().map(|email| (HandleKind::Email, email)));
    Register {
        member: member::Model { id: member_id, number, imported: true, created_at: person.since.micros() },
        profile: profile::Model {
            member_id,
            username: None,
            email,
            phone: None,
            name: text(&person.name.given),
            birthday: None,
        },
        credential: None,
        session: None,
        names,
        event_id: books.ids.next(),
    }
}

/// The moment whose day in UTC is the day of another in the program's zone: numbers carry their day, and one that is a
/// day off the date beside it looks like a mistake.
pub fn day(books: &Books, moment: Instant) -> Instant {
    let date = moment.local_date(&books.programs.zone());
    Instant::start_of_day(date, &jiff::tz::TimeZone::UTC).unwrap_or(moment)
}

/// Says what a new member was made without, because the file has it in a form that cannot be used.
pub fn warn_of_unusable(person: &Person, tally: &mut Tally) {
    for (told, what) in [(&person.email, "e-mail address"), (&person.name, "name")] {
        if let (None, Some(line)) = (&told.given, told.unusable) {
            tally.warn(line, format!("the {what} cannot be used; the member is made without it"));
        }
    }
}

/// The address stays whose it is, and the purchase is kept.
pub fn warn_of_taken_email(person: &Person, tally: &mut Tally) {
    if let Some(given) = &person.email.given {
        tally.warn(given.line, "the e-mail address is another member's; this one is made without it");
    }
}

/// A member who is neither there nor could be made, which two imports cannot bring about.
pub fn unsettled(person: &Person) -> Error {
    Error::internal(format!("the member {:?} could not be made", person.reference))
}

/// What a person of the file is to the database, as far as this run knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    Unasked,
    Missing,
    /// A dry run would have made them.
    WouldBe,
    Member(Id),
}
