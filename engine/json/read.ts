/**
 * A strict reader of JSON (RFC 8259) that keeps what JSON.parse loses: duplicate keys, numbers that
 * do not survive, lone surrogates, depth, and the place of everything.
 *
 * Two parsers that disagree about a text are a way around a policy: the judge sees the harmless
 * `name`, the upstream the other one. So whatever readers are known to disagree about is a problem
 * here, never a choice.
 */
import { LineMap, type Located } from "../source.ts";
import { EXACT_DIGITS, exactNumber, isExact } from "./number.ts";
import { InexactNumber, type Received } from "./value.ts";

/** As deep as arrays and objects may nest. */
export const MAX_DEPTH = 64;

/** What kind of problem it is; the words may change, the code does not. */
export type JsonProblemCode = "bad_json" | "too_deep" | "duplicate_key" | "surrogate";

export interface JsonProblem {
  readonly code: JsonProblemCode;
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
      problems: reader.problems.map(({ offset, ...problem }) => ({
        ...problem,
        ...lines.at(offset),
      })),
    };
  }
  return { ok: true, value, located: locate(file, text, value) };
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

/** Most texts are never asked for a place, so the text is read for places when the first one is. */
function locate(file: string, text: string, value: Received): Located<Received> {
  let root: Spot | undefined;
  let lines: LineMap | undefined;
  return {
    file,
    value,
    place(pointer, part = "value") {
      root ??= new Reader(text, false).spots();
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
  if (ASCII.test(key)) return key.toLowerCase();
  return key.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase().normalize("NFKC");
}

const ASCII = /^[^\u0080-\uffff]*$/;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LETTER_U = 0x75;
/** What may stand after a backslash, beside `u`; the commonest first. */
const ESCAPES = Array.from('"n\\/rtbf', (mark) => mark.charCodeAt(0));
/** Here begin the halves of surrogate pairs. */
const SURROGATES = 0xd800;

function isDigit(code: number): boolean {
  return code >= ZERO && code <= 0x39;
}

/** A character that is its own fold and means itself in a string: ASCII without quote, backslash, A to Z. */
function isPlain(code: number): boolean {
  if (code > BACKSLASH) return code < 0x80;
  return code >= 0x20 && code !== QUOTE && code !== BACKSLASH && (code < 0x41 || code > 0x5a);
}

/** What may stand in a number after its first digits, or makes no end of one: `.`, `e`, `E`, `+`, `-`. */
function goesOn(code: number): boolean {
  return code === POINT || code === 0x65 || code === 0x45 || code === 0x2b || code === MINUS;
}

class Stop extends Error {}

/**
 * One pass over the text. A code beyond its end is NaN, which equals nothing and is less than nothing,
 * so no loop needs to look for the end as well.
 */
class Reader {
  readonly problems: {
    readonly code: JsonProblemCode;
    readonly message: string;
    readonly help: string;
    readonly offset: number;
  }[] = [];
  readonly #text: string;
  readonly #foldKeys: boolean;
  #at = 0;
  #depth = 0;
  /** The key that was read last is its own fold, as most are. */
  #plain = false;

  constructor(text: string, foldKeys: boolean) {
    this.#text = text;
    this.#foldKeys = foldKeys;
  }

  /** undefined: a problem says why there is none. */
  document(): Received | undefined {
    try {
      const value = this.#value(undefined);
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

  /** Where everything is in a text that is without problems. */
  spots(): Spot {
    this.#space();
    const root = { value: this.#at, key: this.#at };
    this.#value(root);
    return root;
  }

  #note(code: JsonProblemCode, message: string, help: string, offset: number): void {
    this.problems.push({ code, message, help, offset });
  }

  #stop(message: string, help: string, offset = this.#at): never {
    this.#note("bad_json", message, help, offset);
    throw new Stop();
  }

  #space(): void {
    const text = this.#text;
    let at = this.#at;
    for (let code = text.charCodeAt(at); code <= 0x20; code = text.charCodeAt(++at)) {
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break;
    }
    this.#at = at;
  }

  /** The value that begins here or after white space. Its members' places go to `spot`, if wanted. */
  #value(spot: Spot | undefined): Received {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === QUOTE) return this.#string();
    if (code === OPEN_OBJECT) return this.#object(spot);
    if (code === OPEN_ARRAY) return this.#array(spot);
    if (code === MINUS || isDigit(code)) return this.#number();
    if (this.#word("true")) return true;
    if (this.#word("false")) return false;
    if (this.#word("null")) return null;
    return this.#stop(
      Number.isNaN(code) ? "the JSON document ends too early" : "a JSON value is expected here",
      "a value is an object, an array, a string in double quotes, a number, true, false or null",
    );
  }

  #word(word: string): boolean {
    const found = this.#text.startsWith(word, this.#at);
    if (found) this.#at += word.length;
    return found;
  }

  /** Goes into a collection: true when it is empty, and left again. */
  #enter(end: number): boolean {
    if (this.#depth >= MAX_DEPTH) {
      this.#note(
        "too_deep",
        `nested deeper than ${MAX_DEPTH} levels`,
        "flatten the value",
        this.#at,
      );
      throw new Stop();
    }
    this.#depth++;
    this.#at++;
    this.#space();
    const empty = this.#text.charCodeAt(this.#at) === end;
    if (empty) this.#leave();
    return empty;
  }

  #leave(): void {
    this.#depth--;
    this.#at++;
  }

  /** The member of `spot` that begins here or after white space. */
  #member(spot: Spot | undefined, step: string | number, keyAt?: number): Received {
    if (spot === undefined) return this.#value(undefined);
    this.#space();
    const member: Spot = { value: this.#at, key: keyAt ?? this.#at };
    spot.members ??= new Map();
    spot.members.set(step, member);
    return this.#value(member);
  }

  #object(spot: Spot | undefined): Received {
    const object: Record<string, Received> = {};
    if (this.#enter(CLOSE_OBJECT)) return object;
    /** The keys' folds, from the first key on that is not its own: two that are differ in theirs. */
    let folded: Set<string> | undefined;
    for (;;) {
      this.#space();
      const keyAt = this.#at;
      if (this.#text.charCodeAt(keyAt) !== QUOTE) {
        this.#stop("a key in double quotes is expected here", 'keys are written "like this"');
      }
      const key = this.#key();
      if (Object.hasOwn(object, key)) this.#twice(keyAt);
      else if (this.#foldKeys && (folded !== undefined || !this.#plain)) {
        folded ??= new Set(Object.keys(object));
        this.#checkFold(this.#plain ? key : fold(key), keyAt, folded);
      }
      this.#space();
      if (this.#text.charCodeAt(this.#at) !== COLON) {
        this.#stop("`:` is expected here", "write `:` after a key");
      }
      this.#at++;
      put(object, key, this.#member(spot, key, keyAt));
      if (this.#more(CLOSE_OBJECT)) return object;
    }
  }

  #twice(offset: number): void {
    this.#note("duplicate_key", "a key stands twice in one object", "keep one of the two", offset);
  }

  #checkFold(key: string, offset: number, folded: Set<string>): void {
    if (folded.has(key)) {
      this.#note(
        "duplicate_key",
        "two keys of one object differ only in case or in how their characters are encoded",
        "keep one of the two; readers disagree about which of them counts",
        offset,
      );
    }
    folded.add(key);
  }

  #array(spot: Spot | undefined): Received {
    const array: Received[] = [];
    if (this.#enter(CLOSE_ARRAY)) return array;
    do array.push(this.#member(spot, array.length));
    while (!this.#more(CLOSE_ARRAY));
    return array;
  }

  /** After a member: true at the end of the collection, false when another member follows. */
  #more(end: typeof CLOSE_OBJECT | typeof CLOSE_ARRAY): boolean {
    this.#space();
    const code = this.#text.charCodeAt(this.#at);
    if (code === COMMA) {
      this.#at++;
      return false;
    }
    if (code !== end) {
      const mark = end === CLOSE_OBJECT ? "}" : "]";
      this.#stop(`\`,\` or \`${mark}\` is expected here`, "separate members with a comma");
    }
    this.#leave();
    return true;
  }

  #key(): string {
    const text = this.#text;
    const start = this.#at + 1;
    let at = start;
    while (isPlain(text.charCodeAt(at))) at++;
    this.#plain = text.charCodeAt(at) === QUOTE;
    if (!this.#plain) return this.#string();
    this.#at = at + 1;
    return text.slice(start, at);
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at;
    let at = start + 1;
    let escaped = false;
    let surrogates = false;
    for (let code = text.charCodeAt(at); code !== QUOTE; code = text.charCodeAt(++at)) {
      if (code === BACKSLASH) {
        escaped = true;
        at = this.#escape(at);
      } else if (code >= SURROGATES) surrogates = true;
      else if (!(code >= 0x20)) this.#badCharacter(code, start, at);
    }
    this.#at = at + 1;
    const value = escaped
      ? (JSON.parse(text.slice(start, at + 1)) as string)
      : text.slice(start + 1, at);
    if ((escaped || surrogates) && !value.isWellFormed()) {
      this.#note("surrogate", "half of a surrogate pair", "write the whole character", start);
    }
    return value;
  }

  #badCharacter(code: number, start: number, at: number): never {
    if (Number.isNaN(code)) {
      this.#stop("a string is not closed", 'write the closing `"`', start);
    }
    this.#stop("a control character inside a string", "write it as an escape, such as \\n", at);
  }

  /** The escape whose backslash is at `at`; returns where its last character is. */
  #escape(at: number): number {
    const mark = this.#text.charCodeAt(at + 1);
    if (mark === LETTER_U) {
      if (!/^[0-9a-fA-F]{4}$/.test(this.#text.slice(at + 2, at + 6))) {
        this.#stop("a broken \\u escape", "write \\u and four hexadecimal digits", at);
      }
      return at + 5;
    }
    if (!ESCAPES.includes(mark)) {
      this.#stop("an unknown escape", 'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t \\u', at);
    }
    return at + 1;
  }

  /** Most numbers are short, and need no text of their own: their digits are their value. */
  #number(): number | InexactNumber {
    const text = this.#text;
    const start = this.#at;
    const negative = text.charCodeAt(start) === MINUS;
    const first = negative ? start + 1 : start;
    let digits = 0;
    let at = first;
    let code = text.charCodeAt(at);
    for (; isDigit(code); code = text.charCodeAt(++at)) digits = digits * 10 + code - ZERO;
    const whole = at - first;
    let decimals = 0;
    if (code === POINT) {
      code = text.charCodeAt(++at);
      for (; isDigit(code); code = text.charCodeAt(++at)) digits = digits * 10 + code - ZERO;
      decimals = at - first - whole - 1;
    }
    const zeroFirst = whole > 1 && text.charCodeAt(first) === ZERO;
    const pointLast = decimals === 0 && at > first + whole;
    const broken = whole === 0 || zeroFirst || pointLast;
    if (broken || whole + decimals > EXACT_DIGITS || goesOn(code)) return this.#anyNumber();
    this.#at = at;
    return exactNumber(negative ? -digits : digits, decimals);
  }

  /** A number that is long, has an exponent, or is broken. */
  #anyNumber(): number | InexactNumber {
    const start = this.#at;
    const match = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    match.lastIndex = start;
    const text = match.exec(this.#text)?.[0] ?? "";
    const next = this.#text.charCodeAt(start + text.length);
    if (text === "" || isDigit(next) || goesOn(next)) {
      this.#stop("a broken number", "JSON numbers look like -1, 0.5 or 1e9", start);
    }
    this.#at = start + text.length;
    const value = Number(text);
    return isExact(text, value) ? value : new InexactNumber(text);
  }
}

/** A plain assignment of `__proto__` would set the prototype instead of a property. */
function put(object: Record<string, Received>, key: string, value: Received): void {
  if (key !== "__proto__") object[key] = value;
  else {
    Object.defineProperty(object, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
}
