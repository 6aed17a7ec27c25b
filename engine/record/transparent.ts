/**
 * A policy that lets everything through, for the gateway's own line of steps: what stands between a
 * client and its server must read both eras, sessions, streams and cancellations, and there is one
 * such reader. Nothing is denied, hidden or recorded by it.
 */
import { randomUUID } from "node:crypto";
import type { AuditLog } from "../audit/log.ts";
import { prepare, prepareLabel, type ReadyLabel, type ReadyRepository } from "../decide/prepare.ts";
import {
  CLIENT_REQUESTS,
  GOVERNED_NOTIFICATIONS,
  INPUT_RESPONSES,
  SERVER_REQUESTS,
} from "../gateway/methods.ts";
import type { ActivePolicy, PolicySource } from "../gateway/policy-source.ts";
import type { TokenStore } from "../grant/store.ts";
import { digestOf, type JsonObject } from "../json/value.ts";
import { type Grant, type Repository, type RuleSet, SEMANTICS } from "../policy/ir.ts";

const NAME = "everything";
const NO_RULES: RuleSet = { require: [], denyIf: [], limits: [] };
const HARMLESS = prepareLabel({
  effect: "read",
  ephi: false,
  volume: "single",
  subject: "none",
  resultSubjects: [],
});

export interface Through {
  readonly server: string;
  readonly transport: JsonObject;
  readonly grant: Grant;
  /** Methods that no standard names, and a policy does. */
  readonly methods: readonly string[];
}

export function everythingAllowed(through: Through): PolicySource {
  const active: ActivePolicy = {
    repository: repositoryOf(through),
    bundle: { name: NAME, version: "record", digest: digestOf(NAME) },
    subjectKey: "v1",
  };
  return {
    current: () => active,
    freshness: () => "fresh",
    halted: () => undefined,
    onEvent() {},
    stop() {},
  };
}

function repositoryOf({ server, transport, grant, methods }: Through): ReadyRepository {
  const judged = [
    ...CLIENT_REQUESTS.keys(),
    ...SERVER_REQUESTS,
    ...GOVERNED_NOTIFICATIONS.keys(),
    INPUT_RESPONSES,
    ...methods,
  ];
  const source: Repository = {
    semantics: SEMANTICS,
    digest: digestOf([NAME, server]),
    requireBaa: false,
    policies: {
      [NAME]: {
        name: NAME,
        digest: digestOf([NAME]),
        default: "allow",
        hide: [],
        allTools: NO_RULES,
        tools: {},
        methods: Object.fromEntries(judged.map((method) => [method, NO_RULES])),
      },
    },
    servers: {
      [server]: {
        id: server,
        baa: { status: "not_required" },
        transport,
        readOnlyCredential: false,
        tools: {},
        methods: {},
      },
    },
    // From always to always: whether the grant is valid is for the recorded verdict to say.
    grants: {
      [grant.id]: {
        ...withoutBreakGlass(grant),
        access: { [server]: NAME },
        issued: Number.NEGATIVE_INFINITY,
        expires: Number.POSITIVE_INFINITY,
      },
    },
  };
  const ready = prepare(source);
  const only = ready.servers.get(server)!;
  const labels = everyName(HARMLESS);
  return {
    ...ready,
    servers: new Map([[server, { ...only, toolLabels: labels, methodLabels: labels }]]),
  };
}

function withoutBreakGlass({ breakGlass, ...grant }: Grant): Grant {
  return grant;
}

/** Nobody has described a tool that nobody has seen; here each is as harmless as the next. */
function everyName(label: ReadyLabel): ReadonlyMap<string, ReadyLabel> {
  return Object.assign(new Map<string, ReadyLabel>(), { get: () => label, has: () => true });
}

/** Whoever calls is the one client that the recorder stands in front of. */
export function oneClient(grant: string): TokenStore {
  return {
    problem: undefined,
    refresh: () => false,
    lookup: () => ({ ok: true, grant, tokenId: "recorder" }),
    list: () => [],
    change: () => Promise.reject(new Error("a recorder has no tokens")),
    reconcile: async () => [],
  };
}

/** Keeps nothing: the recording is what is kept. */
export function noLog(now: () => number): AuditLog {
  return {
    append: ({ id = randomUUID() }) => ({ id, seq: 0, durable: Promise.resolve() }),
    dead: undefined,
    failing: undefined,
    unpublished: undefined,
    get head() {
      return { seq: 0, hash: "", at: now() };
    },
    async checkpoint() {},
    async close() {},
  };
}
