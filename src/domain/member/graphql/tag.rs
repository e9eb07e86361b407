//! Tagging members.

use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use crate::app::App;
use crate::domain::member::graphql::member::MemberObject;
use crate::domain::member::service::{TagRejection, tag_member};
use crate::gql::caller::RequestContext;
use crate::gql::error::Result;
use crate::gql::id::{GlobalId, NodeKind};
use crate::gql::input::path;

/// Tags for a member.
#[derive(InputObject)]
pub struct TagMemberInput {
    /// The member's global id.
    member_id: ID,
    /// All tags that the member is to have, up to 50 of 1 to 50 characters. Upper and lower case are one.
    tags: Vec<String>,
}

/// Why a member was not tagged.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub enum TagMemberErrorCode {
    /// There is no such member.
    MemberUnknown,
    /// A tag has 1 to 50 characters and no control characters.
    TagInvalid,
    /// A member has up to 50 tags.
    TooManyTags,
}

/// Why a member was not tagged.
#[derive(SimpleObject)]
pub struct TagMemberUserError {
    /// For people, in the language of the request.
    pub message: String,
    /// Where in the arguments.
    pub path: Option<Vec<String>>,
    /// For programs.
    code: TagMemberErrorCode,
}

/// What came of tagging a member.
#[derive(SimpleObject)]
pub struct TagMemberPayload {
    /// The member; null when there are user errors.
    member: Option<MemberObject>,
    /// Why they were not tagged. Then nothing was changed.
    user_errors: Vec<TagMemberUserError>,
}

#[derive(Default)]
pub struct TagMutation;

#[Object]
impl TagMutation {
    /// Gives a member these tags (标签) and no others; earning rules can ask for them. For staff only: `UNAUTHENTICATED`
    /// without a session, `FORBIDDEN` for other members.
    async fn tag_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member and their tags.")] input: TagMemberInput,
    ) -> Result<TagMemberPayload> {
        let caller = ctx.caller();
        let member_id = GlobalId::row_of(NodeKind::Member, &input.member_id);
        let tagged = tag_member(App::of(ctx), &caller.actor, member_id, input.tags).await?;
        ctx.reader().forget();
        let rejection = match tagged {
            Ok(id) => return Ok(TagMemberPayload { member: Some(MemberObject(id)), user_errors: Vec::new() }),
            Err(rejection) => rejection,
        };
        let (code, field, english, chinese) = match rejection {
            TagRejection::MemberUnknown => {
                (TagMemberErrorCode::MemberUnknown, "memberId", "There is no such member.", "没有这位会员。")
            }
            TagRejection::TagInvalid => {
                (TagMemberErrorCode::TagInvalid, "tags", "A tag has 1 to 50 characters.", "标签需为 1 至 50 个字符。")
            }
            TagRejection::TooMany => {
                (TagMemberErrorCode::TooManyTags, "tags", "A member has up to 50 tags.", "每位会员最多 50 个标签。")
            }
        };
        let error = TagMemberUserError { message: caller.language.say(english, chinese), path: path(&[field]), code };
        Ok(TagMemberPayload { member: None, user_errors: vec![error] })
    }
}
