//! Members: registering them, giving them points, logging in and out.

use std::future::IntoFuture;
use std::ops::Deref;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jifen::base::id::Id;
use jifen::commit::import_order::{ImportOrder, Imported};
use jifen::domain::admin::service::grant;
use jifen::gql::id::{GlobalId, NodeKind};
use serde_json::{Value as Json, json};

use super::{Answer, Client, World};

/// Every member's password, unless a story is about passwords.
pub const PASSWORD: &str = "correct horse battery";

pub const REGISTER: &str = "mutation($input: RegisterInput!) { register(input: $input) {
    member { id number username email name phone }
    session { accessToken expiresAt refreshToken refreshExpiresAt }
    userErrors { code message path } } }";

pub const LOGIN: &str = "mutation($input: LoginInput!) { login(input: $input) {
    member { id username }
    session { accessToken expiresAt refreshToken refreshExpiresAt }
    userErrors { code message path } } }";

pub const REFRESH: &str = "mutation($input: RefreshTokenInput!) { refreshToken(input: $input) {
    member { id }
    session { accessToken expiresAt refreshToken refreshExpiresAt }
    userErrors { code message path } } }";

/// A registered member, with the tokens of their first session. It is a client that holds the access token.
#[derive(Clone)]
pub struct Member {
    client: Client,
    pub id: String,
    pub username: String,
    pub refresh_token: String,
}

impl Deref for Member {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

/// A member to be, finished by `.await`.
pub struct NewMember {
    world: World,
    points: i64,
    input: Json,
}

impl World {
    /// A member with a name of their own and an empty wallet: `world.member().with_points(500).await`.
    pub fn member(&self) -> NewMember {
        let name = self.fresh("member");
        let input = json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        NewMember { world: self.clone(), points: 0, input }
    }

    /// A member of staff, in a session that has the role.
    pub async fn staff(&self) -> Member {
        let member = self.member().await;
        member.become_staff().await;
        member.another_session().await
    }

    /// A customer of the past, as an import makes them, with the points of one purchase; see [`NewMember::with_points`].
    pub async fn record_purchase(&self, member_id: Id, amount: i64) {
        let ids = &self.app.ids;
        let now = self.app.clock.now();
        let purchase = ImportOrder {
            member_id,
            number: ids.number(now),
            amount,
            pieces: 1,
            placed_at: now,
            order_id: ids.next(),
            seed: ids.next(),
            event_id: ids.next(),
        };
        let imported = self.app.committers.submit(purchase).await.expect("an import is committed");
        assert!(matches!(imported, Ok(Imported::Added { .. })), "{imported:?}");
    }

    /// Tries to log in and answers the payload.
    pub async fn login(&self, account: &str, password: &str) -> Json {
        let answer = self.visitor().log_in(account, password).await;
        answer.data()["login"].clone()
    }
}

impl NewMember {
    /// Points to begin with. There is no mutation that gives any, so they come from a purchase of the past: ten points a
    /// unit, one a tenth. The member then has one imported order.
    pub fn with_points(mut self, points: i64) -> NewMember {
        self.points = points;
        self
    }

    /// Another value for a field of the registration.
    pub fn with(mut self, field: &str, value: &str) -> NewMember {
        self.input[field] = json!(value);
        self
    }
}

impl IntoFuture for NewMember {
    type Output = Member;
    type IntoFuture = BoxFuture<'static, Member>;

    fn into_future(self) -> BoxFuture<'static, Member> {
        async move {
            let NewMember { world, points, input } = self;
            let answer = world.visitor().graphql(REGISTER, json!({ "input": input })).await;
            let payload = answer.data()["register"].clone();
            assert_eq!(payload["userErrors"], json!([]), "nobody was registered");
            let member = Member::of(&world, &payload);
            if points > 0 {
                world.record_purchase(member.member_id(), points * 10).await;
            }
            member
        }
        .boxed()
    }
}

impl Member {
    /// The member of a payload with a session in it.
    pub fn of(world: &World, payload: &Json) -> Member {
        let text = |value: &Json| value.as_str().expect("a payload with a member and a session").to_owned();
        Member {
            client: world.bearer(&text(&payload["session"]["accessToken"])),
            id: text(&payload["member"]["id"]),
            username: payload["member"]["username"].as_str().unwrap_or_default().to_owned(),
            refresh_token: text(&payload["session"]["refreshToken"]),
        }
    }

    /// Another session of the same member.
    pub async fn another_session(&self) -> Member {
        Member::of(&self.world, &self.world.login(&self.username, PASSWORD).await)
    }

    /// Is given the staff role, which this session does not have yet.
    pub async fn become_staff(&self) {
        let app = &self.world.app;
        let granted = grant(&app.db, self.member_id(), app.clock.now()).await.expect("the role can be given");
        assert!(granted, "they were staff already");
    }

    /// The row behind the global id.
    pub fn member_id(&self) -> Id {
        GlobalId::row_of(NodeKind::Member, &self.id.clone().into()).expect("a member's id")
    }

    /// The points that can be spent, as the member sees them.
    pub async fn points(&self) -> i64 {
        let data = self.query("{ me { pointsAccount { active } } }").await;
        data["me"]["pointsAccount"]["active"].as_i64().expect("a member has points")
    }

    /// Exchanges this session's refresh token; the payload.
    pub async fn refresh(&self) -> Json {
        self.world.visitor().refresh(&self.refresh_token).await
    }
}

impl Client {
    pub async fn log_in(&self, account: &str, password: &str) -> Answer {
        self.graphql(LOGIN, json!({ "input": { "account": account, "password": password } })).await
    }

    pub async fn refresh(&self, token: &str) -> Json {
        let answer = self.graphql(REFRESH, json!({ "input": { "refreshToken": token } })).await;
        answer.data()["refreshToken"].clone()
    }

    pub async fn register(&self, input: Json) -> Answer {
        self.graphql(REGISTER, json!({ "input": input })).await
    }

    /// Whether this client's token is still good.
    pub async fn is_logged_in(&self) -> bool {
        let answer = self.graphql("{ me { id } }", Json::Null).await;
        answer.json["data"]["me"]["id"].is_string()
    }
}
