/**
 * The session's cookie. `__Host-` binds it to this host, this scheme and the whole site (RFC 6265bis
 * §4.1.3.2); it needs TLS, so on loopback without it the port stands in the name, because cookies of
 * one machine are shared by all its ports.
 */
import type { Site } from "../http/guard.ts";

export interface SessionCookie {
  readonly name: string;
  set(value: string): string;
  readonly clear: string;
}

export function sessionCookie({ secure, hosts }: Site): SessionCookie {
  const port = /:([0-9]+)$/.exec(hosts[0] ?? "")?.[1] ?? "80";
  const name = secure ? "__Host-phiward" : `phiward-${port}`;
  const attributes = `Path=/; HttpOnly; SameSite=Strict${secure ? "; Secure" : ""}`;
  return {
    name,
    set: (value) => `${name}=${value}; ${attributes}`,
    clear: `${name}=; Max-Age=0; ${attributes}`,
  };
}
