/**
 * A gateway for a first try and for tests from outside: an unsigned repository on loopback, a token
 * for each grant, every record marked `dev`, break-glass dormant.
 */
import { randomBytes } from "node:crypto";
import { issueToken } from "../grant/issue.ts";
import type { Host } from "../host/host.ts";
import { LOOPBACK_HOSTS } from "./config.ts";
import { devSource } from "./dev-source.ts";
import {
  type Gateway,
  type GatewaySettings,
  startGateway,
  type UpstreamSettings,
} from "./gateway.ts";
import type { ActivePolicy, PolicySource } from "./policy-source.ts";
import { type Endpoint, endpointOf, isLoopback, type TrustedUpstream, unlisted } from "./trust.ts";

export interface DevOptions {
  readonly folder: string;
  readonly state: string;
  readonly host: Host;
  /** What the host lists beside the repository's own loopback origins and commands at start. */
  readonly trust?: Readonly<Record<string, TrustedUpstream>>;
  readonly upstreams?: Readonly<Record<string, UpstreamSettings>>;
  readonly overrides?: Partial<GatewaySettings>;
  /** The grant ids to issue a token for; all when absent. */
  readonly grants?: readonly string[];
}

export interface DevGateway {
  readonly gateway: Gateway;
  readonly policy: PolicySource;
  /** Grant id → token. They are shown once, here. */
  readonly tokens: Readonly<Record<string, string>>;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export async function startDevGateway(options: DevOptions): Promise<DevGateway> {
  const { folder, state, host } = options;
  const listed = new Map<string, TrustedUpstream>(Object.entries(options.trust ?? {}));
  let starting = true;
  const source = await devSource({
    folder,
    host,
    pollMs: 500,
    issuers: new Set((options.overrides?.oidc ?? []).map(({ issuer }) => issuer)),
    objection(policy) {
      // The operator chose this folder: what it names now is meant. What a later change names is not.
      if (starting) for (const [id, own] of ownEndpoints(policy)) addTo(listed, id, own);
      return unlisted(policy.repository, listed);
    },
  });
  starting = false;
  const gateway = await startGateway(
    source,
    { ...devSettings(state, host), upstreams: options.upstreams ?? {}, ...options.overrides },
    host.now,
  );
  return {
    gateway,
    policy: source,
    tokens: await issueTokens(gateway, source.current()!, host.now(), options.grants),
  };
}

function devSettings(state: string, { env }: Host): GatewaySettings {
  return {
    node: "dev",
    state,
    dev: true,
    hosts: LOOPBACK_HOSTS,
    sessions: { idleMs: 30 * 60_000, absoluteMs: 12 * 60 * 60_000, max: 1_000 },
    upstreamTimeoutMs: 300_000,
    requestTimeoutMs: 15_000,
    recheckPinsMs: 5 * 60_000,
    checkpoint: { everyMs: 1_000, everyRecords: 1_000, sinks: [] },
    upstreams: {},
    env,
  };
}

/** Loopback only: an unsigned policy may not lead anywhere else. */
function ownEndpoints(policy: ActivePolicy): [string, Endpoint][] {
  return [...policy.repository.servers].flatMap(([id, { source }]): [string, Endpoint][] => {
    const endpoint = endpointOf(source.transport);
    if (endpoint === undefined) return [];
    return endpoint.kind === "stdio" || isLoopback(endpoint.url) ? [[id, endpoint]] : [];
  });
}

function addTo(listed: Map<string, TrustedUpstream>, id: string, endpoint: Endpoint): void {
  const { origins = [], commands = [] } = listed.get(id) ?? {};
  listed.set(
    id,
    endpoint.kind === "http"
      ? { origins: [...origins, endpoint.url.origin], commands }
      : { origins, commands: [...commands, endpoint.command] },
  );
}

/** One for each grant that may be used now; break-glass grants too, which stay dormant. */
async function issueTokens(
  gateway: Gateway,
  policy: ActivePolicy,
  at: number,
  wanted: readonly string[] | undefined,
): Promise<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const [id, { source }] of policy.repository.grants) {
    // Of an issuer that is at hand: its tokens come from there.
    if (source.oidc !== undefined) continue;
    if (source.expires <= at || wanted?.includes(id) === false) continue;
    const plan = issueToken(source, Math.min(at + DAY_MS, source.expires), {
      at,
      by: "phiward gateway --dev",
      random: randomBytes,
    });
    tokens[id] = (await gateway.tokens.change(plan)).token;
  }
  return tokens;
}
