/**
 * A small hospital's policy repository in a real Git repository, with everything around it that can
 * widen access: its gate, its trust files, its workflow. A test says only what a change does to it.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { pinTool } from "../../engine/policy/compile.ts";
import { git, repository, write } from "../host/repository.ts";

export type Files = Readonly<Record<string, string>>;

const PIN = (name: string, properties: object, more: object = {}): object => {
  const definition = {
    name,
    description: `Does ${name}`,
    inputSchema: { type: "object", properties, additionalProperties: false },
    ...more,
  };
  return { ...definition, digest: pinTool(definition as never).digest };
};

const TEXT = { type: "string" };

export function lock(...tools: readonly object[]): string {
  return JSON.stringify(
    { version: "1", server: "ehr", instructions: "Ask before you write.", tools },
    null,
    2,
  );
}

export const PINS = {
  departments: PIN("list_departments", {}),
  read: PIN("read_record", { patient_id: TEXT }),
  readOther: PIN("read_record", { patient_id: TEXT, everything: { type: "boolean" } }),
  remove: PIN("remove_record", { patient_id: TEXT }),
  search: PIN("search_patients", { name: TEXT }),
};

export const BASE: Files = {
  "phiward.yaml": `version: "1"
bundle: { name: st-elsewhere }
subject: { key: "v1" }
requireBaa: true
gate:
  scope: ephi
  approvers:
    - { team: privacy-officers, count: 2 }
    - { login: s-example, count: 1 }
  coverage: { rules: 20 }
suppress:
  - { rule: bulk-without-subject-limit, file: policies/lookup.yaml, reason: pilot, until: 2026-12-01 }
invariants:
  - name: a reader names a patient
    tools: [read_record]
    require: { path: args.patient_id, op: matches, value: "p-[0-9]{1,9}" }
`,
  "servers/ehr.yaml": `version: "1"
id: ehr
vendor: { name: Example EHR Inc., baa: { status: signed, signed: 2026-01-01, expires: 2027-01-01 } }
transport: { type: http, url: https://ehr.example.org/mcp }
readOnlyCredential: true
tools:
  read_record: { effect: read, ephi: true, volume: single, subject: args.patient_id, resultSubjects: [subject.reference] }
  search_patients: { effect: read, ephi: true, volume: bulk }
  remove_record: { effect: destructive, ephi: true, volume: single, subject: args.patient_id }
  list_departments: { effect: read, ephi: false, volume: single, subject: none }
`,
  "servers/ehr.lock.json": lock(PINS.departments, PINS.read, PINS.remove),
  "policies/lookup.yaml": `version: "1"
default: deny
tools:
  read_record:
    args: [patient_id]
    require:
      - { name: one-patient, path: args.patient_id, op: matches, value: "p-[0-9]{1,6}" }
      - { path: grant.purpose, op: eq, value: treatment }
    limits:
      - { counter: patients, window: hour, max: 20, distinct: subject }
  list_departments: {}
`,
  "grants/bot.yaml": `version: "1"
principal: { kind: agent, id: "agent:bot", responsible: "person:a.example" }
purpose: treatment
justification: Nurse triage line, ticket SEC-1204
access: [{ server: ehr, policy: lookup }]
authentication: { oidc: { issuer: https://idp.example.org, subject: bot } }
issued: 2026-09-01
expires: 2027-03-01
lastReview: { on: 2026-09-01, by: "person:m.example" }
`,
  "grants/er.yaml": `version: "1"
principal: { kind: agent, id: "agent:er", responsible: "person:e.example" }
purpose: emergency
access: [{ server: ehr, policy: lookup }]
issued: 2026-09-01
expires: 2027-03-01
lastReview: { on: 2026-09-01, by: "person:m.example" }
breakGlass: { openers: ["person:m.example"], max: 4h }
`,
  "tests/lookup.test.yaml": `version: "1"
suite: lookups
now: 2026-10-05T12:00:00Z
defaults: { grant: bot, server: ehr }
cases:
  - name: one record
    call: { tool: read_record, args: { patient_id: p-1 } }
    expect: allow
  - name: no list of records
    call: { tool: read_record, args: { patient_id: "p-1,p-2" } }
    expect: deny
  - name: no search
    call: { tool: search_patients, args: { name: "*" } }
    expect: deny
`,
  "fixtures/calls.jsonl": `${[
    ["c1", "read_record", { patient_id: "p-1" }],
    ["c2", "read_record", { patient_id: "q-7" }],
    ["c3", "search_patients", { name: "a" }],
  ]
    .map(([id, tool, args]) =>
      JSON.stringify({
        v: 1,
        id,
        at: "2026-10-01T12:00:00Z",
        grant: "bot",
        server: "ehr",
        tool,
        args,
      }),
    )
    .join("\n")}\n`,
  "trust.json": '{"root":"sha256:00","follow":"st-elsewhere"}\n',
  "root/1.root.json": '{"version":1}\n',
  "officer.pub": "ssh-ed25519 AAAA officer\n",
  ".github/workflows/gate.yml": "name: gate\non: pull_request\njobs: {}\n# runs phiward\n",
  ".github/workflows/pages.yml": "name: pages\non: push\njobs: {}\n",
  ".github/CODEOWNERS": "* @st-elsewhere/privacy-officers\n",
  "README.md": "# Policies\n",
};

/** A time at which the files are judged, when all their dates are in force. */
export const NOW = Date.UTC(2026, 9, 5, 12);

/** What a change does to files; `null` removes one. Unchanged files stay as they are. */
export type Edit = Readonly<Record<string, string | null>>;

/** A file of base with one part replaced. A part that is not there is a mistake of the test. */
export function edited(
  path: string,
  ...pairs: readonly (readonly [from: string, to: string])[]
): Edit {
  let text = BASE[path] ?? "";
  for (const [from, to] of pairs) {
    if (!text.includes(from)) throw new Error(`${path} does not hold ${from}`);
    text = text.replace(from, to);
  }
  return { [path]: text };
}

export interface Repository {
  readonly folder: string;
  /** Makes the work tree base with this change, and nothing of any change before. */
  change(edit: Edit): void;
}

/** The repository with one commit, to which the branch `base` stays. */
export function hospital(files: Files = BASE): Repository {
  const folder = repository(files);
  git(folder, "branch", "base");
  let touched: string[] = [];
  return {
    folder,
    change(edit) {
      for (const path of touched) rmSync(join(folder, path), { force: true });
      write(folder, files);
      for (const [path, text] of Object.entries(edit)) {
        if (text === null) rmSync(join(folder, path));
        else write(folder, { [path]: text });
      }
      touched = Object.keys(edit);
    },
  };
}
