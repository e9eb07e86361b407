//! The stories in `examples/stories`, played as they stand there, on both databases.
//!
//! A story is a document with named operations, and a list of steps: who sends which operation with which variables,
//! which values of the answer are kept for later (`"$name"`), what must be in the answer, and how long to wait. `"$today"`
//! is the day it is where the program is.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use jifen::cli::demo::goods::stock_shelves;
use jifen::domain::points::entity::program;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::world::{Member, World, both_databases};

both_databases!(every_story_comes_true);

/// One step of a story.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Step {
    /// Who: `member`, `friend`, `staff` or `manager` (another member of staff).
    #[serde(default, rename = "as")]
    actor: Option<String>,
    #[serde(default)]
    operation: Option<String>,
    #[serde(default)]
    variables: Json,
    /// Names for values of the answer, each with its JSON pointer.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    /// Values that the answer must have, by JSON pointer.
    #[serde(default)]
    expect: BTreeMap<String, Json>,
    /// Texts that a text of the answer must have in it, by JSON pointer.
    #[serde(default)]
    contains: BTreeMap<String, Vec<String>>,
    /// Minutes that pass instead.
    #[serde(default)]
    wait_minutes: Option<i64>,
}

impl Step {
    /// Fails unless the answer is as the step says. Whoever foresees no refusal gets none.
    fn judge(&self, answer: &Json, kept: &Map<String, Json>, place: &str) {
        for (pointer, expected) in &self.expect {
            let found = answer["data"].pointer(pointer).unwrap_or(&Json::Null);
            assert_eq!(found, &filled_in(expected, kept), "{place} at {pointer}: {answer}");
        }
        for (pointer, parts) in &self.contains {
            let found = answer["data"].pointer(pointer).and_then(Json::as_str).unwrap_or_default();
            let missing: Vec<_> = parts.iter().filter(|part| !found.contains(part.as_str())).collect();
            assert!(missing.is_empty(), "{place} at {pointer} lacks {missing:?}: {answer}");
        }
        let refused = answer.to_string().contains("\"userErrors\":[{");
        let foreseen = self.expect.keys().any(|pointer| pointer.contains("userErrors"));
        assert!(foreseen || !refused, "{place} was refused: {answer}");
    }
}

struct Story {
    name: String,
    document: String,
    steps: Vec<Step>,
}

fn stories() -> Vec<Story> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/stories");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("there are stories").map(|entry| entry.expect("a folder").path()).collect();
    folders.sort();
    let read = |folder: &PathBuf, file: &str| {
        let path = folder.join(file);
        std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
    };
    let tell = |folder: &PathBuf| {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(read(folder, "README.md").lines().count() > 10, "{name} needs a page of prose");
        let steps = serde_json::from_str(&read(folder, "variables.json"));
        let steps = steps.unwrap_or_else(|cause| panic!("{name}/variables.json: {cause}"));
        Story { document: read(folder, "story.graphql"), steps, name }
    };
    folders.iter().map(tell).collect()
}

async fn every_story_comes_true(world: World) {
    let stories = stories();
    assert!(stories.len() >= 10, "the stories are lost");
    stock_shelves(&world.app).await.expect("the demo's shelves");
    for story in stories {
        play(&world, &story).await;
        // The next story begins with the program as it comes.
        let usual = program::Model::usual(world.app.programs.id(), 0);
        world.program(|program| *program = program::Model { version: program.version, ..usual.clone() }).await;
    }
}

async fn play(world: &World, story: &Story) {
    let mut cast: HashMap<&str, Member> = HashMap::new();
    for actor in ["member", "friend"] {
        cast.insert(actor, world.member().await);
    }
    for actor in ["staff", "manager"] {
        cast.insert(actor, world.staff().await);
    }
    let mut kept: Map<String, Json> = Map::new();
    for (actor, member) in &cast {
        kept.insert(format!("{actor}Id"), member.id.clone().into());
        kept.insert(format!("{actor}Number"), member.number().await);
    }
    for (at, step) in story.steps.iter().enumerate() {
        let place = format!("{}, step {}", story.name, at + 1);
        kept.insert("today".to_owned(), today(world).into());
        if let Some(minutes) = step.wait_minutes {
            world.wait_minutes(minutes);
            world.work().await;
            for member in cast.values_mut() {
                *member = member.another_session().await;
            }
            continue;
        }
        let operation = step.operation.as_ref().unwrap_or_else(|| panic!("{place} does nothing"));
        let actor = step.actor.as_deref().unwrap_or("member");
        let client = cast.get(actor).unwrap_or_else(|| panic!("{place}: who is {actor}?"));
        let body = serde_json::json!({
            "query": story.document, "operationName": operation, "variables": filled_in(&step.variables, &kept),
        });
        let answer = client.send(body).await.json;
        assert!(answer.get("errors").is_none(), "{place}: {answer}");
        step.judge(&answer, &kept, &place);
        for (name, pointer) in &step.keep {
            let value = answer["data"].pointer(pointer).unwrap_or_else(|| panic!("{place}: no {pointer} in {answer}"));
            kept.insert(name.clone(), value.clone());
        }
    }
}

/// The day it is in the program's time zone.
fn today(world: &World) -> String {
    world.clock.now().timestamp().to_zoned(world.app.programs.zone()).date().to_string()
}

/// The same with every `"$name"` replaced by what was kept under that name.
fn filled_in(json: &Json, kept: &Map<String, Json>) -> Json {
    match json {
        Json::String(text) => match text.strip_prefix('$') {
            Some(name) => kept.get(name).unwrap_or_else(|| panic!("nothing was kept as {name}")).clone(),
            None => json.clone(),
        },
        Json::Array(items) => items.iter().map(|item| filled_in(item, kept)).collect(),
        Json::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), filled_in(value, kept))).collect::<Map<_, _>>().into()
        }
        _ => json.clone(),
    }
}
