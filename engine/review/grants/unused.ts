/**
 * What was granted and never used, with the narrowest change that takes it away: the cheapest gain in
 * minimum necessary (45 CFR §164.502(b)).
 *
 * What is proved of a change: that it is narrower for every call there is (`compare`), and that the
 * rules of every tool that was called with success stay exactly as they are, so that every recorded
 * call would be judged as it was. Arguments are not in the log, so nothing finer can be said: a tool
 * that was called once with one argument counts as used as a whole.
 */
import type { AccessRow } from "../../access/access.ts";
import { compare } from "../../compare/compare.ts";
import { compareText } from "../../finding.ts";
import type { Tree } from "../../host/tree.ts";
import { canonical, type Json, own } from "../../json/value.ts";
import type { Change } from "../../lint/fix/change.ts";
import { CannotEdit, edited } from "../../lint/fix/edits.ts";
import type { Grant, Repository } from "../../policy/ir.ts";
import { type LoadedRepository, load, sound } from "../../policy/load.ts";
import { type Edits, editedTree, textOf } from "./texts.ts";
import { type Cell, cellKey, type Use } from "./use.ts";

export interface UnusedCell extends Cell {
  readonly principal: string;
  readonly ephi: boolean;
  readonly access: "all" | "conditional";
}

/** A change of one file that takes away what nobody uses. */
export interface Proposal {
  readonly kind: "remove-grant" | "remove-server" | "remove-tool";
  readonly file: string;
  /** In the imperative. */
  readonly what: string;
  /** The cells that it takes away. */
  readonly cells: number;
}

/** What is unused, and cannot be taken away by itself. */
export interface Left {
  readonly file: string;
  readonly what: string;
  readonly why: string;
}

export interface UnusedReport {
  /** Granted cells in all, of grants in force. */
  readonly granted: number;
  readonly unused: readonly UnusedCell[];
  readonly proposals: readonly Proposal[];
  readonly left: readonly Left[];
  /** The files with all proposals made; null: the file goes. */
  readonly edits: Edits;
  /** `narrower` for all calls; `unproved` says why in words, and then nothing is proposed. */
  readonly proof: { readonly verdict: "narrower" | "same" | "unproved"; readonly says: string };
}

export interface UnusedInput {
  readonly tree: Tree;
  readonly loaded: LoadedRepository;
  /** The effective access of every grant, at the time of the report. */
  readonly rows: readonly AccessRow[];
  readonly use: Use;
  /** Epoch milliseconds: grants issued later had no time to be used, and are left out. */
  readonly since: number;
}

export async function unusedGrants(input: UnusedInput): Promise<UnusedReport> {
  const { loaded, rows, use, since } = input;
  const { grants } = sound(loaded);
  const old = (id: string): boolean => grants[id]!.issued <= since;
  const granted = rows.filter(
    (row) =>
      row.access !== "none" && row.inForce && old(row.grant) && !isSpecial(grants[row.grant]!),
  );
  const unused = granted.filter((row) => !use.allowed.has(cellKey(row))).map(cellOf);
  const { plans, gone } = plansFor(loaded, rows, unused, use);
  const { made, left, edits } = await applied(input, plans);
  const proof = await prove(input, edits);
  const ok = proof.verdict !== "unproved";
  const staying = unused.filter(({ grant, server }) => !goes(gone, grant, server));
  const shared = ok ? sharedRules(loaded, staying, use) : [];
  return {
    granted: granted.length,
    unused,
    proposals: ok ? made.map(({ proposal }) => proposal) : [],
    left: ok
      ? [...left, ...shared]
      : [...left, ...made.map(({ proposal }) => ({ ...proposal, why: proof.says }))],
    edits: ok ? edits : new Map(),
    proof,
  };
}

/** Emergency access is there in order not to be used. */
function isSpecial({ breakGlass }: Grant): boolean {
  return breakGlass !== undefined;
}

function cellOf({ grant, principal, server, method, tool, ephi, access }: AccessRow): UnusedCell {
  return { grant, principal, server, method, tool, ephi, access: access as UnusedCell["access"] };
}

interface Plan {
  readonly proposal: Proposal;
  /** undefined: the whole file goes. */
  readonly changes: readonly Change[] | undefined;
}

/** The widest first: whole grants, then servers of a grant, then tools of a policy. */
function plansFor(
  loaded: LoadedRepository,
  rows: readonly AccessRow[],
  unused: readonly UnusedCell[],
  use: Use,
): { readonly plans: readonly Plan[]; readonly gone: ReadonlySet<string> } {
  const plans: Plan[] = [];
  const gone = new Set<string>();
  for (const [id, cells] of Map.groupBy(unused, ({ grant }) => grant)) {
    const located = loaded.grants.get(id)?.located;
    if (located === undefined) continue;
    const { file } = located;
    const grant = loaded.repository.grants[id]!;
    const servers = Object.keys(grant.access).filter((server) => !isUsed(use, id, server));
    if (servers.length === Object.keys(grant.access).length && grant.audit === undefined) {
      const what = `remove the grant \`${id}\`, which was never used`;
      plans.push({
        proposal: { kind: "remove-grant", file, what, cells: cells.length },
        changes: undefined,
      });
      gone.add(id);
      continue;
    }
    for (const server of servers) {
      const index = located.value.access.findIndex((item) => item.server === server);
      const taken = cells.filter((cell) => cell.server === server).length;
      if (index === -1 || taken === 0) continue;
      plans.push({
        proposal: {
          kind: "remove-server",
          file,
          what: `remove the server \`${server}\` from the grant \`${id}\``,
          cells: taken,
        },
        changes: [{ file, pointer: ["access", index], do: "remove" }],
      });
      gone.add(JSON.stringify([id, server]));
    }
  }
  return { plans: [...plans, ...toolPlans(loaded, rows, use, gone)], gone };
}

/** Whether a grant, or its access to a server, is taken away as a whole. */
function goes(gone: ReadonlySet<string>, grant: string, server: string): boolean {
  return gone.has(grant) || gone.has(JSON.stringify([grant, server]));
}

function isUsed({ allowed }: Use, grant: string, server: string): boolean {
  return [...allowed.keys()].some((key) => {
    const [usedGrant, usedServer] = JSON.parse(key) as string[];
    return usedGrant === grant && usedServer === server;
  });
}

/** A tool goes out of a policy when nobody who keeps the policy has used it. */
function toolPlans(
  loaded: LoadedRepository,
  rows: readonly AccessRow[],
  use: Use,
  gone: ReadonlySet<string>,
): readonly Plan[] {
  const { grants, policies } = loaded.repository;
  const plans: Plan[] = [];
  for (const [name, { located }] of [...loaded.policies].sort(([a], [b]) => compareText(a, b))) {
    const policy = policies[name];
    // Without a default of deny, a tool that is not listed may be allowed: that would be wider.
    if (policy === undefined || policy.default !== "deny") continue;
    const { file } = located;
    const ofPolicy = rows.filter(
      ({ grant, server, access, inForce }) =>
        access !== "none" &&
        inForce &&
        !goes(gone, grant, server) &&
        own(grants, grant)?.access[server] === name,
    );
    for (const [tool, cells] of Map.groupBy(ofPolicy, (row) => row.tool)) {
      if (tool === "" || own(policy.tools, tool) === undefined) continue;
      if (cells.some((cell) => use.allowed.has(cellKey(cell)))) continue;
      if (cells.some(({ grant }) => isSpecial(grants[grant]!))) continue;
      plans.push({
        proposal: {
          kind: "remove-tool",
          file,
          what: `remove the tool \`${tool}\` from the policy \`${name}\``,
          cells: cells.length,
        },
        changes: [{ file, pointer: ["tools", tool], do: "remove" }],
      });
    }
  }
  return plans;
}

/** What some never use stays in a policy that others need: only a policy of their own would leave it out. */
function sharedRules(
  { repository: { grants }, policies }: LoadedRepository,
  unused: readonly UnusedCell[],
  { allowed }: Use,
): readonly Left[] {
  const used = new Set(
    [...allowed.keys()].map((key) => {
      const [grant, server, , tool] = JSON.parse(key) as [string, string, string, string];
      return JSON.stringify([own(grants, grant)?.access[server], tool]);
    }),
  );
  const policyOf = ({ grant, server }: UnusedCell): string => grants[grant]!.access[server]!;
  const kept = unused.filter(
    (cell) => cell.tool !== "" && used.has(JSON.stringify([policyOf(cell), cell.tool])),
  );
  return [...Map.groupBy(kept, (cell) => JSON.stringify([policyOf(cell), cell.tool]))].flatMap(
    ([key, cells]) => {
      const [policy, tool] = JSON.parse(key) as [string, string];
      const file = policies.get(policy)?.located.file;
      if (file === undefined) return [];
      const who = cells.length === 1 ? `\`${cells[0]!.grant}\`` : `${cells.length} grants`;
      return [
        {
          file,
          what: `${who} never used the tool \`${tool}\` of the policy \`${policy}\``,
          why: "others with the same policy do: a policy of their own could leave it out",
        },
      ];
    },
  );
}

/** The texts with every plan that can be written; a comment is never removed along with a rule. */
async function applied(
  { tree }: UnusedInput,
  plans: readonly Plan[],
): Promise<{
  readonly made: readonly Plan[];
  readonly left: readonly Left[];
  readonly edits: Edits;
}> {
  const edits = new Map<string, string | null>();
  const made: Plan[] = [];
  const left: Left[] = [];
  const byFile = Map.groupBy(plans, ({ proposal }) => proposal.file);
  for (const [file, some] of byFile) {
    if (some.some(({ changes }) => changes === undefined)) {
      edits.set(file, null);
      made.push(...some);
      continue;
    }
    const before = await textOf(tree, file);
    const writable: Plan[] = [];
    for (const plan of some) {
      const tried = tryEdit(file, before, [...writable, plan]);
      if ("text" in tried) writable.push(plan);
      else left.push({ file, what: plan.proposal.what, why: tried.why });
    }
    const text = tryEdit(file, before, writable);
    if (writable.length > 0 && "text" in text) edits.set(file, text.text);
    made.push(...writable);
  }
  return { made, left, edits };
}

function tryEdit(
  file: string,
  before: string,
  plans: readonly Plan[],
): { readonly text: string } | { readonly why: string } {
  try {
    return {
      text: edited(
        file,
        before,
        plans.flatMap(({ changes }) => changes ?? []),
      ),
    };
  } catch (error) {
    if (error instanceof CannotEdit) return { why: error.message };
    throw error;
  }
}

async function prove(
  { tree, loaded, use }: UnusedInput,
  edits: Edits,
): Promise<UnusedReport["proof"]> {
  if (edits.size === 0) return { verdict: "same", says: "nothing is changed" };
  const after = await load(editedTree(tree, edits));
  const error = after.findings.find(({ severity }) => severity === "error");
  if (error !== undefined) return { verdict: "unproved", says: error.message };
  const diff = compare(loaded, after, { base: "now", head: "proposed", scope: "all" });
  const wider = diff.changes.find(({ verdict }) => verdict === "broader" || verdict === "unknown");
  if (wider !== undefined) return { verdict: "unproved", says: wider.summary };
  const touched = usedAndTouched(loaded.repository, after.repository, use);
  if (touched !== undefined) {
    return {
      verdict: "unproved",
      says: `\`${touched}\` was used, and would be judged by other rules`,
    };
  }
  return {
    verdict: "narrower",
    says: "for every call there is it allows no more than now, and every tool that was called with success keeps its rules as they are",
  };
}

/** A cell that was used, and of which a rule would be another one. */
function usedAndTouched(
  before: Repository,
  after: Repository,
  { allowed }: Use,
): string | undefined {
  for (const key of allowed.keys()) {
    const [grant, server, method, tool] = JSON.parse(key) as [string, string, string, string];
    // Grants that are not there any more have nothing to lose.
    if (own(before.grants, grant)?.access[server] === undefined) continue;
    const target = { grant, server, method, tool };
    if (rulesText(before, target) !== rulesText(after, target)) {
      return `${grant} on ${server}/${tool === "" ? method : tool}`;
    }
  }
  return undefined;
}

function rulesText(
  { grants, policies }: Repository,
  { grant, server, method, tool }: Cell,
): string {
  const name = own(grants, grant)?.access[server];
  const policy = name === undefined ? undefined : own(policies, name);
  if (policy === undefined) return "";
  const rules = tool === "" ? own(policy.methods, method) : own(policy.tools, tool);
  const { default: otherwise, hide, allTools } = policy;
  return canonical({ otherwise, hide, allTools, rules: rules ?? null } as unknown as Json);
}
