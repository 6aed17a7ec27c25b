// The oracle's own regular expressions: a small subset of RE2, matched in the most direct way.
// Nothing is shared with the engine's automata or with the RE2 library that the engine runs.

/**
 * Whether `pattern` matches somewhere in `text`, or all of it if `whole`, by code points.
 *
 * Knows literals, `.`, classes, \d \s \w and their capitals, groups, `|`, * + ? {n} {n,} {n,m},
 * ^ $ as the two ends of the text, and (?i) in front for ASCII letters; throws on anything else.
 * Each piece of a pattern becomes a function from a place to all the places where a match of that
 * piece, begun there, can end. RE2 asks only whether one exists, so greed and order are no matter.
 */
export function regexFinds(pattern: string, text: string, whole: boolean): boolean {
  type Piece = (at: number) => Set<number>;
  const chars = [...text];
  const source = [...pattern];
  const fold = pattern.startsWith("(?i)");
  let pos = fold ? 4 : 0;

  const sequel = (first: Piece, second: Piece): Piece => {
    return (at) => new Set([...first(at)].flatMap((middle) => [...second(middle)]));
  };
  const nothing: Piece = (at) => new Set([at]);
  const place = (holds: (at: number) => boolean): Piece => {
    return (at) => new Set(holds(at) ? [at] : []);
  };
  const one = (fits: (c: string) => boolean): Piece => {
    return (at) => new Set(at < chars.length && fits(chars[at] as string) ? [at + 1] : []);
  };

  const letter = /^[A-Za-z]$/;
  /** Whether the character, in either case under (?i), lies between the two. */
  const between = (low: string, high: string) => (c: string) => {
    const faces = fold && letter.test(c) ? [c.toLowerCase(), c.toUpperCase()] : [c];
    const point = (of: string) => of.codePointAt(0) as number;
    return faces.some((face) => point(low) <= point(face) && point(face) <= point(high));
  };

  function escaped(): (c: string) => boolean {
    const c = source[pos++] ?? "";
    const sets: Record<string, string> = {
      d: "0123456789",
      s: "\t\n\f\r ",
      w: "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
    };
    const set = Object.hasOwn(sets, c.toLowerCase()) ? sets[c.toLowerCase()] : undefined;
    if (set !== undefined)
      return (x) => (c === c.toLowerCase() ? set.includes(x) : !set.includes(x));
    if (/^[A-Za-z0-9]?$/.test(c)) throw new Error("an escape outside the small subset");
    return between(c, c);
  }

  function characterClass(): (c: string) => boolean {
    const negated = source[pos] === "^";
    if (negated) pos += 1;
    const members: ((c: string) => boolean)[] = [];
    while (source[pos] !== "]") {
      if (pos >= source.length) throw new Error("a class does not close");
      const low = source[pos++] as string;
      if (low === "\\") members.push(escaped());
      else if (source[pos] === "-" && source[pos + 1] !== "]") {
        members.push(between(low, source[pos + 1] as string));
        pos += 2;
      } else members.push(between(low, low));
    }
    pos += 1;
    return (c) => members.some((fits) => fits(c)) !== negated;
  }

  function atom(): Piece {
    const c = source[pos++] as string;
    if (c === "^") return place((at) => at === 0);
    if (c === "$") return place((at) => at === chars.length);
    if (c === ".") return one((x) => x !== "\n");
    if (c === "\\") return one(escaped());
    if (c === "[") return one(characterClass());
    if (c === "(") {
      if (source[pos] === "?") {
        if (source[pos + 1] !== ":") throw new Error("a group outside the small subset");
        pos += 2;
      }
      const inner = alternation();
      if (source[pos++] !== ")") throw new Error("a group does not close");
      return inner;
    }
    if ("*+?{}]".includes(c)) throw new Error("a repetition of nothing");
    return one(between(c, c));
  }

  function repeated(): Piece {
    const piece = atom();
    const rest = source.slice(pos).join("");
    const mark = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})/.exec(rest);
    if (mark === null) return piece;
    pos += mark[0].length;
    let [least, most] = [mark[0] === "+" ? 1 : 0, mark[0] === "?" ? 1 : Number.POSITIVE_INFINITY];
    if (mark[1] !== undefined) {
      least = Number(mark[1]);
      if (mark[2] === undefined) most = least;
      else if (mark[3] !== "") most = Number(mark[3]);
    }
    return (at) => {
      // Places after exactly n rounds; past `least` keep them all, until a round adds no place.
      let places = new Set([at]);
      for (let n = 0; n < least; n++) places = new Set([...places].flatMap((p) => [...piece(p)]));
      for (let n = least; n < most; n++) {
        const more = new Set([...places, ...[...places].flatMap((p) => [...piece(p)])]);
        if (more.size === places.size) break;
        places = more;
      }
      return places;
    };
  }

  function alternation(): Piece {
    const branches: Piece[] = [];
    do {
      if (branches.length > 0) pos += 1;
      let branch = nothing;
      while (pos < source.length && source[pos] !== "|" && source[pos] !== ")")
        branch = sequel(branch, repeated());
      branches.push(branch);
    } while (source[pos] === "|");
    return (at) => new Set(branches.flatMap((branch) => [...branch(at)]));
  }

  const matcher = alternation();
  if (pos < source.length) throw new Error("a parenthesis too many");
  if (whole) return matcher(0).has(chars.length);
  return [...chars, ""].some((_, start) => matcher(start).size > 0);
}
