/** Generated from schemas/ by `npm run generate`. Do not edit. */

/**
 * Who approved a broadening, as whoever knows the reviews writes it for `phiward gate --approvals`.
 */

export interface ApprovalsFile {
  satisfied: boolean;
  /**
   * The commit that the approvals are for.
   */
  commit: string;
  groups: {
    /**
     * `team NAME` or `login NAME`, as phiward.yaml names it.
     */
    group: string;
    needed: number;
    /**
     * A person stands in one group only, whatever groups they are in.
     */
    by: {
      person: string;
      review?: string;
      at?: string;
    }[];
  }[];
  /**
   * Why they are not enough.
   */
  problems?: string[];
}

/**
 * What an engine runs: the sources of one reviewed commit. Canonical JSON; a pure function of the commit.
 */

export interface BundleFile {
  type: "phiward.bundle/1";
  /**
   * The version of the policy language's meaning.
   */
  semantics: string;
  /**
   * Sorted by path.
   */
  files: BundledFile[];
}

export interface BundledFile {
  path: string;
  text: string;
}

/**
 * One call to ask about: of a grant on a server, or of one policy alone.
 */

export interface CallDocument {
  grant?: string;
  policy?: string;
  server?: string;
  method?: string;
  tool?: string;
  args?: {[name: string]: unknown};
  at?: string;
}

/**
 * A release with all that is needed to verify it, as one file for a machine without network. Canonical JSON. Nothing in it is trusted before it is verified.
 */

export interface CarryFile {
  type: "phiward.carry/1";
  /**
   * Sorted by path.
   */
  files: CarriedFile[];
}

export interface CarriedFile {
  path: string;
  text: string;
}

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "duration".
 */

export type Duration = string;

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "file".
 */

export type File = string;

/**
 * The oldest TLS that is spoken. 1.3 when absent.
 *
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "tlsVersion".
 */

export type TlsVersion = "1.2" | "1.3";

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "secret".
 */

export type Secret = string;

/**
 * engine.yaml: the configuration of one gateway. It stays on the host and is never part of the policy repository, so that no policy change can read a secret, send it elsewhere or run a command.
 */

export interface EngineFile {
  version: "1";
  /**
   * Names this gateway in its audit chain. The host name when absent.
   */
  node?: string;
  /**
   * Folder for the audit log, its index, token hashes and keys; relative to this file. ./state when absent.
   */
  state?: string;
  bundle?: EngineBundle;
  store?: EngineStore;
  listen?: {
    /**
     * Where MCP clients connect. 127.0.0.1:8420 when absent.
     */
    http?: string;
    /**
     * A listener for /healthz, /readyz and /metrics alone, in plain HTTP, for monitors on other machines. Without it they are where MCP is, and /metrics answers only on loopback.
     */
    operator?: string;
    /**
     * Names by which clients may call, as in the Host header; others are refused (DNS rebinding). Loopback names when absent.
     */
    hosts?: string[];
    /**
     * How clients know this gateway, where a proxy stands before it. As they call it when absent.
     */
    url?: string;
    /**
     * Accept plain HTTP on an address that is not loopback. Reported by /readyz.
     */
    insecure?: boolean;
    tls?: ListenTls;
  };
  /**
   * Issuers whose access tokens are taken, beside grant tokens, for grants that name them in `authentication`.
   */
  oidc?: Issuer[];
  console?: EngineConsole;
  /**
   * By server id: what this host allows the server to be, and the credentials for it.
   */
  upstreams?: {
    [k: string]: Upstream;
  };
  sessions?: {
    idle?: Duration;
    absolute?: Duration;
    /**
     * As many may be open at once. 1000 when absent.
     */
    max?: number;
  };
  timeouts?: {
    request?: Duration;
    upstream?: Duration;
  };
  pins?: {
    recheck?: Duration;
  };
  emergency?: {
    webhook?: EmergencyWebhook;
  };
  telemetry?: {
    traces?: {
      /**
       * Where spans are posted, as OTLP over HTTP with JSON. Needs packages of OpenTelemetry, which are installed beside phiward.
       */
      otlp: string;
      /**
       * Sent with each request: the collector's credential.
       */
      headers?: {
        [k: string]: Secret;
      };
      /**
       * The share of traces that is kept, of those that begin here. 1 when absent. A client that traces decides for its own.
       */
      sample?: number;
      /**
       * Accept plain HTTP to a collector that is not on loopback. Reported by /readyz.
       */
      insecure?: boolean;
    };
  };
  audit?: {
    checkpointKey?: File;
    checkpoints?: {
      /**
       * Where signed checkpoints also go: a file to append to, or an address to POST each note to. A place that the gateway's machine cannot rewrite is what makes a truncated log provable.
       */
      to?: (string | Sink)[];
      every?: Duration;
      /**
       * Or after so many records. 10000 when absent.
       */
      records?: number;
    };
  };
}

/**
 * Where signed releases come from, and whom to trust.
 */

export interface EngineBundle {
  /**
   * A Git repository, an https:// base, a folder, or a file that was carried; several are tried in their order.
   */
  source: string | string[];
  /**
   * The trust file, relative to this one.
   */
  trust: string;
  poll?: Duration;
  maxStale?: Duration;
}

/**
 * The PostgreSQL database that several gateways share: tokens, revocations, quotas, emergency openings and the records of all of them. Without it this gateway is alone.
 */

export interface EngineStore {
  /**
   * A postgres:// address, or where it is kept: env:NAME, file:PATH, exec:COMMAND. One with a password does not stand in this file.
   */
  url: string;
  tls?: ClientTls;
  timeout?: Duration;
}

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "clientTls".
 */

export interface ClientTls {
  ca?: File;
  cert?: File;
  key?: File;
  minVersion?: TlsVersion;
}

/**
 * Speak HTTPS. The files are looked at every second, and a renewed certificate is used for new connections.
 */

export interface ListenTls {
  cert: File;
  key: File;
  clients?: File;
  minVersion?: TlsVersion;
}

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "issuer".
 */

export interface Issuer {
  /**
   * Exactly as its tokens (`iss`) and the grants name it.
   */
  issuer: string;
  /**
   * Tokens must be for this gateway: their `aud` has one of these. Usually its own address, such as https://gateway.example.org/mcp.
   */
  audience: string | string[];
  /**
   * Where its keys are. Its metadata says so when absent (OpenID Connect Discovery, RFC 8414).
   */
  jwks?: string;
  /**
   * How its tokens may be signed. RS256, PS256, ES256 and EdDSA when absent.
   */
  algorithms?: (
    | "RS256"
    | "RS384"
    | "RS512"
    | "PS256"
    | "PS384"
    | "PS512"
    | "ES256"
    | "ES384"
    | "ES512"
    | "EdDSA"
    | "Ed25519"
  )[];
  clockTolerance?: Duration;
  maxAge?: Duration;
  /**
   * at+jwt (when absent): only tokens that say in `typ` that they are access tokens (RFC 9068). any: also those of issuers that do not say it, unless they look like ID tokens.
   */
  type?: "at+jwt" | "any";
  /**
   * A token must have all of these.
   */
  scopes?: string[];
  /**
   * Tokens that are bound to a key of their sender (RFC 9449). off when absent: such tokens are refused. optional: they need their proof, others need none. required: there are no others.
   */
  dpop?: "required" | "optional" | "off";
  tls?: ClientTls;
}

/**
 * The pages for auditors and reviewers, which `phiward console --config` serves.
 */

export interface EngineConsole {
  /**
   * Where browsers connect. 127.0.0.1:8430 when absent. Beyond loopback it needs `tls`, or a proxy that is named in `url`.
   */
  listen?: string;
  /**
   * Names by which browsers may call, as in the Host header; others are refused (DNS rebinding). Loopback names, and the name in `url`, when absent.
   */
  hosts?: string[];
  /**
   * How people know the console, where a proxy that speaks TLS stands before it.
   */
  url?: string;
  tls?: ConsoleTls;
  /**
   * Where people log in: an OpenID Connect issuer, by authorization code with PKCE. Who they are here is what a grant's `authentication.oidc` says.
   */
  oidc?: {
    /**
     * https, or loopback.
     */
    issuer: string;
    clientId: string;
    clientSecret?: Secret;
  };
  idle?: Duration;
  absolute?: Duration;
}

/**
 * Speak HTTPS.
 */

export interface ConsoleTls {
  cert: File;
  key: File;
  minVersion?: TlsVersion;
}

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "upstream".
 */

export interface Upstream {
  /**
   * Where this server's credential may be sent.
   */
  origins?: string[];
  /**
   * Command lines that may be run for this server, whole.
   */
  commands?: string[][];
  /**
   * Sent with each request: the server's credential.
   */
  headers?: {
    [k: string]: Secret;
  };
  /**
   * The environment of a stdio server, beside PATH, HOME and the locale.
   */
  env?: {
    [k: string]: Secret;
  };
  tls?: ClientTls;
  /**
   * Accept plain HTTP to an origin that is not loopback. Reported by /readyz.
   */
  insecure?: boolean;
}

/**
 * Who is told, by a signed message, when an emergency grant is opened or closed.
 */

export interface EmergencyWebhook {
  url: string;
  secret: Secret;
  tls?: ClientTls;
}

/**
 * This interface was referenced by `EngineFile`'s JSON-Schema
 * via the `definition` "sink".
 */

export interface Sink {
  url: string;
  /**
   * Sent with each note: the credential.
   */
  headers?: {
    [k: string]: Secret;
  };
  tls?: ClientTls;
}

/**
 * DSSE v1: a payload and the signatures over it.
 */

export interface EnvelopeFile {
  payloadType: string;
  /**
   * Base64, padded.
   */
  payload: string;
  signatures: EnvelopeSignature[];
}

export interface EnvelopeSignature {
  keyid: string;
  /**
   * Base64, padded.
   */
  sig: string;
}

/**
 * One recorded call: one line of fixtures/** /*.jsonl.
 */

export interface FixtureLine {
  v: 1;
  id: string;
  at: string;
  grant: string;
  server: string;
  method?: string;
  tool?: string;
  args: {[name: string]: unknown};
  /**
   * What happened when the call was recorded.
   */
  outcome?: {
    verdict?: "allow" | "deny";
    rule?: string;
    isError?: boolean;
  };
  /**
   * How `phiward record` wrote the line.
   */
  recorded?: {
    /**
     * What the values are: synthetic, as they were sent, or placeholders because only the keys are known.
     */
    values: "replaced" | "raw" | "keys";
    /**
     * Where values or keys are not those that were sent; a path stands for everything below it.
     */
    replaced?: string[];
    /**
     * Start of the SHA-256 of what was replaced: a line that was changed by hand is no longer the recorder's.
     */
    seal?: string;
  };
}

/**
 * This interface was referenced by `GrantFile`'s JSON-Schema
 * via the `definition` "id".
 */

export type Id = string;

/**
 * This interface was referenced by `GrantFile`'s JSON-Schema
 * via the `definition` "principal".
 */

export type Principal = string;

/**
 * This interface was referenced by `GrantFile`'s JSON-Schema
 * via the `definition` "day".
 */

export type Day = string;

/**
 * Who may use which servers under which policy, why, and until when.
 */

export interface GrantFile {
  /**
   * The version of the format, as a string.
   */
  version: "1";
  id?: Id;
  /**
   * What the agent is for, in a sentence.
   */
  description?: string;
  /**
   * The user, a person or software (§164.312(a)(2)(i)).
   */
  principal: {
    /**
     * A person, an agent that acts with a model, or a service without one.
     */
    kind: "person" | "agent" | "service";
    id: Principal;
    responsible?: Principal;
  };
  /**
   * What patient data is used for (§164.506, §164.508).
   */
  purpose:
    "treatment" | "payment" | "operations" | "research" | "patient_request" | "emergency" | "other";
  /**
   * Why the access is needed, with a ticket.
   */
  justification?: string;
  /**
   * Which servers, each under one policy.
   */
  access: {
    /**
     * A server of servers/.
     */
    server?: string;
    /**
     * A policy of policies/.
     */
    policy?: string;
    /**
     * In place of server and policy: may read the log, or sign reviews of it.
     */
    audit?: "read" | "sign";
  }[];
  /**
   * Constants that a policy may compare with; never patients.
   */
  attributes?: {
    [k: string]: string | number | boolean | (string | number | boolean)[];
  };
  /**
   * How the caller proves who it is; a grant token when absent.
   */
  authentication?: {
    /**
     * An identity of an OpenID Connect provider.
     */
    oidc: {
      /**
       * The provider, as its tokens name it (`iss`).
       */
      issuer: string;
      /**
       * The caller, as its tokens name it (`sub`).
       */
      subject: string;
    };
  };
  issued: Day;
  expires: Day;
  /**
   * When somebody last looked whether the access is still needed.
   */
  lastReview?: {
    on: Day;
    by: Principal;
  };
  /**
   * `monitor` lets calls pass that the policy's rules would deny, where no patient data is concerned, and records each as one that would have been denied. `enforce` when absent.
   */
  mode?: "enforce" | "monitor";
  /**
   * An emergency-access grant (§164.312(a)(2)(ii)): dormant until an opener opens it.
   */
  breakGlass?: {
    /**
     * Who may open it.
     */
    openers: string[];
    /**
     * How long it stays open at most.
     */
    max: string;
  };
}

/**
 * An emergency stop. It can only deny: no member of it allows anything.
 */

export interface HaltFile {
  type: "phiward.halt/1";
  domain: string;
  stream: string;
  /**
   * One more than that of the stop before.
   */
  sequence: number;
  issued: string;
  /**
   * For people: a ticket, a word. Never a patient.
   */
  reason: string;
  deny: HaltDeny;
}

/**
 * What is denied; at least one.
 */

export interface HaltDeny {
  all?: true;
  tools?: HaltTool[];
  grants?: string[];
  versions?: number[];
}

/**
 * A tool, on one server or on all.
 */

export interface HaltTool {
  server?: string;
  tool: string;
}

/**
 * Says which release is the current one. It allows nothing: it can only point at a release that others signed.
 */

export interface HeartbeatFile {
  type: "phiward.heartbeat/1";
  domain: string;
  stream: string;
  /**
   * Rises with each heartbeat of one key.
   */
  sequence: number;
  issued: string;
  expires: string;
  rootVersion: number;
  release: HeartbeatRelease;
  /**
   * The newest emergency stop; 0 when there was none.
   */
  haltSequence: number;
}

export interface HeartbeatRelease {
  epoch: number;
  version: number;
  statement: string;
}

/**
 * The pinned tool definitions of one server, written by `phiward scan`.
 */

export interface LockFile {
  /**
   * The version of the format, as a string.
   */
  version: "1";
  /**
   * The server whose tools these are; the same as the file's name.
   */
  server: string;
  /**
   * What the server tells a client's model at the start.
   */
  instructions?: string;
  /**
   * Every tool that was reviewed. One that is not here, or is not like here, is hidden and denied.
   */
  tools: PinnedTool[];
}

/**
 * The whole tool object less `_meta`, with the digest of that.
 */

export interface PinnedTool {
  /**
   * The tool's name, as the server lists it.
   */
  name: string;
  /**
   * What the server says that the tool does.
   */
  description?: string;
  /**
   * What arguments the tool takes: a JSON Schema. A call that does not satisfy it is denied.
   */
  inputSchema: {
    [k: string]: unknown;
  };
  /**
   * The hash of the definition; `phiward scan` writes it.
   */
  digest: string;
  [k: string]: unknown;
}

/**
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "text".
 */

export type Text = string;

/**
 * The literal to compare with.
 */

export type Value = string | number | boolean | Scalar[];

/**
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "scalar".
 */

export type Scalar = string | number | boolean;

/**
 * Conditions that must all hold.
 *
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "group".
 */

export type Group = Condition[];

/**
 * A `require` entry must be true; a `deny_if` entry denies unless it is false.
 *
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "entries".
 */

export type Entries = Entry[];

/**
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "name".
 */

export type Name = string;

/**
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "limits".
 */

export type Limits = Limit[];

/**
 * A policy: which tools an agent may call, with which arguments, how often.
 */

export interface PolicyFile {
  /**
   * The version of the format, as a string.
   */
  version: "1";
  /**
   * What the policy is for, in a sentence.
   */
  description?: string;
  /**
   * What happens to a tool that `tools` does not list. `allow` reaches only tools that the catalogue labels `ephi: false`.
   */
  default: "deny" | "allow";
  /**
   * Tools that are removed from lists and denied; "*" hides all.
   */
  hide?: "*" | string[];
  all_tools?: AllToolsRules;
  /**
   * Tool name to rules. `{}` allows every call of the tool.
   */
  tools?: {
    [k: string]: Rules;
  };
  /**
   * MCP methods other than tools/call, in both directions; `args` is the request's params.
   */
  methods?: {
    [k: string]: Rules;
  };
}

/**
 * Rules for every tool that the policy reaches.
 *
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "allTools".
 */

export interface AllToolsRules {
  require?: Entries;
  deny_if?: Entries;
  limits?: Limits;
  on_deny?: Text;
}

/**
 * One condition; or `conditions`, which must all hold; or `any_of`, groups of which one must hold.
 *
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "entry".
 */

export interface Entry {
  name?: Text;
  on_deny?: Text;
  conditions?: Group;
  /**
   * Groups of conditions, of which one must hold.
   */
  any_of?: Group[];
  /**
   * Where to look: `args.a.b`, `args["a.b"]`, `args.ids[0]`, `args.ids[*]` with a quantifier, or `grant.<attribute>`.
   */
  path?: string;
  /**
   * How `[*]` folds the elements.
   */
  quantifier?: "any" | "all";
  /**
   * How it is compared; docs/language.md has a table.
   */
  op?:
    | "eq"
    | "neq"
    | "in"
    | "not_in"
    | "lt"
    | "lte"
    | "gt"
    | "gte"
    | "regex"
    | "matches"
    | "starts_with"
    | "ends_with"
    | "contains"
    | "has_element"
    | "length_lt"
    | "length_lte"
    | "length_gt"
    | "length_gte"
    | "count_lt"
    | "count_lte"
    | "count_gt"
    | "count_gte"
    | "exists"
    | "type";
  value?: Value;
  /**
   * `grant.<attribute>`: a constant of the grant in place of `value`.
   */
  value_from?: string;
  /**
   * Negates the condition, after the quantifier; undetermined stays undetermined.
   */
  not?: boolean;
}

/**
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "condition".
 */

export interface Condition {
  /**
   * Where to look: `args.a.b`, `args["a.b"]`, `args.ids[0]`, `args.ids[*]` with a quantifier, or `grant.<attribute>`.
   */
  path: string;
  /**
   * How `[*]` folds the elements.
   */
  quantifier?: "any" | "all";
  /**
   * How it is compared; docs/language.md has a table.
   */
  op:
    | "eq"
    | "neq"
    | "in"
    | "not_in"
    | "lt"
    | "lte"
    | "gt"
    | "gte"
    | "regex"
    | "matches"
    | "starts_with"
    | "ends_with"
    | "contains"
    | "has_element"
    | "length_lt"
    | "length_lte"
    | "length_gt"
    | "length_gte"
    | "count_lt"
    | "count_lte"
    | "count_gt"
    | "count_gte"
    | "exists"
    | "type";
  value?: Value;
  /**
   * `grant.<attribute>`: a constant of the grant in place of `value`.
   */
  value_from?: string;
  /**
   * Negates the condition, after the quantifier; undetermined stays undetermined.
   */
  not?: boolean;
}

/**
 * How much may happen within one window of UTC time.
 *
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "limit".
 */

export interface Limit {
  counter: Name;
  /**
   * Within which time; windows are aligned to UTC.
   */
  window: "minute" | "hour" | "day";
  /**
   * What may happen in one window.
   */
  max: number;
  /**
   * Whose calls are counted together; each grant's alone when absent.
   */
  scope?: "grant" | "principal" | "server";
  /**
   * `args.x`: count the sum of this argument instead of calls.
   */
  increment_from?: string;
  /**
   * Count different patients instead of calls.
   */
  distinct?: "subject";
}

/**
 * Rules for one tool or method.
 *
 * This interface was referenced by `PolicyFile`'s JSON-Schema
 * via the `definition` "rules".
 */

export interface Rules {
  /**
   * The only top-level arguments that may be present.
   */
  args?: string[];
  require?: Entries;
  deny_if?: Entries;
  limits?: Limits;
  on_deny?: Text;
}

/**
 * This interface was referenced by `ProjectFile`'s JSON-Schema
 * via the `definition` "name".
 */

/**
 * This interface was referenced by `ProjectFile`'s JSON-Schema
 * via the `definition` "text".
 */

/**
 * The literal to compare with.
 */

/**
 * This interface was referenced by `ProjectFile`'s JSON-Schema
 * via the `definition` "scalar".
 */

/**
 * Conditions that must all hold.
 *
 * This interface was referenced by `ProjectFile`'s JSON-Schema
 * via the `definition` "group".
 */

/**
 * phiward.yaml: the project's settings.
 */

export interface ProjectFile {
  /**
   * The version of the format, as a string.
   */
  version: "1";
  /**
   * What releases of this repository are called.
   */
  bundle?: {
    /**
     * The name of the releases; an engine runs those of one name only.
     */
    name: string;
  };
  /**
   * How patients are pseudonymised in the log.
   */
  subject?: {
    /**
     * The name, never the value, of the key under which the engine pseudonymises patients.
     */
    key: string;
  };
  /**
   * Deny ePHI calls to a server without a business associate agreement in force.
   */
  requireBaa?: boolean;
  /**
   * What a change has to fulfil before it may be merged; the gate of the base revision judges.
   */
  gate?: {
    /**
     * Which broadening blocks a merge.
     */
    scope?: "ephi" | "all";
    /**
     * Who may approve a broadening: every group, by distinct people.
     */
    approvers?: {
      /**
       * A GitHub team of the organisation, by its slug.
       */
      team?: string;
      /**
       * One person, by GitHub login.
       */
      login?: string;
      /**
       * How many people of the group must approve; 1 when absent.
       */
      count?: number;
    }[];
    /**
     * Minimum percentages that `phiward test` has to reach.
     */
    coverage?: {
      /**
       * Of the rules, how many were seen to decide a call.
       */
      rules?: number;
      /**
       * Of the conditions, how many were seen true, false and undetermined.
       */
      conditions?: number;
      /**
       * Of the mutants that decide otherwise, how many a test notices.
       */
      mutation?: number;
    };
  };
  /**
   * Findings that are accepted for a time, at most 180 days.
   */
  suppress?: Suppression[];
  /**
   * What must hold of every allowed call, whichever policy allows it. `lint` proves it for every policy on every server with which a grant pairs it; an invariant that is violated, or that could not be proved, is an error.
   */
  invariants?: InvariantFile[];
}

export interface Suppression {
  /**
   * The lint rule, as findings name it.
   */
  rule: string;
  /**
   * Only findings in this file; in all files when absent.
   */
  file?: string;
  /**
   * Why it is accepted, for whoever reads it later.
   */
  reason: string;
  /**
   * The first day on which it no longer holds, at most 180 days away.
   */
  until: string;
}

export interface InvariantFile {
  /**
   * How findings call it, such as `every read of patient data names a patient`.
   */
  name: string;
  /**
   * Whose calls: `ephi`, of the tools that the catalogue labels as patient data (a tool without a label is one); `all`; or a list of tool names. Where a label depends on an argument, the calls for which it does.
   */
  tools: ("ephi" | "all") | Name[];
  /**
   * Only calls of these effects; all when absent. A tool without a label is `execute`.
   */
  effect?: ("read" | "write" | "destructive" | "execute" | "financial")[];
  /**
   * What is true of every such call: an entry as in a policy's `require`; or `{ subject: named }`, an argument that the tool's label names as the patient (`subject`) holds a text or a number. A tool whose subject is `unknown` or `none` names nobody.
   */
  require: NamesPatient | Entry;
}

export interface NamesPatient {
  /**
   * An argument that the tool's label names as the patient says which.
   */
  subject: "named";
}

/**
 * One condition; or `conditions`, which must all hold; or `any_of`, groups of which one must hold.
 *
 * This interface was referenced by `ProjectFile`'s JSON-Schema
 * via the `definition` "entry".
 */

/**
 * This interface was referenced by `ProjectFile`'s JSON-Schema
 * via the `definition` "condition".
 */

/**
 * Where each grant and each rule of a release comes from: the change that last touched it. Canonical JSON; its digest is the second subject of the release.
 */

export interface ProvenanceFile {
  type: "phiward.provenance/1";
  /**
   * The changes that grants and rules refer to, by their place in this list.
   */
  changes: ProvenanceChange[];
  /**
   * By id.
   */
  grants: {[id: string]: number};
  /**
   * By name; of each the rules by their JSON Pointer. A tool's own pointer stands for all of its rules, `/default` and `/hide` for what reaches it.
   */
  policies: {[name: string]: {[rule: string]: number}};
}

export interface ProvenanceChange {
  commit: string;
  /**
   * The history was not there any further: it was this commit, or one before it.
   */
  orBefore?: true;
  pullRequest?: ProvenancePullRequest;
  /**
   * Who approved, as the gate counted them, and the commit that they reviewed.
   */
  approvers: ReleaseApprover[];
}

export interface ProvenancePullRequest {
  number: number;
  /**
   * Who says so: the gate's report on exactly this change, or only the first line of the commit's message, which its author wrote.
   */
  from: "gate" | "message";
}

export interface ReleaseApprover {
  name: string;
  commit: string;
}

/**
 * One record of the audit log: one line of a segment, in the canonical form of RFC 8785. It never holds an argument's value, a token, or the content of a result; patients stand in it by pseudonym.
 */

export type RecordLine =
  | RecordedDecision
  | RecordedOutcome
  | RecordedRejection
  | RecordedAdministration
  | RecordedPolicyChange
  | RecordedCheckpoint;

/**
 * HMAC-SHA-256 of patients' ids under the deployment's key.
 */

export type Pseudonyms = string[];

/**
 * What a call took from one limit.
 */

export type RecordedCharge = RecordedAmount | RecordedSubjects;

/**
 * A call was judged. An allowed one is on disk before anything is forwarded.
 */

export interface RecordedDecision {
  /**
   * The kind of record.
   */
  kind: "decision";
  /**
   * The record's number in its node's chain: 1, 2, 3 … It never starts again.
   */
  seq: number;
  /**
   * A UUID of the record.
   */
  id: string;
  /**
   * When it happened: RFC 3339, UTC, with milliseconds.
   */
  at: string;
  /**
   * The gateway that wrote it.
   */
  node: string;
  /**
   * The hash of the record before; of the first one, 256 random bits.
   */
  prev: string;
  /**
   * SHA-256 of this record's bytes without this member.
   */
  hash: string;
  /**
   * Written by a gateway in development mode.
   */
  dev?: true;
  /**
   * The grant.
   */
  grant: string;
  /**
   * Who called.
   */
  principal: string;
  /**
   * What for, as the grant says.
   */
  purpose: string;
  /**
   * The server.
   */
  server: string;
  /**
   * The MCP method; a keyed hash of one that nobody knows.
   */
  method: string;
  /**
   * The tool; "" when the method calls none; a keyed hash of one that nobody knows.
   */
  tool: string;
  /**
   * Names of top-level arguments that the pinned schema knows, sorted. Never values.
   */
  argKeys: string[];
  /**
   * How many other arguments there were.
   */
  argsOther: number;
  subjects: Pseudonyms;
  /**
   * Which patients the call names: some, none by the tool's label, or nobody can tell.
   */
  subject: "named" | "none" | "unknown";
  /**
   * How much the tool returns, as its label says.
   */
  volume: "single" | "chart" | "bulk";
  /**
   * Whether it touches electronic protected health information.
   */
  ephi: boolean;
  /**
   * What the tool does, as its label says.
   */
  effect: "read" | "write" | "destructive" | "execute" | "financial";
  /**
   * What was decided.
   */
  verdict: "allow" | "deny";
  /**
   * The rule that decided; "" for an allowed call.
   */
  rule: string;
  /**
   * What kind of rule it is.
   */
  code: string;
  /**
   * The policy that decided; null when there was none.
   */
  policy: null | RecordedPolicy;
  /**
   * The bundle that it is of; null when none was in force.
   */
  bundle: null | RecordedBundle;
  /**
   * What the call took from limits; empty for a denied one.
   */
  quota: RecordedCharge[];
  /**
   * The person who answers for the principal.
   */
  responsible?: string;
  /**
   * A keyed hash of the session.
   */
  session?: string;
  /**
   * The id of the client's request: a count below 10,000 as it is, any other as a keyed hash.
   */
  request?: string;
  /**
   * The W3C trace id.
   */
  trace?: string;
  /**
   * The id of the first decision of a call in several rounds.
   */
  round?: string;
  /**
   * The id of the opening under which an emergency grant was used.
   */
  emergency?: string;
  /**
   * Only watched (monitor mode): `rule` would have denied it, and it was forwarded.
   */
  monitor?: true;
}

/**
 * A policy, exactly.
 */

export interface RecordedPolicy {
  /**
   * Its name.
   */
  name: string;
  /**
   * The digest of its compiled form.
   */
  digest: string;
}

/**
 * The set of policies that was in force.
 */

export interface RecordedBundle {
  /**
   * Its name.
   */
  name: string;
  /**
   * Its version.
   */
  version: string;
  /**
   * Its digest.
   */
  digest: string;
  /**
   * The reviewed commit that it was made of.
   */
  commit?: string;
  /**
   * The digest of the file in which its release says where each grant and rule comes from.
   */
  provenance?: string;
  /**
   * Nobody had vouched for it lately: its heartbeat had run out.
   */
  stale?: true;
}

/**
 * A sum.
 */

export interface RecordedAmount {
  /**
   * The limit, its holder and its window.
   */
  key: string;
  /**
   * How much.
   */
  amount: number;
}

/**
 * Different patients.
 */

export interface RecordedSubjects {
  /**
   * The limit, its holder and its window.
   */
  key: string;
  subjects: Pseudonyms;
}

/**
 * What became of an allowed call. A decision without one has an unknown result.
 */

export interface RecordedOutcome {
  /**
   * The kind of record.
   */
  kind: "outcome";
  /**
   * The record's number in its node's chain: 1, 2, 3 … It never starts again.
   */
  seq: number;
  /**
   * A UUID of the record.
   */
  id: string;
  /**
   * When it happened: RFC 3339, UTC, with milliseconds.
   */
  at: string;
  /**
   * The gateway that wrote it.
   */
  node: string;
  /**
   * The hash of the record before; of the first one, 256 random bits.
   */
  prev: string;
  /**
   * SHA-256 of this record's bytes without this member.
   */
  hash: string;
  /**
   * Written by a gateway in development mode.
   */
  dev?: true;
  /**
   * The id of the decision's record.
   */
  decision: string;
  /**
   * How it ended.
   */
  status: "ok" | "tool_error" | "upstream_error" | "cancelled" | "unknown";
  /**
   * How long it took, in milliseconds.
   */
  ms: number;
  /**
   * The size of the result.
   */
  bytes: number;
  /**
   * How many items the result has.
   */
  items: number;
  resultSubjects: Pseudonyms;
  /**
   * What the decision took from limits was given back.
   */
  refunded?: true;
}

/**
 * Something came in without a valid identity or form, and went no further.
 */

export interface RecordedRejection {
  /**
   * The kind of record.
   */
  kind: "rejected";
  /**
   * The record's number in its node's chain: 1, 2, 3 … It never starts again.
   */
  seq: number;
  /**
   * A UUID of the record.
   */
  id: string;
  /**
   * When it happened: RFC 3339, UTC, with milliseconds.
   */
  at: string;
  /**
   * The gateway that wrote it.
   */
  node: string;
  /**
   * The hash of the record before; of the first one, 256 random bits.
   */
  prev: string;
  /**
   * SHA-256 of this record's bytes without this member.
   */
  hash: string;
  /**
   * Written by a gateway in development mode.
   */
  dev?: true;
  /**
   * Why.
   */
  code: string;
  /**
   * How it came in.
   */
  transport: "http" | "stdio";
  /**
   * The grant, when it was known.
   */
  grant?: string;
  /**
   * The server, when it was known.
   */
  server?: string;
  /**
   * The MCP method; a keyed hash of one that nobody knows.
   */
  method?: string;
  /**
   * The tool; a keyed hash of one that nobody knows.
   */
  tool?: string;
  /**
   * The first 12 digits of the token's hash.
   */
  token?: string;
  /**
   * The address that it came from.
   */
  remote?: string;
  /**
   * A keyed hash of the session.
   */
  session?: string;
  /**
   * How many alike were folded into this one.
   */
  count?: number;
}

/**
 * Somebody administers the gateway, or it starts, stops or recovers.
 */

export interface RecordedAdministration {
  /**
   * The kind of record.
   */
  kind: "admin";
  /**
   * The record's number in its node's chain: 1, 2, 3 … It never starts again.
   */
  seq: number;
  /**
   * A UUID of the record.
   */
  id: string;
  /**
   * When it happened: RFC 3339, UTC, with milliseconds.
   */
  at: string;
  /**
   * The gateway that wrote it.
   */
  node: string;
  /**
   * The hash of the record before; of the first one, 256 random bits.
   */
  prev: string;
  /**
   * SHA-256 of this record's bytes without this member.
   */
  hash: string;
  /**
   * Written by a gateway in development mode.
   */
  dev?: true;
  /**
   * What was done, such as `token.issued`.
   */
  action: string;
  /**
   * Who did it.
   */
  by?: string;
  /**
   * The grant that it is about.
   */
  grant?: string;
  /**
   * The principal that it is about.
   */
  principal?: string;
  /**
   * The first 12 digits of the token's hash.
   */
  token?: string;
  /**
   * Until when it holds: RFC 3339.
   */
  expires?: string;
  /**
   * A unique id of the event: a second record with it tells of the same.
   */
  event?: string;
  /**
   * More about it.
   */
  details?: {[name: string]: string | number | boolean};
}

/**
 * The policy in force changed, or did not although it was meant to.
 */

export interface RecordedPolicyChange {
  /**
   * The kind of record.
   */
  kind: "policy";
  /**
   * The record's number in its node's chain: 1, 2, 3 … It never starts again.
   */
  seq: number;
  /**
   * A UUID of the record.
   */
  id: string;
  /**
   * When it happened: RFC 3339, UTC, with milliseconds.
   */
  at: string;
  /**
   * The gateway that wrote it.
   */
  node: string;
  /**
   * The hash of the record before; of the first one, 256 random bits.
   */
  prev: string;
  /**
   * SHA-256 of this record's bytes without this member.
   */
  hash: string;
  /**
   * Written by a gateway in development mode.
   */
  dev?: true;
  /**
   * What happened.
   */
  event:
    | "activated"
    | "refused"
    | "stale"
    | "rolled_back"
    | "halted"
    | "quarantined"
    | "released"
    | "drift";
  bundle?: RecordedBundle;
  /**
   * The check that refused.
   */
  check?: string;
  /**
   * The server that it is about.
   */
  server?: string;
  /**
   * The tool that it is about.
   */
  tool?: string;
}

/**
 * The chain up to the record before, signed.
 */

export interface RecordedCheckpoint {
  /**
   * The kind of record.
   */
  kind: "checkpoint";
  /**
   * The record's number in its node's chain: 1, 2, 3 … It never starts again.
   */
  seq: number;
  /**
   * A UUID of the record.
   */
  id: string;
  /**
   * When it happened: RFC 3339, UTC, with milliseconds.
   */
  at: string;
  /**
   * The gateway that wrote it.
   */
  node: string;
  /**
   * The hash of the record before; of the first one, 256 random bits.
   */
  prev: string;
  /**
   * SHA-256 of this record's bytes without this member.
   */
  hash: string;
  /**
   * Written by a gateway in development mode.
   */
  dev?: true;
  /**
   * The chain's name: the node, and the first 16 digits of its genesis.
   */
  origin: string;
  /**
   * How many records the chain has before this one.
   */
  count: number;
  /**
   * The hash of the last of them.
   */
  root: string;
  /**
   * The key that signed: 8 hexadecimal digits (C2SP signed-note).
   */
  keyId: string;
  /**
   * The signed note, as it is published.
   */
  note: string;
}

/**
 * In-toto Statement v1 with the predicate policy-release/v1: what is released, from where, and who reviewed it.
 */

export interface ReleaseStatement {
  _type: "https://in-toto.io/Statement/v1";
  /**
   * The bundle, and where its grants and rules come from.
   */
  subject: ReleaseSubject[];
  predicateType: "https://phiward.dev/policy-release/v1";
  predicate: ReleasePredicate;
}

export interface ReleaseSubject {
  name: "bundle.json" | "provenance.json";
  digest: SubjectDigest;
}

export interface SubjectDigest {
  sha256: string;
}

export interface ReleasePredicate {
  domain: string;
  stream: string;
  epoch: number;
  version: number;
  previous?: PreviousRelease;
  rootVersion: number;
  issued: string;
  expires: string;
  graceSeconds: number;
  /**
   * Emergency stops up to this number are lifted; none when absent.
   */
  haltsCleared?: number;
  source: ReleaseSource;
  tests?: ReleaseTests;
  change: ReleaseChange;
}

export interface PreviousRelease {
  version: number;
  statement: string;
}

export interface ReleaseSource {
  repository: string;
  commit: string;
  /**
   * The policy folder in the repository; empty at its root.
   */
  path: string;
  pullRequest?: number;
  approvers: ReleaseApprover[];
}

/**
 * Who approved, and the commit that they reviewed.
 */

export interface ReleaseTests {
  passed: number;
  failed: 0;
  report: string;
}

/**
 * What the diff against the previous release proved.
 */

export interface ReleaseChange {
  verdict: "same" | "narrower" | "broader" | "unknown";
  proof: string;
}

/**
 * Who may sign what. Version N+1 is signed by N's people and by its own.
 */

export interface RootFile {
  type: "phiward.root/1";
  domain: string;
  version: number;
  issued: string;
  expires: string;
  keys: {
    [k: string]: RootKey;
  };
  people: {
    [k: string]: Signatory;
  };
  roles: Roles;
  extraFor: ExtraSigners;
  revoked: Revoked[];
  streams: {
    [k: string]: Stream;
  };
}

export interface RootKey {
  scheme: "sshsig" | "ed25519" | "ecdsa-p256-sha256";
  /**
   * Base64: the SSH wire form, or the SPKI in DER.
   */
  public: string;
}

export interface Signatory {
  group: string;
  keys: string[];
}

export interface Roles {
  root: AllOf;
  release: AllOf;
  heartbeat: AllOf;
  halt: AnyOf;
}

/**
 * This interface was referenced by `RootFile`'s JSON-Schema
 * via the `definition` "allOf".
 */

export interface AllOf {
  allOf: Seats[];
}

/**
 * So many different people of one group.
 *
 * This interface was referenced by `RootFile`'s JSON-Schema
 * via the `definition` "seats".
 */

export interface Seats {
  group: string;
  threshold: number;
}

/**
 * This interface was referenced by `RootFile`'s JSON-Schema
 * via the `definition` "anyOf".
 */

export interface AnyOf {
  anyOf: Seats[];
}

/**
 * Who must sign beside the role's own people.
 */

export interface ExtraSigners {
  broader?: AllOf;
  unknown?: AllOf;
}

/**
 * A cut-off by version: a signer controls the dates of what it signs.
 */

export interface Revoked {
  keyid: string;
  lastVersion: number;
  /**
   * The epoch that the version is of; 1 when absent.
   */
  epoch?: number;
}

export interface Stream {
  repository: string;
  epoch: number;
  floor: number;
}

/**
 * This interface was referenced by `ServerFile`'s JSON-Schema
 * via the `definition` "day".
 */

/**
 * This interface was referenced by `ServerFile`'s JSON-Schema
 * via the `definition` "effect".
 */

export type Effect = "read" | "write" | "destructive" | "execute" | "financial";

/**
 * This interface was referenced by `ServerFile`'s JSON-Schema
 * via the `definition` "argumentPath".
 */

export type ArgumentPath = string;

/**
 * This interface was referenced by `ServerFile`'s JSON-Schema
 * via the `definition` "subject".
 */

export type Subject = string | ArgumentPath[];

/**
 * One upstream MCP server: how it is reached, its vendor and business associate agreement, what its tools are.
 */

export interface ServerFile {
  /**
   * The version of the format, as a string.
   */
  version: "1";
  /**
   * The server's name in this repository; the same as the file's.
   */
  id: string;
  /**
   * What the server is, for people.
   */
  description?: string;
  /**
   * Who operates the server, and under which agreement.
   */
  vendor?: {
    /**
     * The vendor's name.
     */
    name: string;
    /**
     * The business associate agreement (§164.308(b)).
     */
    baa: {
      /**
       * Whether there is one. `not_required` is for a server that never sees patient data.
       */
      status: "signed" | "pending" | "none" | "not_required";
      signed?: Day;
      expires?: Day;
    };
  };
  /**
   * How the gateway reaches the server. The engine's configuration must list the address or the command too.
   */
  transport?: {
    /**
     * MCP over HTTP, or on standard input and output of a command.
     */
    type: "http" | "stdio";
    /**
     * The address of an HTTP server.
     */
    url?: string;
    /**
     * The program and its arguments; no shell is involved.
     */
    command?: string[];
  };
  /**
   * Whether the credential that the engine holds for this server can only read.
   */
  readOnlyCredential?: boolean;
  /**
   * `monitor` lets calls of this server pass that a policy's rules would deny, where no patient data is concerned, and records each as one that would have been denied. `enforce` when absent.
   */
  mode?: "enforce" | "monitor";
  /**
   * Tool name to label. A tool that is not described is treated as the worst: execute, ePHI, bulk.
   */
  tools?: {
    [k: string]: LabelFile;
  };
  /**
   * Labels for methods other than tools/call.
   */
  methods?: {
    [k: string]: LabelFile;
  };
}

/**
 * This interface was referenced by `ServerFile`'s JSON-Schema
 * via the `definition` "label".
 */

export interface LabelFile {
  /**
   * What the tool does; `{ by, cases }` where an argument decides, and any other value is the worst.
   */
  effect?: Effect | {by: string; cases: {[value: string]: Effect}};
  /**
   * Whether the tool can read or write patient data.
   */
  ephi?: boolean | {by: string; cases: {[value: string]: boolean}};
  /**
   * How many patients' data one call can touch.
   */
  volume?: "single" | "chart" | "bulk";
  /**
   * The argument or arguments that name the patient, or none, or unknown; `{ by, cases }` where another argument decides, and any other value is unknown.
   */
  subject?: string | string[] | {by: string; cases: {[value: string]: string | string[]}};
  /**
   * JSON paths into structured results that name the patients a result exposes.
   */
  resultSubjects?: string[];
  /**
   * Why the label is as it is, for whoever reviews it.
   */
  note?: string;
}

/**
 * What an engine keeps of its releases: counters, and what was believed by digest. Everything else is checked again at each start.
 */

export interface StateFile {
  type: "phiward.state/1";
  domain: string;
  stream: string;
  rootVersion: number;
  /**
   * Epoch milliseconds: the newest time that somebody signed. A clock before it is wrong.
   */
  signedTime: number;
  reached?: StateReached;
  release?: StateRelease;
  heartbeat?: StateHeartbeat;
  /**
   * Digests of the envelopes of all emergency stops, the first one first.
   */
  halts: string[];
}

/**
 * The release that ran last; nothing older runs again.
 */

export interface StateReached {
  epoch: number;
  version: number;
  statement: string;
}

/**
 * Digests of the envelope and of what stands beside it.
 */

export interface StateRelease {
  envelope: string;
  bundle: string;
  provenance?: string;
}

export interface StateHeartbeat {
  keyid: string;
  sequence: number;
  expires: string;
  release: StateNamedRelease;
}

/**
 * The release that it names.
 */

export interface StateNamedRelease {
  epoch: number;
  version: number;
  statement: string;
}

/**
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "instant".
 */

export type Instant = string;

/**
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "args".
 */

export type Args = {[name: string]: unknown};

/**
 * `allow`, `deny`, or a verdict with its rule; for a sequence also how many calls are allowed or denied, and the first and last verdict.
 *
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "expect".
 */

export type Expectation =
  | "allow"
  | "deny"
  | {
      verdict?: "allow" | "deny";
      rule?: string;
      ephi?: boolean;
      effect?: string;
      allowed?: number;
      denied?: number;
      first?: ExpectedVerdict;
      last?: ExpectedVerdict;
    };

/**
 * Expectations: calls, and what must be decided about them.
 */

export interface TestFile {
  /**
   * The version of the format, as a string.
   */
  version: "1";
  /**
   * What is tested, in a sentence.
   */
  suite: string;
  /**
   * More about it, for people.
   */
  description?: string;
  now?: Instant;
  /**
   * What every call has that does not say otherwise.
   */
  defaults?: {
    /**
     * The grant under which the call is made.
     */
    grant?: string;
    /**
     * The server that is called.
     */
    server?: string;
    /**
     * A policy that is asked alone, in place of a grant.
     */
    policy?: string;
    /**
     * The tool that is called.
     */
    tool?: string;
  };
  /**
   * Each a call, a sequence or a matrix, and what is expected of it.
   */
  cases?: TestCase[];
  matrix?: Matrix;
}

/**
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "case".
 */

export interface TestCase {
  /**
   * What should be so, in a sentence.
   */
  name: string;
  /**
   * The grant under which the call is made.
   */
  grant?: string;
  /**
   * The server that is called.
   */
  server?: string;
  /**
   * A policy that is asked alone, in place of a grant.
   */
  policy?: string;
  at?: Instant;
  call?: TestCall;
  /**
   * Calls one after the other in virtual time, for limits.
   */
  sequence?: RepeatedCall | RepeatedCall[];
  matrix?: Matrix;
  expect?: Expectation;
  /**
   * Skips the case until a date; after it the case runs again.
   */
  skip?: {
    /**
     * Why, and the ticket.
     */
    reason: string;
    /**
     * The first day on which it runs again.
     */
    until: string;
  };
}

/**
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "call".
 */

export interface TestCall {
  /**
   * The grant under which the call is made.
   */
  grant?: string;
  /**
   * The server that is called.
   */
  server?: string;
  /**
   * A policy that is asked alone, in place of a grant.
   */
  policy?: string;
  /**
   * An MCP method other than tools/call; `args` are then its params.
   */
  method?: string;
  /**
   * The tool that is called.
   */
  tool?: string;
  args?: Args;
  at?: Instant;
}

/**
 * Every call under every grant; what `expect` does not list is expected to be denied.
 *
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "matrix".
 */

export interface Matrix {
  /**
   * Calls by a name.
   */
  calls: {
    [k: string]: TestCall;
  };
  /**
   * The grants under which each call is made.
   */
  grants: string[];
  /**
   * Of each call, the grants that are allowed. Everything else must be denied.
   */
  expect: {
    [k: string]: string[];
  };
}

/**
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "verdict".
 */

export interface ExpectedVerdict {
  /**
   * What is decided.
   */
  verdict: "allow" | "deny";
  /**
   * The rule that decides; "" for an allowed call.
   */
  rule?: string;
  /**
   * Whether the call may touch patient data, as the label says.
   */
  ephi?: boolean;
  /**
   * What the call does, as the label says.
   */
  effect?: "read" | "write" | "destructive" | "execute" | "financial";
}

/**
 * This interface was referenced by `TestFile`'s JSON-Schema
 * via the `definition` "repeated".
 */

export interface RepeatedCall {
  /**
   * How many times.
   */
  repeat?: number;
  /**
   * The first value of `{i}` in the call's texts.
   */
  from?: number;
  /**
   * Virtual time between two calls.
   */
  every?: string;
  call: TestCall;
}

/**
 * What an engine trusts; on its host, never in a bundle.
 */

export interface TrustFile {
  version: "1";
  domain: string;
  stream: string;
  root: TrustedRoot;
  floor?: Floor;
  pin?: ReleasePin;
  /**
   * Whether a security key must be touched to sign; true when absent.
   */
  touch?: boolean;
}

export interface TrustedRoot {
  version: number;
  digest: string;
}

/**
 * Nothing older, ever; it may only rise.
 */

export interface Floor {
  epoch: number;
  version: number;
}

/**
 * Exactly this release, by the digest of its bundle.
 */

export interface ReleasePin {
  version: number;
  digest: string;
}
