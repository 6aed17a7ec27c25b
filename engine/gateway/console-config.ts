/** `console` of engine.yaml → what a console is told. */
import { parseDuration } from "../policy/time.ts";
import type { EngineConsole } from "../schema/types.ts";
import type { Pointer } from "../source.ts";
import type { TlsFiles } from "./tls.ts";
import { isLoopback } from "./trust.ts";

export interface ConsoleSettings {
  readonly listen: {
    readonly host: string;
    readonly port: number;
    /** Names by which browsers call, as in the Host header, without port. */
    readonly hosts: readonly string[];
    /** The address under which people see it, where a proxy stands in front. */
    readonly url?: string;
    readonly tls?: TlsFiles;
  };
  readonly issuer?: {
    readonly issuer: string;
    readonly clientId: string;
    /** Absent: a public client. */
    readonly clientSecret?: string;
  };
  /** Milliseconds. */
  readonly idleMs?: number;
  readonly absoluteMs?: number;
}

/** What the file's other parts are read with. */
export interface Reading {
  readonly report: (pointer: Pointer, message: string, help: string) => void;
  readonly isLoopbackHost: (host: string) => boolean;
  readonly tls: (files: NonNullable<EngineConsole["tls"]>, at: Pointer) => TlsFiles | undefined;
  readonly secret: (reference: string, at: Pointer) => string | undefined;
}

const LISTEN = "127.0.0.1:8430";
const LOOPBACK_NAMES = ["127.0.0.1", "localhost"];

export function consoleOf(file: EngineConsole, reading: Reading): ConsoleSettings {
  const { report, isLoopbackHost } = reading;
  const address = file.listen ?? LISTEN;
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Number(address.slice(colon + 1));
  if (port > 65_535)
    report(["console", "listen"], "there is no such port", "a port is at most 65535");
  const tls = file.tls === undefined ? undefined : reading.tls(file.tls, ["console", "tls"]);
  if (!isLoopbackHost(host) && file.tls === undefined) {
    // §164.312(e)(1). There is no way around it here: a session's cookie would go over the wire too.
    report(
      ["console", "listen"],
      "plain HTTP beyond loopback",
      "give it a certificate (`console: { tls: { cert, key } }`), or listen on 127.0.0.1 behind a TLS proxy",
    );
  }
  const { url } = file;
  const hosts = file.hosts ?? [
    ...(isLoopbackHost(host) ? LOOPBACK_NAMES : []),
    ...(url === undefined ? [] : [new URL(url).hostname]),
  ];
  if (hosts.length === 0) {
    report(
      ["console"],
      "nobody could call: `hosts` is missing",
      "list the names by which browsers call it: `hosts: [audit.example.org]`",
    );
  }
  const issuer = issuerOf(file.oidc, reading);
  return {
    listen: {
      host,
      port,
      hosts,
      ...(url === undefined ? {} : { url }),
      ...(tls === undefined ? {} : { tls }),
    },
    ...(issuer === undefined ? {} : { issuer }),
    ...(file.idle === undefined ? {} : { idleMs: parseDuration(file.idle) }),
    ...(file.absolute === undefined ? {} : { absoluteMs: parseDuration(file.absolute) }),
  };
}

function issuerOf(
  oidc: EngineConsole["oidc"],
  { report, secret }: Reading,
): ConsoleSettings["issuer"] {
  if (oidc === undefined) return undefined;
  const { issuer, clientId, clientSecret } = oidc;
  const at = ["console", "oidc"];
  const url = URL.parse(issuer);
  if (url === null || (url.protocol !== "https:" && !isLoopback(url))) {
    // A login over plain HTTP hands the code to whoever listens.
    report([...at, "issuer"], "the issuer is not reached over TLS", "write its https address");
  }
  const value =
    clientSecret === undefined ? undefined : secret(clientSecret, [...at, "clientSecret"]);
  return { issuer, clientId, ...(value === undefined ? {} : { clientSecret: value }) };
}
