//! The world of a test: one program over one fresh database, with a clock that only moves when it is told to.
//!
//! A test is a plain `async fn story(world: World)`, and `both_databases!(story, …)` makes two tests of it. Requests take
//! the same way as a client's, through the router; what has no mutation yet (products, rewards, points out of nothing)
//! is put there by the builders in `shop` and `member`.

pub mod books;
pub mod client;
pub mod database;
pub mod earning;
pub mod hold;
pub mod household;
pub mod member;
pub mod movement;
pub mod order;
pub mod returns;
pub mod reward;
pub mod segment;
pub mod shelf;
pub mod shop;
pub mod simulation;
pub mod socket;
pub mod tier;

use std::net::SocketAddr;
use std::ops::Deref;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use futures_util::FutureExt;
use jifen::access::password::{PasswordSettings, Passwords};
use jifen::access::throttle::{Throttle, ThrottleSettings, TrustedProxies};
use jifen::access::token::{SigningKey, TokenSettings, Tokens};
use jifen::app::{App, Parts};
use jifen::base::clock::{Clock, DAY, Instant, MINUTE, SECOND};
use jifen::base::id::{Ids, Random};
use jifen::commit::Committers;
use jifen::db::Db;
use jifen::db::group::Bounds;
use jifen::db::reader::Hub;
use jifen::domain::earning::query::RuleBook;
use jifen::domain::points::query::programs::Programs;
use jifen::http::site::{Doors, site};
use parking_lot::Mutex;

pub use client::{Answer, Client};
pub use database::{Database, Kind};
pub use member::Member;

/// Makes an SQLite and a PostgreSQL test of every story named: `both_databases!(a_story, another)`.
macro_rules! both_databases {
    ($($story:ident),+ $(,)?) => {$(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                crate::world::tell(crate::world::Kind::Sqlite, super::$story).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                crate::world::tell(crate::world::Kind::Postgres, super::$story).await;
            }
        }
    )+};
}
pub(crate) use both_databases;

/// Monday, 23 November 2026, ten in the morning in Shanghai.
const MORNING: Instant = Instant(1_795_399_200 * SECOND);

/// What a process is started with, where tests differ.
#[derive(Clone)]
pub struct Settings {
    pub throttle: ThrottleSettings,
    pub production: bool,
    pub timeout: Duration,
    pub committers: usize,
}

impl Default for Settings {
    /// Without limits on registering, since most stories register more members from one address than people do.
    fn default() -> Settings {
        Settings {
            throttle: ThrottleSettings { registrations_per_address: 0, ..ThrottleSettings::default() },
            production: false,
            timeout: Duration::from_secs(30),
            committers: 2,
        }
    }
}

/// One running program. Clones are the same one.
#[derive(Clone)]
pub struct World(Arc<Running>);

pub struct Running {
    pub app: App,
    pub router: Router,
    pub clock: Clock,
    pub database: Arc<Database>,
    key: SigningKey,
    statements: Arc<Mutex<Vec<String>>>,
    without_books: AtomicBool,
    counter: Arc<AtomicU64>,
}

impl Deref for World {
    type Target = Running;

    fn deref(&self) -> &Running {
        &self.0
    }
}

/// Runs a story in a fresh world, closes the books, and removes the database, whether or not the story went well.
pub async fn tell<F: Future<Output = ()> + Send>(kind: Kind, story: impl FnOnce(World) -> F) {
    let Some(database) = Database::create(kind).await else {
        println!("SKIPPED: JIFEN_TEST_POSTGRES_URL names no PostgreSQL server; scripts/test starts one");
        return;
    };
    let world = World::open(database).await;
    let told = AssertUnwindSafe(story(world.clone())).catch_unwind().await;
    let closed = AssertUnwindSafe(world.close(told.is_ok())).catch_unwind().await;
    world.database.remove().await;
    for outcome in [told, closed] {
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    }
}

impl World {
    async fn open(database: Database) -> World {
        let random = Random::seeded(7);
        let key = SigningKey::generate(&random);
        let clock = Clock::manual(MORNING);
        World::start(Arc::new(database), key, clock, Arc::default(), Settings::default()).await
    }

    /// A second process over the same database, with the same key and the same clock.
    pub async fn another_process(&self, settings: Settings) -> World {
        let key = self.key.clone();
        World::start(self.database.clone(), key, self.clock.clone(), self.counter.clone(), settings).await
    }

    async fn start(
        database: Arc<Database>,
        key: SigningKey,
        clock: Clock,
        counter: Arc<AtomicU64>,
        settings: Settings,
    ) -> World {
        let mut db = Db::open(&database.location, 4).await.expect("the test's database opens");
        let statements = Arc::new(Mutex::new(Vec::new()));
        for pool in [&mut db.read, &mut db.write] {
            let statements = statements.clone();
            pool.watch(move |sql| statements.lock().push(sql.to_owned()));
        }
        let programs = Programs::open(&db).await.expect("a migrated database has a program");
        // Each process draws from a seed of its own, or two would draw the same ids.
        let random = Random::seeded(1_000 + counter.fetch_add(1, Ordering::SeqCst));
        let committers = if database.kind == Kind::Sqlite { 1 } else { settings.committers };
        let app = App::new(Parts {
            hub: Hub::new(db.clone()),
            rules: RuleBook::of(programs.id()),
            tiers: jifen::domain::tier::query::TierBook::of(programs.id()),
            ids: Ids::new(clock.clone(), random.clone()),
            committers: Committers::start(&db, &programs, &clock, committers, Bounds::default()),
            passwords: Passwords::new(&PasswordSettings::insecure_for_tests(), random.clone())
                .expect("a password pool"),
            tokens: Tokens::new(&key, &[], clock.clone(), TokenSettings::new("jifen", "jifen")),
            rotation_key: key.rotation_key(),
            throttle: Throttle::new(settings.throttle, clock.clone(), &random),
            session_ttl: 30 * DAY,
            programs,
            clock: clock.clone(),
            db,
        });
        let doors = Doors {
            production: settings.production,
            timeout: settings.timeout,
            visitor_cost: 2_000,
            member_cost: 10_000,
            origins: Vec::new(),
            proxies: TrustedProxies::default(),
        };
        let router = site(&app, doors).expect("the program's own schema");
        World(Arc::new(Running {
            app,
            router,
            clock,
            database,
            key,
            statements,
            without_books: AtomicBool::new(false),
            counter,
        }))
    }

    /// Ends a second process; the first is ended with its story.
    pub async fn stop(&self) {
        self.close(false).await;
    }

    /// Finishes what is being committed. After a story that went well the books must balance.
    async fn close(&self, balanced: bool) {
        self.app.committers.finish().await;
        if balanced && !self.without_books.load(Ordering::SeqCst) {
            self.assert_balanced().await;
        }
        self.app.db.close().await;
    }

    /// For a story that takes the database away.
    pub fn skip_the_books(&self) {
        self.without_books.store(true, Ordering::SeqCst);
    }

    /// The SQL statements since the last call.
    pub fn take_statements(&self) -> Vec<String> {
        std::mem::take(&mut *self.statements.lock())
    }

    /// Lets time pass.
    pub fn wait_seconds(&self, seconds: i64) {
        self.clock.advance(seconds * SECOND);
    }

    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.advance(minutes * MINUTE);
    }

    pub fn wait_days(&self, days: i64) {
        self.clock.advance(days * DAY);
    }

    /// Goes to a moment to come, such as `2027-02-28T16:00:00Z`. Access tokens do not last so long: log in again.
    pub fn travel_to(&self, moment: &str) {
        let moment = Instant::from_timestamp(moment.parse().expect("a moment"));
        let ahead = moment.micros() - self.clock.now().micros();
        assert!(ahead >= 0, "the clock only goes forward");
        self.clock.advance(ahead);
    }

    /// Writes what is due, as the worker does; how many transactions that took.
    pub async fn sweep(&self) -> usize {
        jifen::worker::settle::sweep(&self.app).await.expect("what is due can be looked up")
    }

    /// Counts events for the statistics, as the worker does; how many there were.
    pub async fn count(&self) -> usize {
        jifen::worker::count::count(&self.app).await.expect("events can be counted")
    }

    /// Closes days of the books, as the worker does; how many there were.
    pub async fn close_days(&self) -> usize {
        jifen::worker::close::close(&self.app).await.expect("days can be closed")
    }

    /// Everything that workers do while time passes.
    pub async fn work(&self) {
        self.sweep().await;
        jifen::worker::count::count(&self.app).await.expect("events can be counted");
        self.close_days().await;
        while jifen::domain::simulation::service::run_next(&self.app).await.expect("simulations can be looked up") {}
    }

    /// The present moment as the schema writes it.
    pub fn now(&self) -> String {
        self.clock.now().rfc3339()
    }

    /// A word that nobody in this world has used yet, such as `order-7`. It takes a millisecond, so what is made one
    /// after the other sorts so.
    pub fn fresh(&self, word: &str) -> String {
        self.clock.advance(1_000);
        format!("{word}-{}", self.counter.fetch_add(1, Ordering::SeqCst))
    }

    /// Serves on a real socket, for what only a socket can show.
    pub async fn listen(&self) -> SocketAddr {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
    }
}
