/** A small policy repository in memory: one agent, one server, one policy; a test says what differs. */
import { type LoadedRepository, load } from "../../engine/policy/load.ts";
import { memoryTree } from "./tree.ts";

export type Files = Readonly<Record<string, string>>;

export const NOW = Date.UTC(2026, 9, 1, 12);

export const FILES: Files = {
  "servers/ehr.yaml": `version: "1"
id: ehr
tools:
  read: { effect: read, ephi: true, volume: single, subject: args.patient }
  write: { effect: write, ephi: true, volume: single, subject: args.patient }
  count: { effect: read, ephi: false, volume: single, subject: none }
`,
  "grants/bot.yaml": `version: "1"
principal: { kind: agent, id: "agent:bot", responsible: "person:a.example" }
purpose: treatment
access: [{ server: ehr, policy: lookup }]
attributes: { clinics: [north, east] }
issued: 2026-09-01
expires: 2027-03-01
`,
};

export function policy(rules: string): Files {
  return { "policies/lookup.yaml": `version: "1"\ndefault: deny\n${rules}` };
}

export function suite(cases: string): Files {
  return {
    "tests/lookup.test.yaml": `version: "1"
suite: lookups
now: 2026-10-01T12:00:00Z
defaults: { grant: bot, server: ehr, tool: read }
cases:
${cases}`,
  };
}

export async function folder(...parts: readonly Files[]): Promise<LoadedRepository> {
  return await load(memoryTree(Object.assign({}, FILES, ...parts)));
}
