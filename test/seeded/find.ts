/** What finds a mistake: lint, the repository's own tests, the proof against what was meant. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compare } from "../../engine/compare/compare.ts";
import { prepare } from "../../engine/decide/prepare.ts";
import type { Finding } from "../../engine/finding.ts";
import { lint } from "../../engine/lint/lint.ts";
import { mutate } from "../../engine/mutate/mutate.ts";
import { type LoadedRepository, load } from "../../engine/policy/load.ts";
import { runTests } from "../../engine/testing/run.ts";
import { memoryTree } from "../support/tree.ts";
import type { Bug, Part } from "./bugs.ts";

export interface Found {
  /** Rules of lint, or checks of loading, that say something new. */
  readonly lint?: readonly string[];
  /** Some of the repository's own tests fail. */
  readonly tests?: true;
  /** A mutant of the mistaken line survives the tests; asked only where nothing else of the repository's own speaks. */
  readonly mutant?: true;
  /** The verdict of `diff` against what was meant; absent: the same, or nothing to compare. */
  readonly proof?: "broader" | "narrower" | "unknown";
}

const HOSPITAL = join(import.meta.dirname, "../../examples/hospital");
const NOW = Date.UTC(2026, 9, 20);

/** A policy with its grants and tests, and what all share: a fifth of the hospital, in a fifth of the time. */
const GRANTS: Readonly<Record<Part, string>> = {
  triage: "triage-bot-7",
  billing: "billing-agent-2",
  lookup: "lookup-bot-3",
  emergency: "er-assist-1",
  "research-export": "cohort-export-1",
};

type Files = Readonly<Record<string, string>>;

function filesOf(part: Part): Files {
  const tests = readdirSync(join(HOSPITAL, "tests")).filter((name) => name.startsWith(part));
  const paths = [
    "phiward.yaml",
    "servers/ehr.yaml",
    LOCK,
    `policies/${part}.yaml`,
    `grants/${GRANTS[part]}.yaml`,
    ...tests.map((name) => `tests/${name}`),
  ];
  const files = Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(HOSPITAL, path), "utf8")]),
  );
  return { ...files, [LOCK]: withoutOthers(files[LOCK]!, files[`policies/${part}.yaml`]!) };
}

const LOCK = "servers/ehr.lock.json";

/** The pins of the tools that the policy or a mistake speaks of: to read a pinned schema takes longest. */
function withoutOthers(lock: string, policy: string): string {
  const { tools, ...rest } = JSON.parse(lock) as { tools: { name: string }[] };
  const spoken = tools.filter(({ name }) => policy.includes(name) || name === "fhir_delete");
  return JSON.stringify({ ...rest, tools: spoken });
}

function withBug(files: Files, { file, edits, slip }: Bug): Files {
  let text = files[file]!;
  for (const [says, mistake] of edits) {
    const parts = text.split(says);
    if (parts.length !== 2) throw new Error(`${slip}: ${parts.length - 1} places in ${file}`);
    text = parts.join(mistake);
  }
  return { ...files, [file]: text };
}

interface Meant {
  readonly files: Files;
  readonly loaded: LoadedRepository;
  /** What lint says of it already. */
  readonly said: ReadonlySet<string>;
}

const meant = new Map<Part, Meant>();

async function meantOf(part: Part): Promise<Meant> {
  let known = meant.get(part);
  if (known === undefined) {
    const files = filesOf(part);
    const loaded = await load(memoryTree(files));
    known = { files, loaded, said: new Set(sentences(loaded).map(({ sentence }) => sentence)) };
    meant.set(part, known);
  }
  return known;
}

function sentences(loaded: LoadedRepository): { rule: string; sentence: string }[] {
  return lint(loaded, NOW).findings.map(({ rule, message, place }) => ({
    rule,
    sentence: `${rule} ${place.file} ${message}`,
  }));
}

export async function find(bug: Bug): Promise<Found> {
  const { files, loaded: base, said } = await meantOf(bug.part);
  const mistaken = withBug(files, bug);
  const head = await load(memoryTree(mistaken));
  const rules = sentences(head).flatMap(({ rule, sentence }) => (said.has(sentence) ? [] : [rule]));
  const heard = rules.length === 0 ? {} : { lint: [...new Set(rules)].sort() };
  if (head.findings.some(isError)) return heard;
  const ran = runTests(prepare(head.repository), head.tests, { now: NOW });
  const red = ran.failed + ran.errors > 0;
  const { verdict } = compare(base, head, { base: "meant", head: "mistaken" });
  return {
    ...heard,
    ...(red ? { tests: true } : {}),
    ...(!red && rules.length === 0 && survives(head, bug, mistaken) ? { mutant: true } : {}),
    ...(verdict === "same" ? {} : { proof: verdict }),
  };
}

/** Whether a mutant survives in a line of the mistake: whoever looks at it sees that no test speaks of it. */
function survives(head: LoadedRepository, { file, edits }: Bug, files: Files): boolean {
  const before = (text: string): number => files[file]!.split(text)[0]!.split("\n").length;
  const lines = edits.map(([, mistake]) => before(mistake));
  return mutate(head, { now: NOW }).survivors.some(
    ({ place }) => place.file === file && lines.includes(place.line),
  );
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}
