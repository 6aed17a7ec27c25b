/**
 * What the rules ask of a loaded repository, worked out once: which policy meets which server, which
 * tools are reached, what their pins say, and where every condition stands.
 *
 * A file with errors of its own is left out of all of this, and its name counts as known: what it
 * would have said cannot be guessed, and its errors are reported already.
 */
import { prepare, type ReadyRepository } from "../decide/prepare.ts";
import { isObject, type JsonObject, own } from "../json/value.ts";
import {
  type Condition,
  type Entry,
  type Label,
  type Policy,
  type RuleSet,
  type Server,
  WORST_LABEL,
} from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type * as file from "../schema/types.ts";
import type { Located, Place, Pointer } from "../source.ts";
import { ArgumentSchema } from "./argument.ts";
import { Proofs, type Ruled } from "./proofs.ts";

export interface LintContext {
  readonly loaded: LoadedRepository;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Ids of all rules. */
  readonly ruleIds: readonly string[];
  /** Names that exist, whether or not their file is sound. */
  readonly names: { readonly servers: ReadonlySet<string>; readonly policies: ReadonlySet<string> };
  /** Whether a grant could not be read, so that "no grant does" cannot be said. */
  readonly unreadGrants: boolean;
  /** Sound servers, with a sound lock or none. */
  readonly servers: ReadonlyMap<string, ServerFacts>;
  readonly policies: readonly PolicyFacts[];
  /** Every tool that a policy reaches on a server with which a grant pairs it. */
  readonly reaches: readonly Reach[];
  readonly conditions: readonly ConditionSite[];
  /** The repository as the decision reads it, as far as it is sound. */
  readonly ready: ReadyRepository;
  /** What the prover says of a policy's rules. */
  readonly proofs: Proofs;
}

export interface ServerFacts {
  readonly server: Server;
  readonly file: Located<file.ServerFile>;
  readonly lock: Located<file.LockFile> | undefined;
  /** Its tools: those of the lock, or the described ones where there is no lock; undefined when neither says any. */
  readonly catalogue: ReadonlySet<string> | undefined;
  /** Whether a call to it can touch ePHI, for all that its file says. */
  readonly mayCarryEphi: boolean;
  /** Why a pinned tool is quarantined: its schema cannot be used. */
  problemOf(tool: string): string | undefined;
  /** What is pinned of a tool's arguments, where that can be used. */
  schemaOf(tool: string): ArgumentSchema | undefined;
}

export interface PolicyFacts {
  readonly name: string;
  readonly policy: Policy;
  readonly file: Located<file.PolicyFile>;
  /** Ids of the servers with which grants pair it, also of those that are not sound. */
  readonly servers: readonly string[];
}

export interface Reach {
  readonly policy: Policy;
  readonly server: Server;
  readonly tool: string;
  readonly label: Label;
  /** Whether the server's file has a label for it. */
  readonly described: boolean;
  /** The tool's own rules; undefined where `default: allow` reaches it. */
  readonly rules: RuleSet | undefined;
  readonly schema: ArgumentSchema | undefined;
  /** The tool's key in the policy, or the `default` that reaches it. */
  readonly place: Place;
}

/** A condition, and where it stands. */
export interface ConditionSite {
  readonly policy: Policy;
  readonly file: Located<file.PolicyFile>;
  readonly section: "tools" | "methods" | "all_tools";
  /** The tool or method; empty for `all_tools`. */
  readonly name: string;
  readonly kind: "require" | "deny_if";
  readonly entry: Entry;
  /** The conditions that hold together with it, itself included. */
  readonly group: readonly Condition[];
  readonly condition: Condition;
  readonly pointer: Pointer;
  /** Whether it is the whole entry, without a list around it. */
  readonly bare: boolean;
}

export function lintContext(
  loaded: LoadedRepository,
  now: number,
  ruleIds: readonly string[],
): LintContext {
  const unread = unreadFiles(loaded);
  const pairs = pairsOf(loaded);
  const policies = policiesOf(loaded, pairs);
  const ready = prepare(loaded.repository);
  const servers = serversOf(loaded, ready, unread, policies);
  const unreadGrants = [...unread.grants].some((id) => !loaded.grants.has(id));
  const reaches = policies.flatMap((policy) => reachesOf(policy, servers));
  return {
    loaded,
    now,
    ruleIds,
    names: {
      servers: new Set([...loaded.servers.keys(), ...unread.servers]),
      policies: new Set([...loaded.policies.keys(), ...unread.policies]),
    },
    unreadGrants,
    servers,
    policies,
    reaches,
    conditions: policies.flatMap(conditionsOf),
    ready,
    proofs: new Proofs(ready, (policy) => {
      const facts = policies.find((other) => other.policy === policy)!;
      // What a grant or a server with errors would add is not known, so "never" cannot be said.
      if (unreadGrants || facts.servers.some((id) => !servers.has(id))) return [];
      return ruledOf(facts, servers, reaches);
    }),
  };
}

/** The reached tools of which a condition of the policy speaks. */
export function targetsOf(
  context: LintContext,
  { policy, section, name }: Pick<ConditionSite, "policy" | "section" | "name">,
): readonly Reach[] {
  if (section === "methods") return [];
  return context.reaches.filter(
    (reach) => reach.policy === policy && (section === "all_tools" || reach.tool === name),
  );
}

/** Everything that a condition judges: tools and methods, on the servers under its policy. */
export function ruledBy(
  { proofs }: LintContext,
  { policy, section, name }: Pick<ConditionSite, "policy" | "section" | "name">,
): readonly Ruled[] {
  return proofs
    .ruled(policy)
    .filter(({ target }) =>
      "tool" in target
        ? section === "all_tools" || (section === "tools" && target.tool === name)
        : section === "methods" && target.method === name,
    );
}

interface Unread {
  readonly policies: ReadonlySet<string>;
  readonly servers: ReadonlySet<string>;
  readonly locks: ReadonlySet<string>;
  readonly grants: ReadonlySet<string>;
}

/** Names of files that have errors. */
function unreadFiles({ findings }: LoadedRepository): Unread {
  const unread = {
    policies: new Set<string>(),
    servers: new Set<string>(),
    locks: new Set<string>(),
    grants: new Set<string>(),
  };
  for (const { severity, place } of findings) {
    if (severity !== "error") continue;
    const [, folder, name, ending] =
      /^(policies|servers|grants)\/(.+?)(\.lock\.json|\.ya?ml|\.json)$/.exec(place.file) ?? [];
    if (folder === undefined) continue;
    const kind = ending === ".lock.json" ? "locks" : (folder as keyof Unread);
    unread[kind].add(name!);
  }
  return unread;
}

/** Policy name → servers that some grant gives under it. Dates do not count: a pair is a pair. */
function pairsOf(loaded: LoadedRepository): ReadonlyMap<string, ReadonlySet<string>> {
  const pairs = new Map<string, Set<string>>();
  for (const { located } of loaded.grants.values()) {
    for (const { server, policy } of located.value.access) {
      if (server === undefined || policy === undefined) continue;
      pairs.set(policy, (pairs.get(policy) ?? new Set()).add(server));
    }
  }
  return pairs;
}

function policiesOf(
  loaded: LoadedRepository,
  pairs: ReadonlyMap<string, ReadonlySet<string>>,
): PolicyFacts[] {
  return [...loaded.policies].flatMap(([name, { compiled, located }]) =>
    compiled === undefined
      ? []
      : [{ name, policy: compiled, file: located, servers: [...(pairs.get(name) ?? [])].sort() }],
  );
}

function serversOf(
  loaded: LoadedRepository,
  ready: ReadyRepository,
  unread: Unread,
  policies: readonly PolicyFacts[],
): ReadonlyMap<string, ServerFacts> {
  const servers = new Map<string, ServerFacts>();
  for (const [id, { compiled: server, located }] of loaded.servers) {
    if (server === undefined || unread.locks.has(id)) continue;
    const catalogue = catalogueOf(server);
    const schemas = new Map<string, ArgumentSchema>();
    const pinned = (tool: string) => ready.servers.get(id)?.pinned(tool);
    servers.set(id, {
      server,
      file: located,
      lock: loaded.locks.get(id)?.located,
      catalogue,
      mayCarryEphi: mayCarryEphi(server, catalogue, policies),
      problemOf(tool) {
        const result = pinned(tool);
        return result !== undefined && "problem" in result ? result.problem : undefined;
      },
      schemaOf(tool) {
        const result = pinned(tool);
        const definition = own(server.lock?.tools ?? {}, tool)?.definition.inputSchema;
        if (result === undefined || "problem" in result || !isObject(definition)) return undefined;
        const schema = schemas.get(tool) ?? new ArgumentSchema(definition as JsonObject);
        schemas.set(tool, schema);
        return schema;
      },
    });
  }
  return servers;
}

function catalogueOf({ lock, tools }: Server): ReadonlySet<string> | undefined {
  if (lock !== undefined) return new Set(Object.keys(lock.tools));
  const described = Object.keys(tools);
  return described.length === 0 ? undefined : new Set(described);
}

function mayCarryEphi(
  server: Server,
  catalogue: ReadonlySet<string> | undefined,
  policies: readonly PolicyFacts[],
): boolean {
  if (catalogue === undefined) return true;
  const touchesEphi = (known: Readonly<Record<string, Label>>, name: string): boolean =>
    (own(known, name) ?? WORST_LABEL).ephi !== false;
  return (
    [...catalogue].some((tool) => touchesEphi(server.tools, tool)) ||
    Object.keys(server.methods).some((method) => touchesEphi(server.methods, method)) ||
    policies.some(
      ({ policy, servers }) =>
        servers.includes(server.id) &&
        (Object.keys(policy.methods).some((method) => touchesEphi(server.methods, method)) ||
          // Nothing is pinned, so a listed tool may exist although nobody described it.
          (server.lock === undefined &&
            Object.keys(policy.tools).some((tool) => touchesEphi(server.tools, tool)))),
    )
  );
}

function reachesOf(
  { policy, file, servers: ids }: PolicyFacts,
  servers: ReadonlyMap<string, ServerFacts>,
): Reach[] {
  if (policy.hide === "*") return [];
  const hidden = new Set(policy.hide);
  return ids.flatMap((id) => {
    const facts = servers.get(id);
    if (facts === undefined) return [];
    const { server, catalogue } = facts;
    const offered = policy.default === "allow" ? [...(catalogue ?? [])] : [];
    const tools = new Set([...Object.keys(policy.tools), ...offered]);
    return [...tools].flatMap((tool): Reach[] => {
      // A tool that is not pinned, or whose schema cannot be used, is quarantined.
      if (hidden.has(tool) || (catalogue !== undefined && !catalogue.has(tool))) return [];
      if (facts.problemOf(tool) !== undefined) return [];
      const label = own(server.tools, tool);
      const rules = own(policy.tools, tool);
      if (rules === undefined && label?.ephi !== false) return [];
      return [
        {
          policy,
          server,
          tool,
          label: label ?? WORST_LABEL,
          described: label !== undefined,
          rules,
          schema: facts.schemaOf(tool),
          place: rules === undefined ? file.place(["default"]) : file.place(["tools", tool], "key"),
        },
      ];
    });
  });
}

/** What a policy judges: tools and methods, on every server with which a grant pairs it. */
function ruledOf(
  { policy, servers: ids }: PolicyFacts,
  servers: ReadonlyMap<string, ServerFacts>,
  reaches: readonly Reach[],
): Ruled[] {
  const methods = Object.keys(policy.methods);
  if (ids.length === 0) {
    const hidden = policy.hide === "*" ? undefined : new Set(policy.hide);
    const tools = Object.keys(policy.tools).filter((tool) => hidden?.has(tool) === false);
    return [...tools.map((tool) => ({ tool })), ...methods.map((method) => ({ method }))].map(
      (target) => ({ policy, server: undefined, target }),
    );
  }
  return [
    ...reaches
      .filter((reach) => reach.policy === policy)
      .map(({ server, tool }) => ({ policy, server, target: { tool } })),
    ...ids.flatMap((id) =>
      methods.map((method) => ({
        policy,
        server: servers.get(id)!.server,
        target: { method },
      })),
    ),
  ];
}

function conditionsOf({ policy, file }: PolicyFacts): ConditionSite[] {
  const source = file.value;
  const of = (
    section: ConditionSite["section"],
    name: string,
    rules: RuleSet,
    written: file.AllToolsRules,
  ): ConditionSite[] =>
    (["require", "deny_if"] as const).flatMap((kind) =>
      (kind === "require" ? rules.require : rules.denyIf).flatMap((entry, index) => {
        const at: Pointer =
          section === "all_tools" ? [section, kind, index] : [section, name, kind, index];
        const form = written[kind]?.[index];
        return entry.anyOf.flatMap((group, g) =>
          group.map((condition, c): ConditionSite => {
            const pointer: Pointer =
              form?.any_of !== undefined
                ? [...at, "any_of", g, c]
                : form?.conditions !== undefined
                  ? [...at, "conditions", c]
                  : at;
            const bare = pointer === at;
            return { policy, file, section, name, kind, entry, group, condition, pointer, bare };
          }),
        );
      }),
    );
  return [
    ...of("all_tools", "", policy.allTools, source.all_tools ?? {}),
    ...(["tools", "methods"] as const).flatMap((section) =>
      Object.entries(policy[section]).flatMap(([name, rules]) =>
        of(section, name, rules, own(source[section] ?? {}, name) ?? {}),
      ),
    ),
  ];
}
