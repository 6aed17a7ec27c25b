/** The compiled repository made ready to decide: conditions, lookups and schemas, once per bundle. */

import type { ReceivedObject } from "../json/value.ts";
import type { Entry, Grant, Limit, Policy, Repository, RuleSet, Server } from "../policy/ir.ts";
import { compilePinned, type PinnedResult } from "../schema/pinned.ts";
import { formatPointer } from "../source.ts";
import { type ReadyCondition, readyCondition } from "./condition.ts";

export interface ReadyEntry {
  readonly source: Entry;
  readonly pointer: string;
  readonly groups: readonly (readonly ReadyCondition[])[];
}

export interface ReadyLimit {
  readonly source: Limit;
  readonly pointer: string;
  /** The tool or method that the limit counts for; undefined for `all_tools`. */
  readonly tool: string | undefined;
}

export interface ReadyRules {
  readonly source: RuleSet;
  readonly pointer: string;
  readonly args: ReadonlySet<string> | undefined;
  readonly require: readonly ReadyEntry[];
  readonly denyIf: readonly ReadyEntry[];
  readonly limits: readonly ReadyLimit[];
}

export interface ReadyPolicy {
  readonly source: Policy;
  readonly hidden: (tool: string) => boolean;
  readonly allTools: ReadyRules;
  readonly tools: ReadonlyMap<string, ReadyRules>;
  readonly methods: ReadonlyMap<string, ReadyRules>;
}

export interface ReadyServer {
  readonly source: Server;
  /** The pinned schema of a tool; undefined for a tool that is not in the lock. */
  pinned(tool: string): PinnedResult | undefined;
}

export interface ReadyGrant {
  readonly source: Grant;
  /** The grant as conditions see it; the reserved names win over attributes. */
  readonly facts: ReceivedObject;
}

export interface ReadyRepository {
  readonly source: Repository;
  readonly policies: ReadonlyMap<string, ReadyPolicy>;
  readonly servers: ReadonlyMap<string, ReadyServer>;
  readonly grants: ReadonlyMap<string, ReadyGrant>;
}

export function prepare(source: Repository): ReadyRepository {
  return {
    source,
    policies: mapValues(source.policies, preparePolicy),
    servers: mapValues(source.servers, prepareServer),
    grants: mapValues(source.grants, prepareGrant),
  };
}

export function preparePolicy(source: Policy): ReadyPolicy {
  const hidden = source.hide === "*" ? undefined : new Set(source.hide);
  return {
    source,
    hidden: (tool) => hidden === undefined || hidden.has(tool),
    allTools: prepareRules(source.allTools, ["all_tools"], undefined),
    tools: mapValues(source.tools, (rules, tool) => prepareRules(rules, ["tools", tool], tool)),
    methods: mapValues(source.methods, (rules, method) =>
      prepareRules(rules, ["methods", method], method),
    ),
  };
}

function prepareRules(
  source: RuleSet,
  at: readonly string[],
  tool: string | undefined,
): ReadyRules {
  const entries = (list: readonly Entry[], key: string): ReadyEntry[] =>
    list.map((entry, index) => ({
      source: entry,
      pointer: formatPointer([...at, key, index]),
      groups: entry.anyOf.map((group) => group.map(readyCondition)),
    }));
  return {
    source,
    pointer: formatPointer(at),
    args: source.args === undefined ? undefined : new Set(source.args),
    require: entries(source.require, "require"),
    denyIf: entries(source.denyIf, "deny_if"),
    limits: source.limits.map((limit, index) => ({
      source: limit,
      pointer: formatPointer([...at, "limits", index]),
      tool,
    })),
  };
}

function prepareServer(source: Server): ReadyServer {
  // A server may pin a hundred tools of which a run calls two: each is compiled when first asked for.
  const compiled = new Map<string, PinnedResult>();
  const pins = source.lock?.tools ?? {};
  return {
    source,
    pinned(tool) {
      const known = compiled.get(tool);
      if (known !== undefined || !Object.hasOwn(pins, tool)) return known;
      const schema = pins[tool]!.definition.inputSchema;
      const result =
        typeof schema === "object" && schema !== null && !Array.isArray(schema)
          ? compilePinned(schema as Parameters<typeof compilePinned>[0])
          : { problem: "the tool has no input schema" };
      compiled.set(tool, result);
      return result;
    },
  };
}

function prepareGrant(source: Grant): ReadyGrant {
  const { kind, id, responsible } = source.principal;
  return {
    source,
    facts: {
      ...source.attributes,
      id: source.id,
      purpose: source.purpose,
      principal: responsible === undefined ? { kind, id } : { kind, id, responsible },
    },
  };
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Map<string, U> {
  return new Map(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
