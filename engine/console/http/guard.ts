/**
 * What is refused before a page is looked for. Each check names what it stops; none says more to the
 * caller than its status.
 */
import { type Head, MAX_FORM_BYTES } from "./request.ts";

/** How browsers know this console. */
export interface Site {
  /** Scheme, host and port, as an Origin header has them. */
  readonly origins: readonly string[];
  /** As a Host header has them. */
  readonly hosts: readonly string[];
  /** Reached over TLS, here or at a proxy in front. */
  readonly secure: boolean;
}

export interface Refused {
  readonly status: 400 | 403 | 405 | 411 | 413 | 415 | 421;
  readonly says: string;
}

const FORM = /^application\/x-www-form-urlencoded\s*(;\s*charset=utf-8)?$/i;

export function refusalOf(head: Head, site: Site): Refused | undefined {
  // DNS rebinding: a page of another name that resolves to this machine.
  if (head.host === undefined || !site.hosts.includes(head.host.toLowerCase())) {
    return { status: 421, says: "this console has another name" };
  }
  // Request smuggling: a browser states the length of a form.
  if (head.transferEncoding !== undefined) {
    return { status: 400, says: "a form has a length" };
  }
  switch (head.method) {
    case "GET":
    case "HEAD":
      return undefined;
    case "POST":
      return refusalOfForm(head, site);
    default:
      // TRACE would read back a cookie; the others mean nothing here.
      return { status: 405, says: "pages are read, and forms are sent" };
  }
}

function refusalOfForm(head: Head, site: Site): Refused | undefined {
  // Cross-site request forgery. Browsers name the origin of every POST: one that is missing, or `null`
  // (a sandboxed frame, a file), is not ours.
  if (head.origin === undefined || !site.origins.includes(head.origin)) {
    return { status: 403, says: "the form comes from another site" };
  }
  if (head.fetchSite !== undefined && head.fetchSite !== "same-origin") {
    return { status: 403, says: "the form comes from another site" };
  }
  if (head.contentType === undefined || !FORM.test(head.contentType)) {
    return { status: 415, says: "forms are sent as application/x-www-form-urlencoded" };
  }
  if (head.contentLength === undefined || !/^[0-9]{1,9}$/.test(head.contentLength)) {
    return { status: 411, says: "a form has a length" };
  }
  if (Number(head.contentLength) > MAX_FORM_BYTES) {
    return { status: 413, says: "the form is too long" };
  }
  return undefined;
}
