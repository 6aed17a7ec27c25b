/**
 * The text of a path: `args.a.b`, `args["a.b"]`, `args.ids[0]`, `args.ids[*]`, `grant.<attribute>`.
 *
 *     path  = root step*
 *     root  = "args" | "grant"
 *     step  = "." name | "[" string "]" | "[" index "]" | "[*]"
 *     name  = one or more characters other than . [ ] " ' and white space
 *     index = "0" or digits that do not start with 0
 */
import type { Path } from "./ir.ts";

export type PathResult<T> =
  | { readonly path: T }
  | { readonly problem: string; readonly help: string };

export type Step = string | number | { readonly each: true };

const NAME = /[^.[\]"'\s]+/y;
const INDEX = /\[(0|[1-9][0-9]{0,8})\]/y;
const QUOTED = /\["(?:[^"\\\u0000-\u001f]|\\.)*"\]/y;

/** The steps of any path text, before the rules of the place where it stands. */
function parseSteps(text: string): PathResult<{ root: string; steps: Step[] }> {
  const root = /^[a-z_]+/.exec(text)?.[0] ?? "";
  if (root !== "args" && root !== "grant") {
    return {
      problem: "a path starts with `args` or `grant`",
      help: `write \`args.${root === "" ? "name" : quoted(text)}\` for an argument of the call`,
    };
  }
  const steps: Step[] = [];
  let at = root.length;
  const next = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  while (at < text.length) {
    if (text.startsWith("[*]", at)) {
      steps.push({ each: true });
      at += 3;
    } else if (text[at] === ".") {
      at++;
      const name = next(NAME);
      if (name === undefined) return broken(at, "a name is expected after the dot");
      steps.push(name);
    } else {
      const index = next(INDEX);
      const quoted = index === undefined ? next(QUOTED) : undefined;
      if (index !== undefined) steps.push(Number(index.slice(1, -1)));
      else if (quoted !== undefined) {
        const name = unquote(quoted.slice(1, -1));
        if (name === undefined || name === "")
          return broken(at, "the name in quotes is not a JSON string");
        steps.push(name);
      } else if (/^\[-[0-9]/.test(text.slice(at))) return broken(at, "an index cannot be negative");
      else return broken(at, "a step is expected here");
    }
  }
  if (steps.includes("__proto__")) {
    // A reader that walks `__proto__` would leave the value that was sent.
    return { problem: "`__proto__` cannot be a step", help: "name an argument of the tool" };
  }
  return { path: { root, steps } };
}

/** A text of a file as a message may repeat it. */
export function quoted(text: string): string {
  return text.length > 50 ? `${text.slice(0, 50)}…` : text;
}

function broken(at: number, problem: string): { problem: string; help: string } {
  return {
    problem: `${problem} (character ${at + 1} of the path)`,
    help: 'paths look like args.a.b, args["a.b"], args.ids[0], args.ids[*] or grant.department',
  };
}

function unquote(json: string): string | undefined {
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}

/** The path of a condition. */
export function parsePath(text: string, quantifier: "any" | "all" | undefined): PathResult<Path> {
  const parsed = parseSteps(text);
  if (!("path" in parsed)) return parsed;
  const { root, steps } = parsed.path;
  const problem = firstStepProblem(root, steps);
  if (problem !== undefined) return problem;
  const stars = steps.filter((step) => typeof step === "object").length;
  if (stars > 1) {
    return {
      problem: "`[*]` stands twice in one path",
      help: "at most one, so that every policy can be proved about",
    };
  }
  if (stars === 1 && quantifier === undefined) {
    return {
      problem: "a path with `[*]` needs a quantifier",
      help: "add `quantifier: any` or `quantifier: all`",
    };
  }
  if (stars === 0 && quantifier !== undefined) {
    return {
      problem: "a quantifier needs `[*]` in the path",
      help: `remove it, or write \`${quoted(text)}[*]\``,
    };
  }
  const star = steps.findIndex((step) => typeof step === "object");
  const plain = (part: readonly Step[]): (string | number)[] => part as (string | number)[];
  const typed = root as Path["root"];
  return {
    path:
      star === -1
        ? { root: typed, steps: plain(steps) }
        : {
            root: typed,
            steps: plain(steps.slice(0, star)),
            each: { quantifier: quantifier!, steps: plain(steps.slice(star + 1)) },
          },
  };
}

/** The path after `value_from`, or of a label: one value, without `[*]` where `each` is false. */
export function parsePlainPath(text: string, root: Path["root"]): PathResult<Path> {
  const parsed = parsePath(text, text.includes("[*]") ? "all" : undefined);
  if ("path" in parsed && parsed.path.root !== root) {
    return { problem: `the path starts with \`${root}\` here`, help: `write \`${root}.name\`` };
  }
  return parsed;
}

const PRINCIPAL = ["kind", "id", "responsible"];

function firstStepProblem(
  root: string,
  steps: readonly Step[],
): { problem: string; help: string } | undefined {
  const [first, second] = steps;
  if (first === undefined) {
    return { problem: `a name is expected after \`${root}\``, help: `write \`${root}.name\`` };
  }
  if (typeof first !== "string") {
    return {
      problem: `\`${root}\` is an object, not a list`,
      help: `write \`${root}.name\` first`,
    };
  }
  if (root !== "grant") return undefined;
  if (first === "principal") {
    if (steps.length === 2 && PRINCIPAL.includes(second as string)) return undefined;
    return {
      problem: "a principal has `kind`, `id` and `responsible`",
      help: "write `grant.principal.kind`",
    };
  }
  // An attribute is a scalar or a list of scalars: deeper steps could never find anything.
  const rest = steps.slice(1);
  if (
    rest.length > 1 ||
    typeof rest[0] === "string" ||
    ((first === "purpose" || first === "id") && rest.length > 0)
  ) {
    return {
      problem: "a grant's attribute is a scalar or a list of scalars",
      help: `write \`grant.${quoted(first)}\``,
    };
  }
  return undefined;
}

/** The text of a path, in its shortest spelling. */
export function formatPath(path: Path): string {
  const steps = (part: readonly (string | number)[]): string =>
    part
      .map((step) => {
        if (typeof step === "number") return `[${step}]`;
        NAME.lastIndex = 0;
        return NAME.exec(step)?.[0] === step ? `.${step}` : `[${JSON.stringify(step)}]`;
      })
      .join("");
  return `${path.root}${steps(path.steps)}${path.each === undefined ? "" : `[*]${steps(path.each.steps)}`}`;
}
