/**
 * The compiled repository: what a decision reads, and nothing else.
 *
 * Everything here is readonly plain data without places, functions or class instances, so it can be
 * hashed, signed, compared and proved about. Two sources that differ only in comments, key order,
 * formatting or file syntax (YAML or JSON) compile to the same value and so to the same digest.
 */
import type { Digest, JsonObject } from "../json/value.ts";

/** The version of the decision's meaning. An engine refuses a compiled repository of another one. */
export const SEMANTICS = "1";

export type Scalar = string | number | boolean;

/**
 * Where a condition looks. `steps` descend from the root: a string is an own property, a number is
 * an array index. With `each`, the value at `steps` is an array, `each.steps` descend from every
 * element, and the quantifier folds the results. The language allows one `[*]` in a path, and so
 * does this type.
 */
export interface Path {
  readonly root: "args" | "grant";
  readonly steps: readonly (string | number)[];
  readonly each?: {
    readonly quantifier: "any" | "all";
    readonly steps: readonly (string | number)[];
  };
}

export const OPERATORS = [
  "eq",
  "neq",
  "in",
  "not_in",
  "lt",
  "lte",
  "gt",
  "gte",
  "regex",
  "matches",
  "starts_with",
  "ends_with",
  "contains",
  "has_element",
  "length_lt",
  "length_lte",
  "length_gt",
  "length_gte",
  "count_lt",
  "count_lte",
  "count_gt",
  "count_gte",
  "exists",
  "type",
] as const;

export type Operator = (typeof OPERATORS)[number];

export const JSON_TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "array",
  "object",
  "null",
] as const;

/** What a path is compared with: a literal of the policy, or a constant of the grant. */
export type Operand =
  | { readonly literal: Scalar | readonly Scalar[] }
  | { readonly grant: readonly string[] };

export interface Condition {
  readonly path: Path;
  readonly op: Operator;
  readonly operand: Operand;
  /** Kleene negation, applied after the quantifier. */
  readonly not: boolean;
}

/** OR of ANDs. A bare condition and a `conditions` list compile to one group. */
export interface Entry {
  readonly name?: string;
  readonly onDeny?: string;
  readonly anyOf: readonly (readonly Condition[])[];
}

export type Window = "minute" | "hour" | "day";
export type Scope = "grant" | "principal" | "server";

export interface Limit {
  readonly counter: string;
  readonly window: Window;
  /** What may happen within one window: calls, the sum of `incrementFrom`, or distinct patients. */
  readonly max: number;
  readonly scope: Scope;
  readonly incrementFrom?: Path;
  readonly distinct?: "subject";
}

export interface RuleSet {
  /** The only top-level arguments that may be present, sorted; absent means any. */
  readonly args?: readonly string[];
  readonly require: readonly Entry[];
  readonly denyIf: readonly Entry[];
  readonly limits: readonly Limit[];
  readonly onDeny?: string;
}

export interface Policy {
  readonly name: string;
  /** Over everything below but the name. */
  readonly digest: Digest;
  readonly default: "deny" | "allow";
  readonly hide: "*" | readonly string[];
  readonly allTools: RuleSet;
  readonly tools: Readonly<Record<string, RuleSet>>;
  readonly methods: Readonly<Record<string, RuleSet>>;
}

/** From harmless to worst. */
export const EFFECTS = ["read", "write", "financial", "destructive", "execute"] as const;
export type Effect = (typeof EFFECTS)[number];
export type Volume = "single" | "chart" | "bulk";

/** A label that depends on the value of one argument; any other value means the worst. */
export interface ByArgument<T> {
  readonly by: Path;
  readonly cases: Readonly<Record<string, T>>;
}

/** The arguments that name the patient. */
export type Subject = "none" | "unknown" | readonly Path[];

export interface Label {
  readonly effect: Effect | ByArgument<Effect>;
  readonly ephi: boolean | ByArgument<boolean>;
  readonly volume: Volume;
  readonly subject: Subject | ByArgument<Subject>;
  /** JSON paths into structured results, as written. */
  readonly resultSubjects: readonly string[];
}

/** What is assumed of a tool or method that nobody described. */
export const WORST_LABEL = {
  effect: "execute",
  ephi: true,
  volume: "bulk",
  subject: "unknown",
  resultSubjects: [],
} as const satisfies Label;

export interface Baa {
  readonly status: "signed" | "pending" | "none" | "not_required";
  /** Epoch milliseconds. */
  readonly signed?: number;
  readonly expires?: number;
}

export interface Server {
  readonly id: string;
  readonly baa: Baa;
  readonly transport: JsonObject;
  readonly readOnlyCredential: boolean;
  /** Denials by rules are only watched where no patient data is concerned; absent: they are enforced. */
  readonly mode?: "monitor";
  readonly tools: Readonly<Record<string, Label>>;
  readonly methods: Readonly<Record<string, Label>>;
  /** Absent when nothing is pinned: then neither `(quarantined)` nor `(schema)` is judged. */
  readonly lock?: Lock;
}

export interface Pin {
  readonly digest: Digest;
  /** The whole tool object as the server listed it, without `_meta`. */
  readonly definition: JsonObject;
}

export interface Lock {
  readonly instructions?: string;
  readonly tools: Readonly<Record<string, Pin>>;
}

export interface Principal {
  readonly kind: "person" | "agent" | "service";
  readonly id: string;
  readonly responsible?: string;
}

export interface Grant {
  readonly id: string;
  readonly principal: Principal;
  readonly purpose: string;
  readonly justification?: string;
  /** Server id → policy name. */
  readonly access: Readonly<Record<string, string>>;
  readonly audit?: "read" | "sign";
  readonly attributes: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly oidc?: { readonly issuer: string; readonly subject: string };
  /** Epoch milliseconds; the grant is valid from `issued` until just before `expires`. */
  readonly issued: number;
  readonly expires: number;
  readonly lastReview?: { readonly on: number; readonly by: string };
  readonly breakGlass?: { readonly openers: readonly string[]; readonly maxMs: number };
  /** As of a server, on every server of the grant. */
  readonly mode?: "monitor";
}

export interface Repository {
  readonly semantics: typeof SEMANTICS;
  readonly digest: Digest;
  /** Whether a call that may touch ePHI needs a server whose business associate agreement is in force. */
  readonly requireBaa: boolean;
  readonly policies: Readonly<Record<string, Policy>>;
  readonly servers: Readonly<Record<string, Server>>;
  readonly grants: Readonly<Record<string, Grant>>;
}
