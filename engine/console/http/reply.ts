/** What is sent back, and the headers that every answer has. */
import type { ServerResponse } from "node:http";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** `style`: a hash of the one stylesheet that a page may have (CSP Level 3 §6.7.3.3). */
export function pageReply(status: number, page: string, style: string): Reply {
  return {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src '${style}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    },
    body: page,
  };
}

/** RFC 9110 §15.4.4: what was sent is not sent again by a reload. */
export function seeOther(path: string): Reply {
  return { status: 303, headers: { location: path }, body: "" };
}

export function download(file: string, type: string, body: string | Buffer): Reply {
  return {
    status: 200,
    headers: {
      "content-type": type,
      "content-disposition": `attachment; filename="${file}"`,
    },
    body,
  };
}

export function plainReply(status: number, says: string): Reply {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${says}\n` };
}

export function withHeaders(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** Of every answer. A page may be overridden in nothing but its own content policy. */
const ALWAYS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  // What was shown to somebody must not stand in a cache after they have left.
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  // Not `no-referrer`: with it a browser sends our own forms with `Origin: null`.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const ONE_YEAR_S = 31_536_000;

export function send(
  response: ServerResponse,
  reply: Reply,
  { secure, headOnly }: { readonly secure: boolean; readonly headOnly: boolean },
): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    ...ALWAYS,
    ...(secure ? { "strict-transport-security": `max-age=${ONE_YEAR_S}` } : {}),
    ...reply.headers,
    "content-length": String(body.length),
  });
  response.end(headOnly ? undefined : body);
}
