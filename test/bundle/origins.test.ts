/** Years later a recorded decision still says who changed its rule, and nobody else can be put in their place. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freshIndex } from "../../engine/audit/index/fresh.ts";
import { who } from "../../engine/audit/who.ts";
import { writeProvenance } from "../../engine/bundle/provenance.ts";
import { keepOrigins, recordedOrigins } from "../../engine/bundle/store/origins.ts";
import { whoText } from "../../engine/render/audit-who.ts";
import { plain } from "../../engine/render/paint.ts";
import type { ProvenanceFile } from "../../engine/schema/types.ts";
import { entries, patient, writeLog } from "../audit/generate.ts";

const [GRANTED, RULED] = ["a".repeat(40), "b".repeat(40)];
const state = mkdtempSync(join(tmpdir(), "phiward-origins-"));
afterAll(() => rmSync(state, { recursive: true, force: true }));
const log = join(state, "audit");

/** A log in which the calls of one grant say which release decided. */
const [first] = [...entries(1, { seed: 1, patients: 1, grants: 1 })];
if (first?.kind !== "decision") throw new Error("the first entry is to be a decision");
const file: ProvenanceFile = {
  type: "phiward.provenance/1",
  changes: [
    { commit: GRANTED, approvers: [] },
    {
      commit: RULED,
      pullRequest: { number: 412, from: "gate" },
      approvers: [{ name: "m-chen", commit: RULED }],
    },
  ],
  grants: { [first.grant]: 0 },
  policies: { [first.policy!.name]: { [`/tools/${first.tool}`]: 1, "/default": 0 } },
};
const { text, digest } = writeProvenance(file);
const release = {
  name: "ehr",
  version: "7",
  digest: `sha256:${"c".repeat(64)}`,
  provenance: digest,
};
const decision = { ...first, verdict: "allow", rule: "", subjects: [patient(0)] } as const;
writeLog(log, [
  { ...decision, bundle: release },
  { ...decision, bundle: { ...release, provenance: undefined } },
]);
const asked = () => who(log, freshIndex(log), [patient(0)], {}, recordedOrigins(state));

describe("audit who", () => {
  test("names the changes of the grant and of the rule", async () => {
    await keepOrigins(state, Buffer.from(text));
    const [access, other] = asked().accesses;
    expect(access).toMatchObject({
      origin: { grant: { commit: GRANTED }, rule: { commit: RULED } },
      pullRequest: "412",
      approvers: ["m-chen"],
    });
    expect(other).toMatchObject({ origin: null, pullRequest: null, approvers: [] });
    const said = whoText(asked(), plain);
    expect(said).toContain("commit bbbbbbbbbbbb, pull request 412, approved by m-chen");
    expect(said).toContain("commit aaaaaaaaaaaa, no pull request known");
  });

  test("leaves nothing half written beside what it keeps", () => {
    expect(readdirSync(join(state, "origins"))).toEqual([`${digest.slice(7)}.json`]);
  });

  test("names nobody when the kept file was exchanged, or is gone", () => {
    const kept = join(state, "origins", `${digest.slice(7)}.json`);
    writeFileSync(kept, readFileSync(kept, "utf8").replace("m-chen", "r-ode"));
    expect(asked().accesses[0]).toMatchObject({ origin: null, approvers: [] });
    expect(whoText(asked(), plain)).toContain("is not in the state folder any more");
    rmSync(kept);
    expect(asked().accesses[0]).toMatchObject({ origin: null });
  });
});
