//! Simulations, as staff asks for them.

use jifen::domain::simulation::service::run_next;
use serde_json::{Value as Json, json};

use super::order::Call;
use super::{Client, World};

const SIMULATE: &str = "mutation($input: SimulateProgramInput!) { simulateProgram(input: $input) {
    simulation { id status orders progressPercent } userErrors { code path message } } }";
const CANCEL: &str = "mutation($input: CancelSimulationInput!) { cancelSimulation(input: $input) {
    simulation { id status } userErrors { code path message } } }";
const SIDES: &str =
    "actual { issued takenBack net cost { amount } } simulated { issued takenBack net cost { amount } }";

impl Client {
    pub fn simulate(&self, input: Json) -> Call {
        let mut call = Call {
            client: self.clone(),
            document: SIMULATE,
            mutation: "simulateProgram",
            object: "simulation",
            input: json!({ "from": "2026-11-23", "to": "2026-11-23" }),
        };
        for (field, value) in input.as_object().expect("fields") {
            call = call.with(field, value.clone());
        }
        call
    }

    pub fn cancel_simulation(&self, simulation: &Json) -> Call {
        let input = json!({ "id": simulation["id"] });
        Call { client: self.clone(), document: CANCEL, mutation: "cancelSimulation", object: "simulation", input }
    }

    pub async fn simulation(&self, simulation: &Json) -> Json {
        let document = format!(
            "query($id: ID!) {{ simulation(id: $id) {{ status orders ordersDone progressPercent from to
                earnRate {{ points money {{ amount }} }} withRules {{ name }} withoutRules {{ name }} finishedAt
                result {{ members membersGaining membersLosing total {{ orders spent {{ amount }} {SIDES} }}
                    byTier {{ tier {{ code }} figures {{ orders {SIDES} }} }}
                    bySource {{ source rule {{ name }} {SIDES} }} }} }} }}"
        );
        self.graphql(&document, json!({ "id": simulation["id"] })).await.data()["simulation"].clone()
    }

    /// Plays a draft, and tells what came of it.
    pub async fn played(&self, world: &World, input: Json) -> Json {
        let simulation = self.simulate(input).await.expect_ok();
        assert_eq!(simulation["status"], "QUEUED");
        assert!(run_next(&world.app).await.expect("a worker"), "it waited for a worker");
        let done = self.simulation(&simulation).await;
        assert_eq!((&done["status"], &done["progressPercent"]), (&json!("DONE"), &json!(100)), "{done}");
        assert_eq!(done["orders"], done["ordersDone"]);
        done["result"].clone()
    }
}
