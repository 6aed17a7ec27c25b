/**
 * What the host allows a server to be: the origins that a credential may be sent to, and the commands
 * that may be run. Policy comes from a repository that many can propose to; this list is the host's
 * own, so a policy change can neither run code nor send a secret elsewhere.
 */
import type { ReadyRepository } from "../decide/prepare.ts";
import { type JsonObject, own } from "../json/value.ts";

export interface TrustedUpstream {
  /** Origins such as `https://ehr.example.org`. */
  readonly origins: readonly string[];
  /** Whole command lines; a prefix of one is another command. */
  readonly commands: readonly (readonly string[])[];
}

export type Endpoint =
  | { readonly kind: "http"; readonly url: URL }
  | { readonly kind: "stdio"; readonly command: readonly [string, ...string[]] };

/** How a server's file says it is reached; undefined: in no way that is known here. */
export function endpointOf(transport: JsonObject): Endpoint | undefined {
  const type = own(transport, "type");
  if (type === "http") {
    const url = URL.parse(String(own(transport, "url") ?? ""));
    return url === null ? undefined : { kind: "http", url };
  }
  const command = own(transport, "command");
  if (type !== "stdio" || !Array.isArray(command) || command.length === 0) return undefined;
  if (!command.every((part) => typeof part === "string")) return undefined;
  return { kind: "stdio", command: command as unknown as readonly [string, ...string[]] };
}

/** Why the endpoint may not be used; undefined: it may. */
export function untrusted(
  endpoint: Endpoint | undefined,
  trust: TrustedUpstream,
): string | undefined {
  if (endpoint === undefined) return "no transport that is known here";
  if (endpoint.kind === "http") {
    const { url } = endpoint;
    // A name and password in a URL would be a credential that came with the policy.
    if (url.username !== "" || url.password !== "") return "a credential in the URL";
    return trust.origins.includes(url.origin) ? undefined : "an origin that the host does not list";
  }
  const line = JSON.stringify(endpoint.command);
  return trust.commands.some((known) => JSON.stringify(known) === line)
    ? undefined
    : "a command that the host does not list";
}

/** The first server of a policy that the host does not list, in words; undefined: it lists them all. */
export function unlisted(
  { servers }: ReadyRepository,
  listed: ReadonlyMap<string, TrustedUpstream>,
): string | undefined {
  for (const [id, { source }] of servers) {
    const trust = listed.get(id) ?? { origins: [], commands: [] };
    const why = untrusted(endpointOf(source.transport), trust);
    if (why !== undefined) return `servers/${id}.yaml names ${why}`;
  }
  return undefined;
}

/** Loopback by address: a name may be made to point anywhere. */
export function isLoopback(url: URL): boolean {
  return /^(127(\.[0-9]{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname);
}
