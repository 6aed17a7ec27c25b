/** A request, as far as a page may look at it. */
import type { IncomingMessage } from "node:http";

/** The longest form has a decision for each of some thousand grants. */
export const MAX_FORM_BYTES = 64 * 1024;
const MAX_URL_CHARS = 2_048;

export interface Asked {
  /** HEAD is asked as GET. */
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  readonly remote: string;
}

/** What the guard looks at before anything else is done. */
export interface Head {
  readonly method: string;
  readonly url: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly contentType: string | undefined;
  readonly contentLength: string | undefined;
  /** Another form of length than Content-Length: two readers could disagree about where it ends. */
  readonly transferEncoding: string | undefined;
}

export function headOf(message: IncomingMessage): Head {
  const { headers } = message;
  const one = (named: string): string | undefined => headers[named]?.toString();
  return {
    method: message.method ?? "",
    url: message.url ?? "",
    host: one("host"),
    origin: one("origin"),
    fetchSite: one("sec-fetch-site"),
    contentType: one("content-type"),
    contentLength: one("content-length"),
    transferEncoding: one("transfer-encoding"),
  };
}

/** The request behind a head that the guard let in; undefined when its target is no path. */
export function askedOf(message: IncomingMessage): Asked | undefined {
  const target = message.url ?? "";
  if (target.length > MAX_URL_CHARS || !target.startsWith("/") || target.startsWith("//")) {
    return undefined;
  }
  const url = URL.parse(target, "http://console.invalid");
  if (url === null) return undefined;
  return {
    method: message.method === "POST" ? "POST" : "GET",
    path: url.pathname,
    query: url.searchParams,
    cookies: cookiesOf(message.headers.cookie ?? ""),
    remote: message.socket.remoteAddress ?? "",
  };
}

/** RFC 6265 §5.4. Of two cookies of one name the first counts: it has the longer path, and ours has the shortest. */
function cookiesOf(header: string): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    const key = pair.slice(0, at).trim();
    if (at > 0 && !cookies.has(key)) cookies.set(key, pair.slice(at + 1).trim());
  }
  return cookies;
}

/** The fields of a form; undefined when there are more bytes than a form here has, or they are no UTF-8. */
export async function formOf(message: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return new URLSearchParams(
      new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)),
    );
  } catch {
    return undefined;
  }
}
