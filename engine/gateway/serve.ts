/** A gateway in production: signed releases, and what the host lists. */
import { watch } from "../bundle/store/poll.ts";
import type { EngineConfig, ReleaseSettings } from "./config.ts";
import { type Gateway, type GatewaySettings, startGateway } from "./gateway.ts";
import { type ReleasePolicy, releaseSource } from "./release-source.ts";
import { unlisted } from "./trust.ts";

export interface ServeOptions {
  readonly config: EngineConfig & { readonly releases: ReleaseSettings };
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly random: () => number;
  readonly overrides?: Partial<GatewaySettings>;
}

export interface ServedGateway {
  readonly gateway: Gateway;
  readonly policy: ReleasePolicy;
}

/** Milliseconds in which a source must answer. */
const SOURCE_TIMEOUT_MS = 10_000;

/** Serves also without a release, and then denies everything: it may be published a moment later. */
export async function serveReleases(options: ServeOptions): Promise<ServedGateway> {
  const { config, now, random, overrides } = options;
  const { settings, trust: upstreams, releases } = config;
  const { sources, trust, pollMs, maxStaleMs } = releases;
  const listed = new Map(Object.entries(upstreams));
  const policy = await releaseSource({
    trust,
    sources: sources.map((source) => watch(source, SOURCE_TIMEOUT_MS)),
    state: settings.state,
    pollMs,
    ...(maxStaleMs === undefined ? {} : { maxStaleMs }),
    now,
    random,
    objection: ({ repository }) => unlisted(repository, listed),
  });
  const gateway = await startGateway(policy, { ...settings, dev: false, ...overrides }, now);
  return { gateway, policy };
}
