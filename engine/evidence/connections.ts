/** Every connection that the gateway's configuration and policies name, and what protects it in transit. */
import type { Repository } from "../policy/ir.ts";
import type { EngineFile } from "../schema/types.ts";

export interface Connection {
  readonly leg: "client to gateway" | "gateway to server" | "gateway to another service";
  readonly what: string;
  readonly address: string;
  readonly protection: string;
  /** False: patient data, or credentials, could be read on the way. */
  readonly protected: boolean;
}

/** What holds where the file is silent; schemas/engine.schema.json says the same. */
export const CONFIG_DEFAULTS = {
  listen: "127.0.0.1:8420",
  idle: "30m",
  absolute: "12h",
  tls: "1.3",
  poll: "60s",
  checkpointEvery: "60s",
  checkpointRecords: 10_000,
} as const;

export function connectionsOf(
  config: EngineFile | undefined,
  repository: Repository,
): readonly Connection[] {
  const upstreams = Object.values(repository.servers).map(({ id, transport }) =>
    upstream(id, transport as Transport, config?.upstreams?.[id]?.tls),
  );
  if (config === undefined) return upstreams;
  return [listener(config), ...upstreams, ...others(config)];
}

function listener({ listen }: EngineFile): Connection {
  const address = listen?.http ?? CONFIG_DEFAULTS.listen;
  const about = { leg: "client to gateway", what: "MCP clients", address } as const;
  const { tls } = listen ?? {};
  if (tls !== undefined) {
    const clients = tls.clients === undefined ? "" : ", and a client certificate is required";
    const version = tls.minVersion ?? CONFIG_DEFAULTS.tls;
    return { ...about, protection: `TLS ${version} or later${clients}`, protected: true };
  }
  if (isLoopback(address)) {
    return {
      ...about,
      protection: "plain HTTP on loopback: it does not leave the machine",
      protected: true,
    };
  }
  return { ...about, protection: "plain HTTP (`listen.insecure`)", protected: false };
}

interface Transport {
  readonly type?: string;
  readonly url?: string;
}

type ClientTls = NonNullable<NonNullable<EngineFile["upstreams"]>[string]["tls"]>;

function upstream(id: string, { type, url }: Transport, tls: ClientTls | undefined): Connection {
  const about = { leg: "gateway to server", what: id } as const;
  if (type !== "http" || url === undefined) {
    const protection = "a process on the gateway's machine; what it connects to is its own";
    return { ...about, address: "standard input and output", protection, protected: true };
  }
  return { ...about, address: originOf(url), ...byUrl(url, tls) };
}

function byUrl(url: string, tls?: ClientTls): Pick<Connection, "protection" | "protected"> {
  if (url.startsWith("https:")) {
    const pinned = tls?.ca === undefined ? "" : ", only one certificate authority is trusted";
    const mutual = tls?.cert === undefined ? "" : ", the gateway shows a certificate";
    const version = tls?.minVersion ?? CONFIG_DEFAULTS.tls;
    return { protection: `TLS ${version} or later${pinned}${mutual}`, protected: true };
  }
  return isLoopback(new URL(url).host)
    ? { protection: "plain HTTP on loopback: it does not leave the machine", protected: true }
    : { protection: "plain HTTP", protected: false };
}

function others(config: EngineFile): Connection[] {
  const sinks = (config.audit?.checkpoints?.to ?? []).map((to) =>
    typeof to === "string" ? { url: to } : to,
  );
  const named: { readonly what: string; readonly url: string; readonly tls?: ClientTls }[] = [
    ...sinks.map((sink) => ({ what: "signed checkpoints", ...sink })),
    ...[config.bundle?.source ?? []].flat().map((url) => ({ what: "signed releases", url })),
    ...(config.telemetry?.traces === undefined
      ? []
      : [{ what: "traces", url: config.telemetry.traces.otlp }]),
  ];
  return named
    .filter(({ url }) => /^https?:/.test(url))
    .map(({ what, url, tls }) => ({
      leg: "gateway to another service",
      what,
      address: originOf(url),
      ...byUrl(url, tls),
    }));
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? url;
}

function isLoopback(address: string): boolean {
  return /^(127(\.[0-9]{1,3}){3}|\[::1\]|localhost)(:[0-9]+)?$/.test(address);
}
