/** The record of the hospital example is real: a FHIR store, an MCP server from npm, a client. */
import { readFileSync } from "node:fs";
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Ehr, startEhr } from "../../examples/hospital/ehr/start.ts";
import { startStore } from "../../examples/hospital/ehr/store.ts";

const HOSPITAL = new URL("../../examples/hospital/", import.meta.url);

interface Recorded {
  readonly id: string;
  readonly tool: string;
  readonly args: {
    readonly resourceType: string;
    readonly parameters?: Readonly<Record<string, string>>;
  };
}

interface Bundle {
  readonly resourceType: string;
  readonly entry?: readonly { readonly resource: { readonly id: string } }[];
}

const recorded: readonly Recorded[] = readFileSync(
  new URL("fixtures/medagentbench.jsonl", HOSPITAL),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

function recordedSearch(resourceType: string, ...names: string[]): Recorded {
  const wanted = JSON.stringify([...names].sort());
  const found = recorded.find(
    ({ args }) =>
      args.resourceType === resourceType &&
      JSON.stringify(Object.keys(args.parameters ?? {}).sort()) === wanted,
  );
  if (found === undefined) throw new Error(`no recorded search of ${resourceType} by ${wanted}`);
  return found;
}

async function answer(client: Client, name: string, args: Recorded["args"]): Promise<Bundle> {
  const { content } = await client.callTool({ name, arguments: args });
  const [first] = content as { type: string; text: string }[];
  return JSON.parse(first!.text);
}

function ids(bundle: Bundle): string[] {
  return (bundle.entry ?? []).map(({ resource }) => resource.id);
}

describe("the hospital's record", () => {
  let ehr: Ehr;
  beforeAll(async () => {
    ehr = await startEhr();
  });
  afterAll(() => ehr.stop());

  test("lists the tools that the example has saved", async () => {
    const saved: unknown = JSON.parse(
      readFileSync(new URL("ehr/tools-list.json", HOSPITAL), "utf8"),
    );
    const { tools } = await ehr.client.listTools();
    expect(tools).toHaveLength(25);
    expect({ tools }).toEqual(saved);
  });

  test("answers a recorded search by record number with that patient", async () => {
    const { tool, args } = recordedSearch("Patient", "identifier");
    const seen = ehr.store.requests.length;
    const bundle = await answer(ehr.client, tool, args);
    // In the benchmark's data a patient's id and record number are the same.
    expect(ids(bundle)).toEqual([args.parameters!.identifier]);
    expect(ehr.store.requests.slice(seen)).toEqual([
      { method: "GET", path: "Patient", query: ["_summary", "identifier"] },
    ]);
  });

  test("answers a recorded search by name and day of birth with one patient", async () => {
    const { tool, args } = recordedSearch("Patient", "family", "given", "birthdate");
    expect(ids(await answer(ehr.client, tool, args))).toHaveLength(1);
  });

  test("answers a recorded search for observations", async () => {
    const { tool, args } = recordedSearch("Observation", "patient", "code");
    const seen = ehr.store.requests.length;
    const bundle = await answer(ehr.client, tool, args);
    expect(bundle.resourceType).toBe("Bundle");
    expect(ehr.store.requests.slice(seen)).toEqual([
      { method: "GET", path: "Observation", query: ["_summary", "code", "patient"] },
    ]);
  });

  test("replays every recorded call, each as one request", async () => {
    const seen = ehr.store.requests.length;
    for (const { tool, args } of recorded) {
      await ehr.client.callTool({ name: tool, arguments: args });
    }
    const requests = ehr.store.requests.slice(seen);
    const count = (method: string, path: string): number =>
      requests.filter((request) => request.method === method && request.path === path).length;
    expect({
      patients: count("GET", "Patient"),
      observations: count("GET", "Observation"),
      notes: count("POST", "Observation"),
      referrals: count("POST", "ServiceRequest"),
      all: requests.length,
    }).toEqual({ patients: 32, observations: 36, notes: 6, referrals: 6, all: 80 });
  });

  // What the rules of the example's policies are for; see its README.
  test.each([
    ["a list of two record numbers", "fhir_search", { identifier: ["S6535936", "S6426560"] }, 2],
    ["the same with a comma", "fhir_search", { identifier: "S6535936,S6426560" }, 2],
  ])("returns both patients for %s", async (_, name, parameters, count) => {
    const args = { resourceType: "Patient", parameters } as unknown as Recorded["args"];
    expect(ids(await answer(ehr.client, name, args))).toHaveLength(count);
  });

  test("returns every patient for an empty id", async () => {
    const args = { resourceType: "Patient", id: "" };
    expect(ids(await answer(ehr.client, "fhir_read", args)).length).toBeGreaterThanOrEqual(500);
  });

  test("returns a patient for an id that leaves the resource type", async () => {
    const args = { resourceType: "Practitioner", id: "../Patient/S6535936" };
    const patient = await answer(ehr.client, "fhir_read", args);
    expect(patient.resourceType).toBe("Patient");
  });

  test("deletes a patient through a create without a resource type", async () => {
    const find = { resourceType: "Patient", parameters: { identifier: "S6426560" } };
    expect(ids(await answer(ehr.client, "fhir_search", find))).toHaveLength(1);
    const batch = {
      resourceType: "",
      resource: {
        resourceType: "Bundle",
        type: "batch",
        entry: [{ request: { method: "DELETE", url: "Patient/S6426560" } }],
      },
    };
    await answer(ehr.client, "fhir_create", batch);
    expect(ids(await answer(ehr.client, "fhir_search", find))).toHaveLength(0);
  });

  test("notes no patient in its list of requests", () => {
    const noted = JSON.stringify(ehr.store.requests);
    const patients = recorded.flatMap(({ args }) => args.parameters?.patient ?? []);
    expect(patients.length).toBeGreaterThan(0);
    expect(patients.filter((patient) => noted.includes(patient))).toEqual([]);
  });
});

test("two stores do not share records, and a stopped one does not answer", async () => {
  const [first, second] = [await startStore(), await startStore()];
  await fetch(`${first.url}/Patient/S6535936`, { method: "DELETE" });
  expect((await fetch(`${first.url}/Patient/S6535936`)).ok).toBe(false);
  expect((await fetch(`${second.url}/Patient/S6535936`)).ok).toBe(true);
  expect(first.requests).toEqual([
    { method: "DELETE", path: "Patient/{id}", query: [] },
    { method: "GET", path: "Patient/{id}", query: [] },
  ]);
  await first.stop();
  await second.stop();
  await expect(fetch(`${first.url}/metadata`)).rejects.toThrow();
});
