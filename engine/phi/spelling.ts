/**
 * How a text is put together: a reference, an address, a list, a search. Its parts are replaced one by
 * one, so that `Patient/p-100`, `p-100` and `?patient=p-100` name one patient afterwards as before.
 */

export type Part =
  /** Kept: what holds the parts together. */
  | { readonly joint: string }
  /** A part that may be put together itself. */
  | { readonly text: string }
  /** The name of a parameter. */
  | { readonly name: string };

const URL_FORM = /^([a-z][a-z0-9+.-]{0,20}:\/\/)([^/?#\s]*)([^?#\s]*)(\?[^#\s]*)?(#\S*)?$/i;
const SEARCH = /^\??[^\s=&?]+=[^\s&=]*(&[^\s=&?]+=[^\s&=]*)*$/;
const PATH_SEARCH = /^([^\s?=&]*)(\?[^\s#]*)$/;
/** FHIR R4 §3.1.1.4.1: prefixes of dates and quantities. */
const PREFIX = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(?=[0-9])/;

/** Undefined for a text of one piece. */
export function spelled(text: string): readonly Part[] | undefined {
  // Sentences are one piece: replaced word by word they could be read again by their common words.
  if (/\s/.test(text)) return undefined;
  const prefix = PREFIX.exec(text)?.[0];
  if (prefix !== undefined) return [{ joint: prefix }, { text: text.slice(prefix.length) }];
  if (!text.includes("?")) {
    for (const joint of [",", "|"]) if (text.includes(joint)) return split(text, joint);
  }
  const url = URL_FORM.exec(text);
  if (url !== null) {
    const [, scheme, host, path, query = "", fragment = ""] = url;
    return [
      { joint: scheme! },
      ...split(host!, "."),
      ...split(path!, "/"),
      ...search(query),
      ...rest(fragment),
    ];
  }
  if (SEARCH.test(text)) return search(text);
  const located = PATH_SEARCH.exec(text);
  if (located !== null) return [...split(located[1]!, "/"), ...search(located[2]!)];
  return text.includes("/") ? split(text, "/") : undefined;
}

function rest(fragment: string): Part[] {
  return fragment === "" ? [] : [{ joint: "#" }, { text: fragment.slice(1) }];
}

function split(text: string, joint: string): Part[] {
  return text
    .split(joint)
    .flatMap((part, index): Part[] =>
      index === 0 ? [{ text: part }] : [{ joint }, { text: part }],
    );
}

function search(query: string): Part[] {
  if (query === "") return [];
  const body = query.startsWith("?") ? query.slice(1) : query;
  const pairs = body.split("&").flatMap((pair, index): Part[] => {
    const equals = pair.indexOf("=");
    const name = equals === -1 ? pair : pair.slice(0, equals);
    const value = equals === -1 ? [] : [{ joint: "=" }, { text: pair.slice(equals + 1) }];
    return [...(index === 0 ? [] : [{ joint: "&" }]), { name }, ...value];
  });
  return query.startsWith("?") ? [{ joint: "?" }, ...pairs] : pairs;
}
