//! What a category may be called, and where a product may be filed.

use crate::base::text::has_control;

/// The most categories there are.
pub const MAX_CATEGORIES: usize = 1_000;
/// The longest slug and name, in characters.
const MAX_SLUG: usize = 50;
const MAX_NAME: usize = 100;

/// Why a category is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CategoryRejection {
    SlugInvalid,
    SlugTaken,
    NameInvalid,
    TooMany,
}

/// Why a product is not filed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilingRejection {
    ProductUnknown,
    CategoryUnknown,
}

/// Checks a category: its slug is of small letters, digits and hyphens, as it stands in web addresses.
pub fn check_category(slug: &str, name: &str) -> Result<(), CategoryRejection> {
    let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if slug.is_empty() || slug.len() > MAX_SLUG || !slug.bytes().all(is_sign) {
        return Err(CategoryRejection::SlugInvalid);
    }
    if name.is_empty() || name.chars().count() > MAX_NAME || has_control(name) {
        return Err(CategoryRejection::NameInvalid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_names_have_a_form() {
        assert_eq!(check_category("green-tea-2", "绿茶"), Ok(()));
        for slug in ["", "Tea", "green tea", "茶", &"a".repeat(51)] {
            assert_eq!(check_category(slug, "Tea"), Err(CategoryRejection::SlugInvalid), "{slug}");
        }
        for name in ["", "a\0b", &"茶".repeat(101)] {
            assert_eq!(check_category("tea", name), Err(CategoryRejection::NameInvalid), "{name}");
        }
    }
}
