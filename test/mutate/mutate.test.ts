/** Mutation testing from the files to the score, and the tests that it writes. */
import { expect, test } from "vitest";
import { diskTree } from "../../engine/host/disk.ts";
import { mutate } from "../../engine/mutate/mutate.ts";
import { writeTests } from "../../engine/mutate/write-tests.ts";
import { load } from "../../engine/policy/load.ts";
import { touchedSince } from "../../engine/testing/changed.ts";
import { type Files, folder, NOW, policy, suite } from "../support/small-repository.ts";

const RULES = policy(`tools:
  read:
    args: [patient]
    require:
      - { name: one, conditions: [{ path: args.patient, op: matches, value: "p-[0-9]+" }] }
    limits: [{ counter: calls, window: hour, max: 2 }]
`);
/** With comments and forms that a program would not write. */
const CASES = suite(`  - name: 'one patient'   # p-1
    call: { args: { patient: p-1 } }
    expect: allow

  # The case that matters.
  -   name: every patient
      call:   { args: { patient: "*" } }
      expect: { verdict: deny, rule: /tools/read/require/0 }
# the end
`);
const PATH = "tests/lookup.test.yaml";
const options = { now: NOW };

test("a mutant that a test notices is killed; one that none notices comes with its call", async () => {
  const report = mutate(await folder(RULES, CASES), options);
  const texts = report.survivors.map(({ mutation }) => mutation);
  // Both cases notice that the entry is gone or negated; nobody calls three times.
  expect(texts).not.toContain("drop the `require` entry `one`");
  expect(texts).toContain("drop the limit `calls`");
  expect(report.unproved).toBe(0);
  for (const { witness, expected, mutant } of report.survivors) {
    expect(witness).toBeDefined();
    expect(expected).not.toEqual(mutant);
  }
});

test("the score counts what is killed among what is not equivalent", async () => {
  const { killed, survived, equivalent, score, survivors } = mutate(
    await folder(RULES, CASES),
    options,
  );
  expect(survivors).toHaveLength(survived);
  expect(equivalent).toBeGreaterThan(0);
  expect(score).toBe(Math.floor((killed / (killed + survived)) * 1000) / 10);
});

test("it says the same each time, and says how far it is", async () => {
  const loaded = await folder(RULES, CASES);
  const heard: [number, number][] = [];
  const first = mutate(loaded, { ...options, onProgress: (...at) => heard.push(at) });
  expect(mutate(loaded, options)).toEqual(first);
  expect(heard.at(-1)![0]).toBe(heard.at(-1)![1]);
});

test("where nothing is to be mutated nothing is missing", async () => {
  const { killed, score } = mutate(await folder(RULES, CASES), {
    ...options,
    touches: () => false,
  });
  expect([killed, score]).toEqual([0, 100]);
});

test("since a revision, only what it changed is mutated", async () => {
  const base = await folder(RULES, CASES);
  const touched = async (...parts: readonly Files[]): Promise<string[]> => {
    const head = await folder(CASES, ...parts);
    const report = mutate(
      { ...head, tests: [] },
      { ...options, touches: touchedSince(base, head) },
    );
    return [...new Set(report.survivors.map(({ place }) => `${place.file}:${place.line}`))];
  };
  const text = RULES["policies/lookup.yaml"]!;
  expect(await touched(RULES)).toEqual([]);
  expect(await touched({ "policies/lookup.yaml": `# said differently\n${text}` })).toEqual([]);
  expect(await touched({ "policies/lookup.yaml": text.replace("max: 2", "max: 3") })).toEqual([
    // The tool has changed as a whole too.
    "policies/lookup.yaml:4",
    "policies/lookup.yaml:8",
  ]);
});

test("tests are written after the last case, and every byte that was there stays", async () => {
  const loaded = await folder(RULES, CASES);
  const text = CASES[PATH]!;
  const written = writeTests(loaded, new Map([[PATH, text]]), options);
  expect([...written.files.keys()]).toEqual([PATH]);
  const after = written.files.get(PATH)!;
  const [head, tail] = text.split("# the end\n");
  expect(after.startsWith(head!)).toBe(true);
  expect(after.endsWith(`# the end\n${tail}`)).toBe(true);
  expect(written.report).toMatchObject({ survived: 0, score: 100 });
  const again = await folder(RULES, { [PATH]: after });
  expect(mutate(again, options)).toEqual(written.report);
});

test("where no suite asks as the witness does, a new one is begun", async () => {
  const loaded = await folder(RULES);
  const { files, report } = writeTests(loaded, new Map(), options);
  expect([...files.keys()]).toEqual(["tests/mutants.test.yaml"]);
  expect(report.score).toBe(100);
  const again = await folder(RULES, Object.fromEntries(files));
  expect(mutate(again, options).survived).toBe(0);
});

test("cases in one line, or in JSON, are left alone", async () => {
  const json = JSON.stringify({
    version: "1",
    suite: "s",
    defaults: { grant: "bot", server: "ehr" },
    cases: [{ name: "n", call: { tool: "x" }, expect: "deny" }],
  });
  const flow = `version: "1"\nsuite: t\ndefaults: { grant: bot, server: ehr }\ncases: [{ name: n, call: { tool: x }, expect: deny }]\n`;
  const texts = { "tests/a.test.json": json, "tests/b.test.yaml": flow };
  const { files } = writeTests(await folder(RULES, texts), new Map(Object.entries(texts)), options);
  expect([...files.keys()]).toEqual(["tests/mutants.test.yaml"]);
});

/** Measured at 3 s for the hospital on two cores; the bound is the promise. */
const MAX_MS = 30_000;

test.each(["hospital", "mission"])(
  "the tests of examples/%s notice nine mistakes in ten",
  async (name) => {
    const started = performance.now();
    const loaded = await load(diskTree(`${import.meta.dirname}/../../examples/${name}`));
    const report = mutate(loaded, options);
    expect(report.score).toBeGreaterThanOrEqual(90);
    expect(report.unproved).toBe(0);
    expect(performance.now() - started).toBeLessThan(MAX_MS);
  },
);

test("without its tests every mutant of the hospital is told from the original, or proved to be none", async () => {
  const loaded = await load(diskTree(`${import.meta.dirname}/../../examples/hospital`));
  const report = mutate({ ...loaded, tests: [] }, options);
  expect(report).toMatchObject({ killed: 0, unproved: 0 });
  expect(report.survived).toBeGreaterThan(500);
});
