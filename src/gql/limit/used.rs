//! What a response really held.

use async_graphql_value::ConstValue;

/// The number of objects in a response's data, the root not counted: the same unit in which `Price::cost` says
/// what a document may ask for at most. (A list without pages, such as the lines of an order, is priced by a usual length,
/// so a response may hold more of those than was asked for.)
pub fn used(data: &ConstValue) -> u64 {
    let mut objects = 0_u64;
    let mut rest = vec![data];
    while let Some(value) = rest.pop() {
        match value {
            ConstValue::Object(entries) => {
                objects += 1;
                rest.extend(entries.values().filter(|value| is_inner(value)));
            }
            ConstValue::List(items) => rest.extend(items.iter().filter(|value| is_inner(value))),
            _ => {}
        }
    }
    objects.saturating_sub(1)
}

fn is_inner(value: &ConstValue) -> bool {
    matches!(value, ConstValue::Object(_) | ConstValue::List(_))
}

#[cfg(test)]
mod tests {
    use async_graphql::value;

    use super::*;

    #[test]
    fn objects_count_and_scalars_do_not() {
        assert_eq!(used(&ConstValue::Null), 0);
        assert_eq!(used(&value!({ "a": 1 })), 0);
        assert_eq!(used(&value!({ "me": { "orders": { "nodes": [{ "id": 1 }, { "id": 2, "lines": [{}] }] } } })), 5);
    }
}
