//! Members, their accounts and their sessions in the schema.

mod account;
mod input;
mod member;
mod merge;
mod tag;
mod user_error;

pub use account::{MemberMutation, MemberQuery};
pub use member::MemberObject;
pub use merge::{MergeMembersUserError, MergeMutation};
pub use tag::{TagMemberUserError, TagMutation};
pub use user_error::{
    ChangePasswordUserError, LoginUserError, RefreshTokenUserError, RegisterUserError, UpdateProfileUserError, message,
};
