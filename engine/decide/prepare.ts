/** The compiled repository made ready to decide: conditions, lookups and schemas, once per bundle. */

import { type Digest, isObject, type JsonObject, type ReceivedObject } from "../json/value.ts";
import {
  type ByArgument,
  type Entry,
  type Grant,
  type Label,
  type Limit,
  type Policy,
  type Repository,
  type RuleSet,
  type Server,
  WORST_LABEL,
} from "../policy/ir.ts";
import { compilePinned, type PinnedResult } from "../schema/pinned.ts";
import { formatPointer } from "../source.ts";
import { type Facts, type ReadyCondition, readyCondition } from "./condition.ts";
import { type SubjectText, subjectText } from "./label.ts";
import { allOf, anyOf, type Truth } from "./truth.ts";

export interface ReadyEntry {
  readonly source: Entry;
  readonly pointer: string;
  readonly groups: readonly ReadyGroup[];
  /** OR of the groups. */
  judge(facts: Facts): Truth;
}

export interface ReadyGroup {
  readonly conditions: readonly ReadyCondition[];
  /** AND of the conditions. */
  judge(facts: Facts): Truth;
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

export interface PolicyIdentity {
  readonly name: string;
  readonly digest: Digest;
}

export interface ReadyPolicy {
  readonly source: Policy;
  readonly identity: PolicyIdentity;
  /** What is said of every call that it allows. */
  readonly allowReason: string;
  hides(tool: string): boolean;
  readonly allTools: ReadyRules;
  readonly tools: ReadonlyMap<string, ReadyRules>;
  readonly methods: ReadonlyMap<string, ReadyRules>;
}

export interface ReadyLabel {
  readonly source: Label;
  /** The arguments that name the patient, as the server's file writes them. */
  readonly subjectText: SubjectText | ByArgument<SubjectText>;
}

export interface ReadyServer {
  readonly source: Server;
  readonly toolLabels: ReadonlyMap<string, ReadyLabel>;
  readonly methodLabels: ReadonlyMap<string, ReadyLabel>;
  /** The argument names that a pinned tool describes. */
  properties(tool: string): ReadonlySet<string>;
  /** The pinned schema of a tool; undefined for a tool that is not in the lock. */
  pinned(tool: string): PinnedResult | undefined;
}

export interface ReadyGrant {
  readonly source: Grant;
  /** The grant as conditions see it; the reserved names win over attributes. */
  readonly facts: ReceivedObject;
  /** Server id → policy name. */
  readonly access: ReadonlyMap<string, string>;
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
    identity: { name: source.name, digest: source.digest },
    allowReason: `every rule of policy \`${source.name}\` allows it`,
    hides: (tool) => hidden === undefined || hidden.has(tool),
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
    list.map((entry, index) => {
      const groups = entry.anyOf.map((group): ReadyGroup => {
        const conditions = group.map(readyCondition);
        return { conditions, judge: allOf(conditions.map(({ judge }) => judge)) };
      });
      const pointer = formatPointer([...at, key, index]);
      return { source: entry, pointer, groups, judge: anyOf(groups.map(({ judge }) => judge)) };
    });
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

/** The label of a tool or method that nobody described. */
export const WORST: ReadyLabel = prepareLabel(WORST_LABEL);

export function prepareLabel(source: Label): ReadyLabel {
  return { source, subjectText: subjectText(source) };
}

function prepareServer(source: Server): ReadyServer {
  // A server may pin a hundred tools of which a run calls two: each is compiled when first asked for.
  const compiled = new Map<string, PinnedResult>();
  const pins = source.lock?.tools ?? {};
  return {
    source,
    toolLabels: mapValues(source.tools, prepareLabel),
    methodLabels: mapValues(source.methods, prepareLabel),
    properties(tool) {
      const schema = Object.hasOwn(pins, tool) ? pins[tool]!.definition.inputSchema : undefined;
      const properties = isObject(schema) ? (schema as JsonObject).properties : undefined;
      return new Set(isObject(properties) ? Object.keys(properties as JsonObject) : []);
    },
    pinned(tool) {
      const known = compiled.get(tool);
      if (known !== undefined || !Object.hasOwn(pins, tool)) return known;
      const schema = pins[tool]!.definition.inputSchema;
      const result = isObject(schema)
        ? compilePinned(schema as JsonObject)
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
    access: new Map(Object.entries(source.access)),
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
