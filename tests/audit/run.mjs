// Runs every server audit of graphql-http against one URL:  node run.mjs http://127.0.0.1:8080/graphql
//
// An audit that only warns is a failure here: the project keeps all of them. So is another number of audits than
// the one we know, or an update of the package could quietly test less.
import { serverAudits } from "graphql-http";

const EXPECTED = 61;

const url = process.argv[2];
if (!url) {
  console.error("Say which server: node run.mjs URL");
  process.exit(2);
}

let passed = 0;
const audits = serverAudits({ url, fetchFn: fetch });
for (const audit of audits) {
  const result = await audit.fn();
  if (result.status === "ok") {
    passed += 1;
  } else {
    const { status, statusText } = result.response ?? {};
    console.error(`${result.status} ${result.id} ${result.name}: ${result.reason} (HTTP ${status} ${statusText ?? ""})`);
  }
}

console.log(`${passed} of ${audits.length} audits passed; ${EXPECTED} are expected`);
process.exit(passed === EXPECTED && audits.length === EXPECTED ? 0 : 1);
