//! Which column of the file is which of ours.

use crate::base::text::fold;
use crate::cli::Failure;

/// Our columns, as users name them, in the order of [`Columns`]' fields.
const OURS: [&str; 7] = ["member", "placed_at", "amount", "quantity", "order_number", "email", "name"];
/// The first of them must be there.
const REQUIRED: usize = 3;

/// Where in a record each of our columns stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    pub member: usize,
    pub placed_at: usize,
    pub amount: usize,
    pub quantity: Option<usize>,
    pub order_number: Option<usize>,
    pub email: Option<usize>,
    pub name: Option<usize>,
    /// Columns in a record.
    pub count: usize,
    /// The names of those nobody asked for.
    pub unused: Vec<String>,
}

impl Columns {
    /// `given` holds what stands behind `--columns`: `ours=theirs`. Names are compared without regard to case.
    pub fn find(header: &[String], given: &[String]) -> Result<Columns, Failure> {
        let named = mapping(given)?;
        let mut places = [None; OURS.len()];
        let mut missing = Vec::new();
        for (ours, place) in places.iter_mut().enumerate() {
            let theirs = named.iter().find(|(known, _)| *known == ours).map(|(_, theirs)| theirs.as_str());
            *place = find(header, theirs.unwrap_or(OURS[ours]))?;
            match (*place, theirs) {
                (None, Some(theirs)) => {
                    return Err(Failure::usage(format!(
                        "--columns {}={theirs}: the file has no column {theirs:?}; it has {}",
                        OURS[ours],
                        header.join(", ")
                    )));
                }
                (None, None) if ours < REQUIRED => missing.push(ours),
                _ => {}
            }
        }
        let [Some(member), Some(placed_at), Some(amount), quantity, order_number, email, name] = places else {
            return Err(Failure::usage(lacking(header, &missing)));
        };
        let unused = header.iter().enumerate().filter(|(at, _)| !places.contains(&Some(*at)));
        let unused = unused.map(|(_, name)| name.clone()).collect();
        Ok(Columns { member, placed_at, amount, quantity, order_number, email, name, count: header.len(), unused })
    }
}

/// `member=customer_id` as the position of ours and the name of theirs.
fn mapping(given: &[String]) -> Result<Vec<(usize, String)>, Failure> {
    let mut named: Vec<(usize, String)> = Vec::new();
    for pair in given.iter().filter(|pair| !pair.trim().is_empty()) {
        let (ours, theirs) = pair.split_once('=').ok_or_else(|| {
            Failure::usage(format!("--columns {pair}: write ours=theirs, for example member=customer_id"))
        })?;
        let (ours, theirs) = (fold(ours), theirs.trim().to_owned());
        let place = OURS.iter().position(|known| *known == ours).ok_or_else(|| {
            Failure::usage(format!(
                "--columns {pair}: there is no {ours:?}; left of = stands one of {}",
                OURS.join(", ")
            ))
        })?;
        if named.iter().any(|(known, _)| *known == place) {
            return Err(Failure::usage(format!("--columns names {ours} twice")));
        }
        named.push((place, theirs));
    }
    Ok(named)
}

/// A column that stands twice is only an error when it is wanted.
fn find(header: &[String], wanted: &str) -> Result<Option<usize>, Failure> {
    let wanted = fold(wanted);
    let mut places = header.iter().enumerate().filter(|(_, name)| fold(name) == wanted).map(|(at, _)| at);
    match (places.next(), places.next()) {
        (Some(_), Some(_)) => Err(Failure::usage(format!("the file has two columns {wanted:?}; rename one of them"))),
        (place, _) => Ok(place),
    }
}

fn lacking(header: &[String], missing: &[usize]) -> String {
    let names: Vec<_> = missing.iter().map(|ours| OURS[*ours]).collect();
    let example: Vec<_> = names.iter().map(|name| format!("{name}=THEIRS")).collect();
    // One column with a separator in its name is a file that is separated by something else.
    let hint = match header {
        [only] if only.contains([';', '\t']) => " (is it separated by something other than commas?)",
        _ => "",
    };
    format!(
        "the file has no column {}; it has {}{hint}. If it goes by another name, say: --columns {}",
        names.join(", "),
        header.join(", "),
        example.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str, given: &[&str]) -> Result<Columns, String> {
        let header: Vec<_> = header.split(',').map(str::to_owned).collect();
        let given: Vec<_> = given.iter().map(|pair| (*pair).to_owned()).collect();
        Columns::find(&header, &given).map_err(|failure| failure.message)
    }

    #[test]
    fn columns_go_by_our_names_or_by_those_given() {
        let found = columns("Amount,customer_id,date,note,MEMBER", &["member=customer_id", "placed_at=Date"]).unwrap();
        assert_eq!((found.amount, found.member, found.placed_at, found.quantity), (0, 1, 2, None));
        assert_eq!(found.unused, ["note", "MEMBER"]);
        let twice = columns("mail,placed_at,amount", &["member=mail", "email=mail"]).unwrap();
        assert_eq!((twice.member, twice.email), (0, Some(0)));
    }

    #[test]
    fn a_column_that_is_not_there_is_named() {
        assert_eq!(
            columns("customer_id,date,amount", &[]).unwrap_err(),
            "the file has no column member, placed_at; it has customer_id, date, amount. \
             If it goes by another name, say: --columns member=THEIRS,placed_at=THEIRS"
        );
        assert_eq!(
            columns("member,date,amount", &["placed_at=day"]).unwrap_err(),
            "--columns placed_at=day: the file has no column \"day\"; it has member, date, amount"
        );
        assert!(columns("member;placed_at;amount", &[]).unwrap_err().contains("separated by something"));
    }

    #[test]
    fn a_mapping_that_means_nothing_is_refused() {
        let header = "member,placed_at,amount,a,a";
        assert!(columns(header, &["customer=member"]).unwrap_err().contains("there is no \"customer\""));
        assert!(columns(header, &["member"]).unwrap_err().contains("write ours=theirs"));
        assert!(columns(header, &["name=member", "name=amount"]).unwrap_err().contains("twice"));
        assert!(columns(header, &["name=a"]).unwrap_err().contains("two columns"));
        assert!(columns(header, &[]).is_ok());
    }
}
