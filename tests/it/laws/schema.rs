//! The schema as its readers see it: the checked-in file is what the program prints, everything is described, and what
//! was promised to clients by name is there.

use std::collections::BTreeSet;
use std::path::Path;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};

/// The types the program prints.
pub fn types() -> Vec<TypeDefinition> {
    let document = parse_schema(jifen::schema::sdl()).expect("the program prints a schema");
    let types = document.definitions.into_iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => Some(definition.node),
        _ => None,
    });
    types.collect()
}

/// The fields of an object or interface.
pub fn fields(definition: &TypeDefinition) -> &[Positioned<FieldDefinition>] {
    match &definition.kind {
        TypeKind::Object(object) => &object.fields,
        TypeKind::Interface(interface) => &interface.fields,
        _ => &[],
    }
}

#[test]
fn the_file_is_what_the_program_prints() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let kept = std::fs::read_to_string(file).expect("schema.graphql is checked in");
    let printed = jifen::schema::sdl();
    let line = kept.lines().zip(printed.lines()).position(|(kept, printed)| kept != printed);
    assert!(kept == printed, "it differs from line {line:?} on; run: cargo run -- schema > schema.graphql");
}

#[test]
fn everything_is_described() {
    let mut bare = Vec::new();
    let mut ask = |name: String, description: &Option<Positioned<String>>| {
        if description.as_ref().is_none_or(|text| text.node.trim().len() < 3) {
            bare.push(name);
        }
    };
    for definition in types() {
        let name = definition.name.node.to_string();
        ask(name.clone(), &definition.description);
        for field in fields(&definition) {
            let field = &field.node;
            ask(format!("{name}.{}", field.name.node), &field.description);
            for argument in &field.arguments {
                ask(format!("{name}.{}({})", field.name.node, argument.node.name.node), &argument.node.description);
            }
        }
        match &definition.kind {
            TypeKind::Enum(kind) => {
                kind.values.iter().for_each(|value| {
                    ask(format!("{name}.{}", value.node.value.node), &value.node.description);
                });
            }
            TypeKind::InputObject(input) => {
                input.fields.iter().for_each(|field| {
                    ask(format!("{name}.{}", field.node.name.node), &field.node.description);
                });
            }
            _ => {}
        }
    }
    assert!(bare.is_empty(), "without a description: {}", bare.join(", "));
}

/// What clients were promised: names and types that stay. Fields may be added, arguments with a default too.
const PROMISED: &str = "
Mutation register(input: RegisterInput!): RegisterPayload!
Mutation login(input: LoginInput!): LoginPayload!
Mutation refreshToken(input: RefreshTokenInput!): RefreshTokenPayload!
Mutation logout: LogoutPayload!
Mutation logoutEverywhere: LogoutPayload!
Mutation updateProfile(input: UpdateProfileInput!): UpdateProfilePayload!
Mutation changePassword(input: ChangePasswordInput!): ChangePasswordPayload!
Mutation placeOrder(input: PlaceOrderInput!): PlaceOrderPayload!
Mutation redeem(input: RedeemInput!): RedeemPayload!
Mutation updateLoyaltyProgram(input: UpdateLoyaltyProgramInput!): UpdateLoyaltyProgramPayload!
RegisterInput username: String! email: String! password: String! name: String phone: String
LoginInput account: String! password: String!
RefreshTokenInput refreshToken: String!
ChangePasswordInput currentPassword: String! newPassword: String!
PlaceOrderInput idempotencyKey: String! lines: [OrderLineInput!]! couponCode: String
OrderLineInput productId: ID! quantity: Int!
RedeemInput idempotencyKey: String! rewardId: ID! quantity: Int!
Session accessToken: String! expiresAt: DateTime! refreshToken: String! refreshExpiresAt: DateTime!
RegisterPayload member: Member session: Session userErrors: [RegisterUserError!]!
LoginPayload member: Member session: Session userErrors: [LoginUserError!]!
PlaceOrderPayload order: Order userErrors: [PlaceOrderUserError!]!
RedeemPayload redemption: Redemption userErrors: [RedeemUserError!]!
UserError message: String! path: [String!]
Query node(id: ID!): Node
Query me: Member
Query products(first: Int after: String last: Int before: String search: String sortBy: ProductSort where: ProductWhere): ProductConnection!
Query product(by: ProductBy!): Product
Query order(by: OrderBy!): Order
Query member(by: MemberBy!): Member
Query rewards(first: Int after: String last: Int before: String): RewardConnection!
Query loyaltyProgram: LoyaltyProgram!
ProductBy id: ID sku: String slug: String
OrderBy id: ID number: String
MemberBy number: String username: String email: String id: ID
Member id: ID! number: String! username: String email: String name: String phone: String createdAt: DateTime! isStaff: Boolean!
Member orders(first: Int after: String last: Int before: String): OrderConnection!
Member pointsAccount: PointsAccount!
Member coupons(first: Int after: String last: Int before: String): CouponConnection!
Order id: ID! number: String! status: OrderStatus! placedAt: DateTime! lines: [OrderLine!]!
Order subtotal: Money! discount: Money! total: Money! pointsEarned: Int!
OrderLine product: Product! quantity: Int! unitPrice: Money! total: Money! pointsEarned: Int!
Product id: ID! sku: String! slug: String! name: String! description: String! price: Money! available: Int! imageUrl: String
Reward id: ID! name: String! description: String! kind: RewardKind! pointsPrice: Int! available: Int couponValue: Money product: Product
PointsAccount active: Int!
PointsAccount pointsLedger(first: Int after: String last: Int before: String): PointsEntryConnection!
PointsAccount balanceAt(time: DateTime!): Int!
PointsEntry id: ID! type: PointsEntryType! points: Int! balanceAfter: Int! reason: String createdAt: DateTime! order: Order redemption: Redemption
Redemption id: ID! reward: Reward! quantity: Int! points: Int! coupon: Coupon createdAt: DateTime!
Coupon id: ID! code: String! status: CouponStatus! value: Money! minimumSpend: Money expiresAt: DateTime
Money amount: Decimal! currencyCode: CurrencyCode!
";

fn arguments(arguments: &[Positioned<InputValueDefinition>]) -> String {
    let each: Vec<_> = arguments.iter().map(|a| format!("{}: {}", a.node.name.node, a.node.ty.node)).collect();
    if each.is_empty() { String::new() } else { format!("({})", each.join(" ")) }
}

/// `Type field(arguments): Type` for everything there is.
fn printed() -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for definition in types() {
        let name = &definition.name.node;
        for field in fields(&definition) {
            let field = &field.node;
            lines.insert(format!("{name} {}{}: {}", field.name.node, arguments(&field.arguments), field.ty.node));
        }
        if let TypeKind::InputObject(input) = &definition.kind {
            for field in &input.fields {
                lines.insert(format!("{name} {}: {}", field.node.name.node, field.node.ty.node));
            }
        }
    }
    lines
}

/// One line a promise: a line above may hold several fields without arguments.
fn promised() -> Vec<String> {
    let mut promises = Vec::new();
    for line in PROMISED.lines().filter(|line| !line.is_empty()) {
        let (name, fields) = line.split_once(' ').expect("a type and its fields");
        if fields.contains('(') {
            promises.push(line.to_owned());
            continue;
        }
        let words: Vec<&str> = fields.split(' ').collect();
        promises.extend(words.chunks(2).map(|field| format!("{name} {}", field.join(" "))));
    }
    promises
}

#[test]
fn what_was_promised_by_name_is_there() {
    let printed = printed();
    let missing: Vec<_> = promised().into_iter().filter(|promise| !printed.contains(promise)).collect();
    assert!(missing.is_empty(), "missing or changed:\n{}", missing.join("\n"));
}

#[test]
fn every_user_error_has_a_code_of_its_own_mutation() {
    let types = types();
    let mutation = types.iter().find(|definition| definition.name.node == "Mutation").expect("mutations");
    for field in fields(mutation) {
        let payload = field.node.ty.node.to_string().replace('!', "");
        let payload = types.iter().find(|definition| definition.name.node == payload.as_str()).expect("a payload");
        let errors = fields(payload).iter().find(|field| field.node.name.node == "userErrors");
        let Some(errors) = errors.map(|errors| errors.node.ty.node.to_string()) else {
            assert_eq!(payload.name.node, "LogoutPayload", "{} has no user errors", payload.name.node);
            continue;
        };
        // Mutations of one kind share their errors.
        let name = errors.trim_matches(['[', ']', '!']).trim_end_matches("UserError");
        let error = types.iter().find(|definition| definition.name.node == format!("{name}UserError"));
        let error = error.unwrap_or_else(|| panic!("{errors} is no list of user errors"));
        let code = fields(error).iter().find(|field| field.node.name.node == "code").expect("a code");
        assert_eq!(code.node.ty.node.to_string(), format!("{name}ErrorCode!"));
        let TypeKind::Object(object) = &error.kind else { panic!("{name}UserError is no object") };
        assert!(object.implements.iter().any(|interface| interface.node == "UserError"));
    }
}
