/** Where a store is. Apart from the driver, which only those load who have one. */

export interface StoreSettings {
  /** `postgres://…`, with the password if there is one. A secret. */
  readonly url: string;
  readonly tls?: StoreTls;
  /** Milliseconds in which a statement must be answered. */
  readonly timeoutMs: number;
}

/** Paths of PEM files, which are read again for every connection, so that renewed ones are taken over. */
export interface StoreTls {
  /** The only authorities trusted; those of Node.js when absent. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly minVersion: "1.2" | "1.3";
}

/** Milliseconds in which a statement must be answered when nobody says otherwise. */
export const STORE_TIMEOUT_MS = 2_000;

/** Why a text is no URL of a store; undefined: it is one. The text is a secret, and not repeated. */
export function urlProblem(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    return "it does not begin with postgres://";
  }
  if (url.pathname.length < 2) return "it names no database";
  for (const [name, value] of url.searchParams) {
    // Others could take the encryption away, and a host here could be another than the one that is judged.
    if (name !== "host" || !value.startsWith("/")) {
      return "it has parameters; TLS is set under `tls`";
    }
  }
  return undefined;
}
