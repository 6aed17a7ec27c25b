/**
 * A strict reader of JSON (RFC 8259) that keeps what JSON.parse loses: duplicate keys, numbers that
 * do not survive, lone surrogates, depth, and the place of everything.
 *
 * Two parsers that disagree about a text are a way around a policy: the judge sees the harmless
 * `name`, the upstream the other one. So whatever readers are known to disagree about is a problem
 * here, never a choice.
 */
import { LineMap, type Located } from "../source.ts";
import { isExact } from "./number.ts";
import { InexactNumber, type Received } from "./value.ts";

/** As deep as arrays and objects may nest. */
export const MAX_DEPTH = 64;

export interface JsonProblem {
  readonly message: string;
  readonly help: string;
  readonly line: number;
  readonly column: number;
}

export interface ReadOptions {
  /**
   * Also refuse keys of one object that are equal after NFKC and case folding, as a received call
   * does: an upstream whose reader ignores case would take the other value.
   */
  readonly foldKeys?: boolean;
}

export type ReadResult =
  | { readonly ok: true; readonly value: Received; readonly located: Located<Received> }
  | { readonly ok: false; readonly problems: readonly JsonProblem[] };

/** Reads one JSON document. `file` is only for places. A message never holds a value of the text. */
export function readJson(file: string, raw: string, options: ReadOptions = {}): ReadResult {
  const text = raw.startsWith("\uFEFF") ? raw.slice(1) : raw;
  const reader = new Reader(text, options.foldKeys === true);
  const value = reader.document();
  if (reader.problems.length > 0 || value === undefined) {
    const lines = new LineMap(text);
    return {
      ok: false,
      problems: reader.problems.map(({ message, help, offset }) => ({
        message,
        help,
        ...lines.at(offset),
      })),
    };
  }
  return { ok: true, value, located: locate(file, text, value, reader.root!) };
}

/**
 * Offsets of a value and of the key before it, and the same of its members. A tree, as the value is:
 * a table by whole paths would repeat a long key once for every value below it.
 */
interface Spot {
  readonly value: number;
  readonly key: number;
  members?: Map<string | number, Spot>;
}

function locate(file: string, text: string, value: Received, root: Spot): Located<Received> {
  let lines: LineMap | undefined;
  return {
    file,
    value,
    place(pointer, part = "value") {
      let spot = root;
      let depth = 0;
      for (const step of pointer) {
        const member = spot.members?.get(step);
        if (member === undefined) break;
        spot = member;
        depth++;
      }
      const wanted = part === "key" && depth === pointer.length ? spot.key : spot.value;
      lines ??= new LineMap(text);
      return { file, ...lines.at(wanted) };
    },
  };
}

/** Equal for keys that differ only in case or encoding: `ẞ`, `ß` and `SS`; `ﬁ` and `FI`. */
function fold(key: string): string {
  return key.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}

class Stop extends Error {}

class Reader {
  readonly problems: { message: string; help: string; offset: number }[] = [];
  /** Set by `document`. */
  root: Spot | undefined;
  readonly #text: string;
  readonly #foldKeys: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, foldKeys: boolean) {
    this.#text = text;
    this.#foldKeys = foldKeys;
  }

  document(): Received | undefined {
    try {
      this.#space();
      this.root = { value: this.#at, key: this.#at };
      const value = this.#value(this.root);
      this.#space();
      if (this.#at < this.#text.length) {
        this.#stop("text after the end of the JSON document", "remove it; one document only");
      }
      return value;
    } catch (error) {
      if (error instanceof Stop) return undefined;
      throw error;
    }
  }

  #note(message: string, help: string, offset: number): void {
    this.problems.push({ message, help, offset });
  }

  #stop(message: string, help: string, offset = this.#at): never {
    this.#note(message, help, offset);
    throw new Stop();
  }

  #space(): void {
    while (" \t\n\r".includes(this.#text[this.#at] ?? "x")) this.#at++;
  }

  /** The value that begins here, at `spot`. */
  #value(spot: Spot): Received {
    const start = this.#at;
    const c = this.#text[start];
    if (c === "{") return this.#object(spot);
    if (c === "[") return this.#array(spot);
    if (c === '"') return this.#string();
    if (c === "-" || (c !== undefined && c >= "0" && c <= "9")) return this.#number();
    for (const [word, value] of [
      ["true", true],
      ["false", false],
      ["null", null],
    ] as const) {
      if (this.#text.startsWith(word, start)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#stop(
      c === undefined ? "the JSON document ends too early" : "a JSON value is expected here",
      "a value is an object, an array, a string in double quotes, a number, true, false or null",
    );
  }

  #enter(): void {
    if (this.#depth >= MAX_DEPTH) {
      this.#stop(`nested deeper than ${MAX_DEPTH} levels`, "flatten the value");
    }
    this.#depth++;
    this.#at++;
    this.#space();
  }

  #leave(): void {
    this.#depth--;
    this.#at++;
  }

  /** The member of `spot` that begins here. */
  #member(spot: Spot, step: string | number, keyAt?: number): Received {
    this.#space();
    const member: Spot = { value: this.#at, key: keyAt ?? this.#at };
    spot.members ??= new Map();
    spot.members.set(step, member);
    return this.#value(member);
  }

  #object(spot: Spot): Received {
    this.#enter();
    const object: Record<string, Received> = {};
    const seen = new Map<string, string>();
    if (this.#text[this.#at] === "}") {
      this.#leave();
      return object;
    }
    for (;;) {
      this.#space();
      const keyAt = this.#at;
      if (this.#text[keyAt] !== '"') {
        this.#stop("a key in double quotes is expected here", 'keys are written "like this"');
      }
      const key = this.#string();
      this.#checkKey(key, keyAt, seen);
      this.#space();
      if (this.#text[this.#at] !== ":") this.#stop("`:` is expected here", "write `:` after a key");
      this.#at++;
      const value = this.#member(spot, key, keyAt);
      // A plain assignment of `__proto__` would set the prototype instead of a property.
      Object.defineProperty(object, key, {
        value,
        enumerable: true,
        writable: true,
        configurable: true,
      });
      if (this.#more("}")) return object;
    }
  }

  #checkKey(key: string, offset: number, seen: Map<string, string>): void {
    const folded = this.#foldKeys ? fold(key) : key;
    const other = seen.get(folded);
    if (other === key) {
      this.#note("a key stands twice in one object", "keep one of the two", offset);
    } else if (other !== undefined) {
      this.#note(
        "two keys of one object differ only in case or in how their characters are encoded",
        "keep one of the two; readers disagree about which of them counts",
        offset,
      );
    }
    seen.set(folded, key);
  }

  #array(spot: Spot): Received {
    this.#enter();
    const array: Received[] = [];
    if (this.#text[this.#at] === "]") {
      this.#leave();
      return array;
    }
    for (;;) {
      array.push(this.#member(spot, array.length));
      if (this.#more("]")) return array;
    }
  }

  /** After a member: true at the end of the collection, false when another member follows. */
  #more(end: "}" | "]"): boolean {
    this.#space();
    const c = this.#text[this.#at];
    if (c !== "," && c !== end) {
      this.#stop(`\`,\` or \`${end}\` is expected here`, "separate members with a comma");
    }
    if (c === end) this.#leave();
    else this.#at++;
    return c === end;
  }

  #string(): string {
    const start = this.#at;
    let at = start + 1;
    let escaped = false;
    for (; ; at++) {
      const code = this.#text.charCodeAt(at);
      if (Number.isNaN(code)) this.#stop("a string is not closed", 'write the closing `"`', start);
      if (code === 0x22) break;
      if (code < 0x20) {
        this.#stop("a control character inside a string", "write it as an escape, such as \\n", at);
      }
      if (code === 0x5c) {
        escaped = true;
        at++;
        const mark = this.#text[at] ?? "";
        if (mark === "u") {
          if (!/^[0-9a-fA-F]{4}$/.test(this.#text.slice(at + 1, at + 5))) {
            this.#stop("a broken \\u escape", "write \\u and four hexadecimal digits", at - 1);
          }
          at += 4;
        } else if (!'"\\/bfnrt'.includes(mark) || mark === "") {
          this.#stop(
            "an unknown escape",
            'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u',
            at - 1,
          );
        }
      }
    }
    this.#at = at + 1;
    const raw = this.#text.slice(start, this.#at);
    const value = escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1);
    if (!value.isWellFormed()) {
      this.#note("half of a surrogate pair", "write the whole character", start);
    }
    return value;
  }

  #number(): number | InexactNumber {
    const start = this.#at;
    const match = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    match.lastIndex = start;
    const text = match.exec(this.#text)?.[0] ?? "";
    const next = this.#text[start + text.length] ?? "";
    if (text === "" || /[0-9.eE+-]/.test(next)) {
      this.#stop("a broken number", "JSON numbers look like -1, 0.5 or 1e9", start);
    }
    this.#at = start + text.length;
    const value = Number(text);
    return isExact(text, value) ? value : new InexactNumber(text);
  }
}
