//! Finding members, their sessions, and what a unique name stands for.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait};

use crate::base::error::Result;
use crate::base::id::Id;
use crate::db::Db;
use crate::db::lookup::{row_by_id, row_of_member};
use crate::db::reader::Lookup;
use crate::db::rows;
use crate::domain::member::entity::{
    HandleKind, credential, handle, idempotency, member, member_tag, profile, session,
};

row_by_id!(
    /// A member by id.
    MemberKey: member by Id
);
row_by_id!(
    /// A member's personal data.
    ProfileOf: profile by MemberId
);
row_of_member!(
    /// A session by its member and id. Every authenticated request looks its own up.
    SessionKey: session by Id
);

/// What a unique name stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HandleKey(pub HandleKind, pub String);

impl Lookup for HandleKey {
    type Row = handle::Model;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, handle::Model>>> {
        Box::pin(async move {
            let values = keys.iter().map(|key| key.1.clone());
            let found = rows::by_texts::<handle::Entity>(&db.read, handle::Column::Value, values).await?;
            Ok(found.into_iter().map(|name| (HandleKey(name.kind, name.value.clone()), name)).collect())
        })
    }
}

/// The tags that staff have given a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TagsOf(pub Id);

impl Lookup for TagsOf {
    type Row = Arc<BTreeSet<String>>;

    fn load(db: Db, keys: Vec<Self>) -> BoxFuture<'static, Result<HashMap<Self, Self::Row>>> {
        Box::pin(async move {
            let members = keys.iter().map(|key| key.0);
            let found = rows::by_ids::<member_tag::Entity>(&db.read, member_tag::Column::MemberId, members).await?;
            let mut tags: HashMap<Self, Self::Row> = keys.into_iter().map(|key| (key, Arc::default())).collect();
            for row in found {
                Arc::make_mut(tags.entry(TagsOf(row.member_id)).or_default()).insert(row.tag);
            }
            Ok(tags)
        })
    }
}

/// A member's password hash; imported members have none until they claim their account.
pub async fn find_credential(db: &Db, member_id: Id) -> Result<Option<credential::Model>> {
    let found = rows::by_ids::<credential::Entity>(&db.read, credential::Column::MemberId, [member_id]).await?;
    Ok(found.into_iter().next())
}

/// True when a member's idempotency key has been used for this operation.
pub async fn is_key_used(db: &Db, member_id: Id, operation: &str, key: &str) -> Result<bool> {
    let id = (member_id, operation.to_owned(), key.to_owned());
    Ok(idempotency::Entity::find_by_id(id).one(&db.read).await?.is_some())
}

/// Keeps the answer to a key, unless the key was used before: then that answer.
pub async fn claim_key(
    tx: &DatabaseTransaction,
    reply: idempotency::Model,
) -> Result<Option<idempotency::Model>, DbErr> {
    let id = (reply.member_id, reply.operation.clone(), reply.key.clone());
    if !rows::insert_if_absent::<idempotency::Entity>(tx, vec![reply]).await?.is_empty() {
        return Ok(None);
    }
    idempotency::Entity::find_by_id(id).one(tx).await
}

/// Gives a key back that was claimed, and whose call came to nothing.
pub async fn release_key(tx: &DatabaseTransaction, reply: &idempotency::Model) -> Result<(), DbErr> {
    let id = (reply.member_id, reply.operation.clone(), reply.key.clone());
    idempotency::Entity::delete_by_id(id).exec(tx).await?;
    Ok(())
}

/// Those of some texts that are names of a kind.
pub async fn names_among(
    db: &impl ConnectionTrait,
    kind: HandleKind,
    texts: Vec<String>,
) -> Result<Vec<String>, DbErr> {
    let found = rows::by_texts::<handle::Entity>(db, handle::Column::Value, texts).await?;
    Ok(found.into_iter().filter(|name| name.kind == kind).map(|name| name.value).collect())
}

/// True when there is any member at all.
pub async fn has_members(db: &Db) -> Result<bool> {
    Ok(member::Entity::find().one(&db.read).await?.is_some())
}
