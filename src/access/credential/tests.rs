use proptest::prelude::*;

use super::*;

fn owned(text: &str) -> String {
    text.to_owned()
}

#[test]
fn user_names_are_folded_and_of_any_script() {
    assert_eq!(user_name("  Ａlice_01 "), Ok(owned("alice_01")));
    assert_eq!(user_name("积分.会员"), Ok(owned("积分.会员")));
    assert_eq!(user_name("สมชาย-ใจดี"), Ok(owned("สมชาย-ใจดี")));
    assert_eq!(user_name("हिन्दी"), Ok(owned("हिन्दी")));
}

#[test]
fn a_bad_user_name_is_told_why() {
    assert_eq!(user_name("ab"), Err(UserNameError::TooShort));
    assert_eq!(user_name("   "), Err(UserNameError::TooShort));
    assert_eq!(user_name(&"a".repeat(32)), Ok("a".repeat(32)));
    assert_eq!(user_name(&"a".repeat(33)), Err(UserNameError::TooLong));
    for with_at in ["a@b", "alice＠example"] {
        assert_eq!(user_name(with_at), Err(UserNameError::HasAt), "{with_at}");
    }
    for digits in ["13800138000", "１２３４", "555-1234", "1.2.3", "٣٤٥٦", "---"] {
        assert_eq!(user_name(digits), Err(UserNameError::OnlyDigits), "{digits}");
    }
    for bad in ["al ice", "al\0ice", "al\u{200b}ice", "alice!", "<b>x</b>", "\u{301}abc", "a\u{202e}bc", "👍👍👍"]
    {
        assert_eq!(user_name(bad), Err(UserNameError::BadCharacter), "{bad:?}");
    }
}

#[test]
fn emails_are_folded_and_input_methods_forgiven() {
    assert_eq!(email(" Alice.Smith+jifen@Example.COM "), Ok(owned("alice.smith+jifen@example.com")));
    assert_eq!(email("alice＠example。com"), Ok(owned("alice@example.com")));
    assert_eq!(email("用户@例子.公司"), Ok(owned("用户@例子.公司")));
    assert_eq!(email("a@b.co"), Ok(owned("a@b.co")));
}

#[test]
fn a_bad_email_is_refused() {
    let bad = [
        "",
        "alice",
        "alice@",
        "@example.com",
        "a@b@c.com",
        "alice@example",
        "alice@.com",
        "alice@example.",
        "a..b@example.com",
        ".a@example.com",
        "a.@example.com",
        "a b@example.com",
        "alice@exa mple.com",
        "alice@-example.com",
        "alice@example-.com",
        "alice@[127.0.0.1]",
        "alice@127.0.0.1",
        "\"a b\"@example.com",
        "alice@example.com\0",
        "alice@exam_ple.com",
        "<a@b.co>",
    ];
    for text in bad {
        assert_eq!(email(text), Err(EmailError::BadSyntax), "{text:?}");
    }
    assert_eq!(email(&format!("{}@example.com", "a".repeat(64))).map(|email| email.len()), Ok(76));
    assert_eq!(email(&format!("{}@example.com", "a".repeat(65))), Err(EmailError::TooLong));
    assert_eq!(email(&format!("a@{}com", "abcdefgh.".repeat(28))), Err(EmailError::TooLong));
    assert_eq!(email(&format!("a@{}.com", "b".repeat(64))), Err(EmailError::BadSyntax));
}

#[test]
fn one_chinese_mobile_number_has_one_form() {
    for typed in [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "(+86)13800138000",
        "8613800138000",
        "008613800138000",
        "＋８６ １３８００１３８０００",
    ] {
        assert_eq!(phone(typed, BareNumbers::ChinaMobile), Ok(owned("+8613800138000")), "{typed}");
    }
    assert_eq!(phone("13800138000", BareNumbers::AsTyped), Ok(owned("13800138000")));
}

#[test]
fn other_numbers_keep_what_was_typed() {
    assert_eq!(phone("+1 (312) 555-0123", BareNumbers::ChinaMobile), Ok(owned("+13125550123")));
    assert_eq!(phone("010 6552 9988", BareNumbers::ChinaMobile), Ok(owned("01065529988")));
    assert_eq!(phone("12345678901", BareNumbers::ChinaMobile), Ok(owned("12345678901")));
    assert_eq!(phone("+44.20.7946.0958", BareNumbers::AsTyped), Ok(owned("+442079460958")));
}

#[test]
fn a_bad_number_is_told_why() {
    let bad = |typed| phone(typed, BareNumbers::ChinaMobile).unwrap_err();
    assert_eq!(bad(""), PhoneError::TooShort);
    assert_eq!(bad("+1234"), PhoneError::TooShort);
    assert_eq!(bad("+1234567890123456"), PhoneError::TooLong);
    for text in ["1234567x", "+86+13800138000", "138+00138000", "12345\0", "tel:12345"] {
        assert_eq!(bad(text), PhoneError::BadCharacter, "{text:?}");
    }
}

#[test]
fn display_names_are_nearly_free() {
    assert_eq!(display_name("  王 小明 "), Ok(owned("王 小明")));
    assert_eq!(display_name("Zoë O'Hara 👍🏽"), Ok(owned("Zoë O'Hara 👍🏽")));
    assert_eq!(display_name(" \u{3000}"), Err(DisplayNameError::Empty));
    assert_eq!(display_name(&"明".repeat(100)), Ok("明".repeat(100)));
    assert_eq!(display_name(&"明".repeat(101)), Err(DisplayNameError::TooLong));
    for bad in ["a\nb", "a\0b", "a\u{202e}b", "a\u{2028}b"] {
        assert_eq!(display_name(bad), Err(DisplayNameError::BadCharacter), "{bad:?}");
    }
}

#[test]
fn weak_passwords_are_refused() {
    let judge = |typed: &str| password(typed, Personal::default());
    assert_eq!(judge("short 1"), Err(PasswordError::TooShort));
    assert_eq!(judge(&"long ".repeat(26)), Err(PasswordError::TooLong));
    assert_eq!(judge(&"🐎鞍".repeat(64).repeat(2)), Err(PasswordError::TooLong));
    assert_eq!(judge("correct\0horse"), Err(PasswordError::BadCharacter));
    for common in [
        "password",
        "Password123",
        "1q2w3e4r",
        "iloveyou1",
        "woaini1314",
        "a123456789",
        "ｐａｓｓｗｏｒｄ",
        "Qwerty123",
        "admin123",
    ] {
        assert_eq!(judge(common), Err(PasswordError::Common), "{common}");
    }
    for drawn in [
        "aaaaaaaa",
        "12345678",
        "87654321",
        "1234567890",
        "0987654321",
        "abababab",
        "abcdabcdabcd",
        "abcdefgh",
        "QWERTYUIOP",
        "poiuytrewq",
        "asdfghjkl",
        "明明明明明明明明",
    ] {
        assert_eq!(judge(drawn), Err(PasswordError::Predictable), "{drawn}");
    }
}

#[test]
fn ones_own_name_is_no_password() {
    let owner = Personal {
        user_name: Some("alice.smith"),
        email: Some("smith.a.1990@example.com"),
        phone: Some("+8613800138000"),
    };
    for own in [
        "Alice.Smith",
        "htims.ecila",
        "smith.a.1990@example.com",
        "Smith.A.1990",
        "13800138000",
        "+86 138-0013-8000",
        "8613800138000",
        "0013 8000",
    ] {
        assert_eq!(password(own, owner), Err(PasswordError::Personal), "{own}");
    }
}

#[test]
fn good_passwords_are_left_alone() {
    let owner = Personal { user_name: Some("alice"), email: Some("alice@example.com"), phone: None };
    for good in [
        "correct horse battery staple",
        "tr0ub4dor&3",
        "爱拼才会赢啊朋友",
        "x7#kQ9!a",
        "alice likes tea",
        "S3cure-pass",
    ] {
        assert_eq!(password(good, owner), Ok(()), "{good}");
    }
    assert_eq!(password(&"ab cd-ef ".repeat(14)[..125], owner), Ok(()));
}

#[test]
fn the_list_of_common_passwords_is_in_the_form_it_is_compared_in() {
    let list = include_str!("common.txt");
    assert!(list.lines().count() >= 1000);
    for entry in list.lines() {
        assert_eq!(entry, text::fold(entry));
        assert!(entry.chars().count() >= super::password::MIN_PASSWORD, "{entry} is refused for its length already");
    }
}

#[test]
fn login_takes_any_of_the_three() {
    let account = |typed| account(typed, BareNumbers::ChinaMobile);
    assert_eq!(account(" Alice＠Example。com"), Account::Email(owned("alice@example.com")));
    assert_eq!(account("138 0013 8000"), Account::Phone(owned("+8613800138000")));
    assert_eq!(account("+86-13800138000"), Account::Phone(owned("+8613800138000")));
    assert_eq!(account("Alice_01"), Account::UserName(owned("alice_01")));
    for nobody in ["", " ", "al\0ice", &"a".repeat(255), &"@".repeat(100_000)] {
        assert_eq!(account(nobody), Account::Nobody);
    }
}

proptest! {
    /// Whatever can be registered is found again by what login makes of the same text, and of the stored form.
    #[test]
    fn what_was_registered_can_log_in(typed in "\\PC{0,40}|[0-9+ ().-]{3,20}|[\\w.+-]{1,12}@[\\w-]{1,9}[.。][a-z]{2,5}") {
        for bare in [BareNumbers::ChinaMobile, BareNumbers::AsTyped] {
            if let Ok(name) = user_name(&typed) {
                prop_assert_eq!(account(&typed, bare), Account::UserName(name.clone()));
                prop_assert_eq!(account(&name, bare), Account::UserName(name));
            }
            if let Ok(email) = email(&typed) {
                prop_assert_eq!(account(&typed, bare), Account::Email(email.clone()));
                prop_assert_eq!(account(&email, bare), Account::Email(email));
            }
            if let Ok(phone) = phone(&typed, bare) {
                prop_assert_eq!(account(&typed, bare), Account::Phone(phone.clone()));
                prop_assert_eq!(account(&phone, bare), Account::Phone(phone));
            }
        }
    }

    #[test]
    fn no_text_breaks_the_rules(typed in any::<String>()) {
        let _ = (user_name(&typed), email(&typed), phone(&typed, BareNumbers::default()), display_name(&typed));
        let _ = (password(&typed, Personal::default()), account(&typed, BareNumbers::default()));
    }
}
