//! All settings: flags and environment variables, with their defaults. A `.env` file is read before.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::HeaderValue;
use clap::{Args, Parser, Subcommand};

use crate::access::password::{PasswordSettings, Passwords};
use crate::access::throttle::{ThrottleSettings, TrustedProxies};
use crate::base::id::Random;
use crate::db::connect::Location;

/// Membership and loyalty points for shops, as one GraphQL server.
#[derive(Debug, Parser)]
#[command(name = "jifen", version, about, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Options of every command")]
pub struct Common {
    /// The database: sqlite://PATH (made if it is missing) or postgres://USER:PASSWORD@HOST/NAME
    #[arg(long, global = true, env = "JIFEN_DATABASE_URL", default_value = "sqlite://jifen.db", value_name = "URL", hide_env_values = true, value_parser = location)]
    pub database_url: Location,
    /// Connections to PostgreSQL in each of two pools, or readers of an SQLite file (8 at most)
    #[arg(long, global = true, env = "JIFEN_CONNECTIONS", default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub connections: u32,
    /// What is logged, to stderr: a level, or directives such as jifen=debug,sqlx=warn
    #[arg(
        long,
        global = true,
        env = "JIFEN_LOG",
        default_value = "info,sea_orm_migration=warn",
        value_name = "FILTER"
    )]
    pub log: String,
    /// How log lines look: text or json
    #[arg(long, global = true, env = "JIFEN_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Print the result as one line of JSON
    #[arg(long, global = true)]
    pub json: bool,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve GraphQL at /graphql and GraphiQL at /graphiql
    Serve(Server),
    /// Fill an empty database with a small shop, then serve it
    Demo(Demo),
    /// Bring the database up to date
    Migrate,
    /// Print the GraphQL schema
    Schema(SchemaArgs),
    /// Bring data in
    #[command(subcommand)]
    Import(Import),
    /// Say who is staff
    #[command(subcommand)]
    Admin(Admin),
    /// Prove the books: run every invariant and every hash chain; exits 0 if all hold and 1 if not
    #[command(after_long_help = VERIFY_HELP)]
    Verify(Verify),
}

/// What `jifen verify --help` says of checkpoints.
const VERIFY_HELP: &str = "\
A checkpoint states where every member's hash chain stands, signed with the server's key. Keep it where nobody who can
write to the database can write. Compared with it later, the books must still have the transaction that headed each
wallet then, with its hash: a history that was rewritten is found even if all its hashes were recomputed. The first
member and the number of that transaction are named. So is the first version of the program that is not as it was.

It is only written when the books hold. Exits 0 if all holds, 1 if not, and 2 when that is not known, because the database
did not answer to the end, or when a file or a key cannot be used: a checkpoint that was altered, or that another key
signed.";

#[derive(Args, Clone, Debug, Default)]
pub struct Verify {
    /// Write a signed checkpoint of the books to this new file; gzip if its name ends with .gz
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Compare the books with this checkpoint, too
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// The server's Ed25519 key, which signs a checkpoint; by default the one beside the SQLite database
    #[arg(long, env = "JIFEN_SIGNING_KEY_FILE", value_name = "FILE")]
    pub signing_key_file: Option<PathBuf>,
    /// Public keys (PEM) whose checkpoints are accepted besides
    #[arg(long, env = "JIFEN_FORMER_KEY_FILES", value_name = "FILE,…", value_delimiter = ',')]
    pub former_key_files: Vec<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// Fill the database and stop, without serving
    #[arg(long)]
    pub fill_only: bool,
    #[command(flatten)]
    pub server: Server,
}

#[derive(Args, Clone, Debug)]
pub struct SchemaArgs {
    /// Compare with this file instead of printing; exits 1 when they differ
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "schema.graphql")]
    pub check: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Import {
    /// Purchases of the past, from a CSV file with the columns member, placed_at and amount
    #[command(after_long_help = IMPORT_ORDERS_HELP)]
    Orders(ImportOrders),
    /// Single-use codes of a partner, for a reward that gives them out
    #[command(after_long_help = IMPORT_CODES_HELP)]
    Codes(ImportCodes),
}

/// What `jifen import orders --help` says of the file.
const IMPORT_ORDERS_HELP: &str = "\
Columns of the file, CSV in UTF-8 with their names in the first line:
  member        the customer's reference in the former system; new members are made without password and user name
  placed_at     2024-05-01 (midnight in the program's zone), 2024-05-01 09:30[:15], or RFC 3339 with an offset
  amount        what was paid, in the program's currency; 0 is an order without points, a negative one is rejected
  quantity      pieces; 1 if there is no such column
  order_number  unique over all orders; one line an order
  email, name   of the customer, only used for new members; an address that another member has is left out
Other columns are named on stderr and passed over.

A purchase is known again by its order number, or else by its content and how many equal lines came before it in the
file. So the same file may be imported again at any time, also after a run that was killed: what is there is skipped.
Rejected lines go to FILE.rejected.csv, with line number and reason, and the import goes on: it exits 0 also when lines
were rejected (the summary counts them), 2 when the file or an option cannot be used, and 1 when the database fails.";

#[derive(Args, Clone, Debug)]
pub struct ImportOrders {
    /// The file, FILE.csv or FILE.csv.gz
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which of the file's columns is which of ours: member=customer_id,placed_at=date
    #[arg(long, value_name = "OURS=THEIRS,…", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Read and check everything, write no member, order or file; rejected lines are listed on stderr
    #[arg(long)]
    pub dry_run: bool,
}

/// What `jifen import codes --help` says of the file.
const IMPORT_CODES_HELP: &str = "\
The file has a code a line, in the order in which they are to be given out: plain text in UTF-8, the first line a code
like the others. Of a CSV file with the names of its columns in the first line, --column says which one holds the codes.
A code has 1 to 100 characters; spaces around it are cut off, and capital letters are told from small ones.

A code is given out once for ever. One that the reward has already is skipped, so the same file may be imported again at
any time, also after a run that was killed. One that stands twice in the file, that another reward has, that is a
coupon's or that cannot be read is rejected: it goes to FILE.rejected.csv, with line number and reason, and the rest
is added. It exits 0 also when lines were rejected (the summary counts them), 2 when the file, the reward or an option
cannot be used, and 1 when the database fails; what was added before is told then.";

#[derive(Args, Clone, Debug)]
pub struct ImportCodes {
    /// The file, plain or packed with gzip
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The reward, by its global id: the `id` that createReward and rewards show
    #[arg(long, value_name = "ID")]
    pub reward: String,
    /// The column of a CSV file that holds the codes
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,
    /// Read and check everything, write no code or file; rejected lines are listed on stderr
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make a new account that is staff; its password comes from JIFEN_ADMIN_PASSWORD or from stdin
    #[command(after_long_help = ADMIN_CREATE_HELP)]
    Create(AdminCreate),
    /// Make a member staff, from their next login on
    Grant(AdminMember),
    /// Take the role away and end all the member's sessions
    Revoke(AdminMember),
    /// List the staff
    List,
}

/// What `jifen admin create --help` says of the password.
const ADMIN_CREATE_HELP: &str = "\
The password is the variable JIFEN_ADMIN_PASSWORD, or else the first line of stdin; a terminal is
asked for it, twice and without showing it. It has 8 to 128 characters and is not common,
predictable or the account's own name.";

#[derive(Args, Clone, Debug)]
pub struct AdminCreate {
    /// The user name to log in with: 3 to 32 letters, digits, '.', '_' or '-'
    #[arg(long, value_name = "NAME")]
    pub username: String,
    /// The e-mail address
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    #[command(flatten)]
    pub hashing: Hashing,
}

#[derive(Args, Clone, Debug)]
pub struct AdminMember {
    /// The member's user name
    #[arg(value_name = "USERNAME")]
    pub username: String,
}

/// How the server runs.
#[derive(Args, Clone, Debug)]
pub struct Server {
    /// Where to listen
    #[arg(long, env = "JIFEN_LISTEN", default_value = "127.0.0.1:8000", value_name = "ADDR", value_parser = address)]
    pub listen: SocketAddr,
    /// Refuse demo data and default keys; turn introspection and suggestions off
    #[arg(long, env = "JIFEN_PRODUCTION", value_parser = clap::builder::BoolishValueParser::new())]
    pub production: bool,
    /// The Ed25519 key that signs access tokens (PKCS#8 PEM, readable by its owner only); all processes share it. Without
    /// --production it defaults to a file beside the SQLite database, made if it is missing
    #[arg(long, env = "JIFEN_SIGNING_KEY_FILE", value_name = "FILE")]
    pub signing_key_file: Option<PathBuf>,
    /// Public keys (PEM) of former signing keys, whose tokens are still accepted
    #[arg(long, env = "JIFEN_FORMER_KEY_FILES", value_name = "FILE,…", value_delimiter = ',')]
    pub former_key_files: Vec<PathBuf>,
    /// The issuer named in access tokens
    #[arg(long, env = "JIFEN_ISSUER", default_value = "jifen", value_name = "TEXT")]
    pub issuer: String,
    /// The audience named in access tokens
    #[arg(long, env = "JIFEN_AUDIENCE", default_value = "jifen", value_name = "TEXT")]
    pub audience: String,
    /// Days a session lasts without being refreshed
    #[arg(long, env = "JIFEN_SESSION_DAYS", default_value_t = 30, value_name = "DAYS", value_parser = clap::value_parser!(i64).range(1..=3650))]
    pub session_days: i64,
    /// Tasks that commit groups (PostgreSQL only; SQLite has one writer)
    #[arg(long, env = "JIFEN_COMMITTERS", default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub committers: u16,
    /// Seconds between two sweeps for points that become active or expire and holds that time out; 0 leaves them to
    /// other processes and to each member's next command
    #[arg(long, env = "JIFEN_SWEEP_SECONDS", default_value_t = 15, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=86_400))]
    pub sweep_seconds: u64,
    /// Seconds a request may take
    #[arg(long, env = "JIFEN_REQUEST_TIMEOUT_SECONDS", default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    pub request_timeout_seconds: u64,
    /// Web sites whose scripts may call the server, such as https://shop.example
    #[arg(long, env = "JIFEN_CORS_ORIGINS", value_name = "ORIGIN,…", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<HeaderValue>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks such as 10.0.0.0/8
    #[arg(long, env = "JIFEN_TRUSTED_PROXIES", value_name = "NET,…", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// The largest cost of a visitor's document
    #[arg(long, env = "JIFEN_VISITOR_COST", default_value_t = 2_000, value_name = "COST")]
    pub visitor_cost: u64,
    /// The largest cost of a member's document
    #[arg(long, env = "JIFEN_MEMBER_COST", default_value_t = 10_000, value_name = "COST")]
    pub member_cost: u64,
    /// Failed passwords of one account in 15 minutes; 0 is no limit
    #[arg(long, env = "JIFEN_FAILURES_PER_ACCOUNT", default_value_t = 10, value_name = "N")]
    pub failures_per_account: u32,
    /// Failed passwords from one address in 15 minutes; 0 is no limit
    #[arg(long, env = "JIFEN_FAILURES_PER_ADDRESS", default_value_t = 100, value_name = "N")]
    pub failures_per_address: u32,
    /// Registrations from one address in a minute; 0 is no limit
    #[arg(long, env = "JIFEN_REGISTRATIONS_PER_ADDRESS", default_value_t = 60, value_name = "N")]
    pub registrations_per_address: u32,
    #[command(flatten)]
    pub hashing: Hashing,
}

/// What a password hash costs.
#[derive(Args, Clone, Debug)]
pub struct Hashing {
    /// Memory of a password hash (argon2id) in KiB, 19456 at least
    #[arg(long, env = "JIFEN_PASSWORD_MEMORY_KIB", default_value_t = 19_456, value_name = "KIB")]
    pub password_memory_kib: u32,
    /// Passes of a password hash, 2 at least
    #[arg(long, env = "JIFEN_PASSWORD_PASSES", default_value_t = 2, value_name = "N")]
    pub password_passes: u32,
}

impl Hashing {
    /// The password room.
    ///
    /// # Errors
    /// One line that says which setting is wrong.
    pub fn passwords(&self, random: Random) -> Result<Passwords, String> {
        let settings = PasswordSettings {
            memory_kib: self.password_memory_kib,
            passes: self.password_passes,
            ..PasswordSettings::default()
        };
        Passwords::new(&settings, random)
    }
}

impl Server {
    pub fn throttle(&self) -> ThrottleSettings {
        ThrottleSettings {
            failures_per_account: self.failures_per_account,
            failures_per_address: self.failures_per_address,
            registrations_per_address: self.registrations_per_address,
            ..ThrottleSettings::default()
        }
    }

    pub fn proxies(&self) -> Result<TrustedProxies, String> {
        TrustedProxies::parse(self.trusted_proxies.iter().map(String::as_str))
    }
}

fn location(url: &str) -> Result<Location, String> {
    Location::parse(url)
}

/// A web site as a browser names it: scheme, host and port, and nothing after them.
fn origin(text: &str) -> Result<HeaderValue, String> {
    let wrong = || "give a web site such as https://shop.example".to_owned();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or_else(wrong)?;
    let is_host = !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']);
    if is_host { HeaderValue::from_str(text).map_err(|_| wrong()) } else { Err(wrong()) }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "write an address and a port, such as 127.0.0.1:8000".to_owned())
}
