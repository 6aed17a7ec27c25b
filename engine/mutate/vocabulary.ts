/** What a person might add by mistake: names that the repository itself knows. */
import { own } from "../json/value.ts";
import type { Path, Policy, Repository, Scalar } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";

export interface Vocabulary {
  /** A value that is compared with the same path elsewhere, of the members' type, and none of them. */
  beside(path: Path, members: readonly Scalar[]): Scalar | undefined;
  /** An argument of the tool that the list does not have. */
  argument(tool: string, names: readonly string[]): string | undefined;
  /** The gravest tool of the policy's servers that the policy does not list. */
  tool(policy: Policy): string | undefined;
}

const GRAVITY = ["execute", "destructive", "financial", "write", "read"];

export function vocabularyOf(repository: Repository): Vocabulary {
  const compared = comparedValues(repository);
  return {
    beside: (path, members) => {
      const types = new Set(members.map((member) => typeof member));
      return compared
        .get(formatPath(path))
        ?.find((value) => types.has(typeof value) && !members.includes(value));
    },
    argument: (tool, names) => argumentsOf(repository, tool).find((name) => !names.includes(name)),
    tool: (policy) => unlisted(repository, policy),
  };
}

function comparedValues({ policies }: Repository): ReadonlyMap<string, readonly Scalar[]> {
  const values = new Map<string, Set<Scalar>>();
  for (const { allTools, tools, methods } of Object.values(policies)) {
    for (const rules of [allTools, ...Object.values(tools), ...Object.values(methods)]) {
      for (const { path, op, operand } of [...rules.require, ...rules.denyIf].flatMap(({ anyOf }) =>
        anyOf.flat(),
      )) {
        if (!("literal" in operand) || !["eq", "neq", "in", "not_in"].includes(op)) continue;
        const key = formatPath(path);
        const known = values.get(key) ?? new Set();
        for (const value of [operand.literal].flat() as Scalar[]) known.add(value);
        values.set(key, known);
      }
    }
  }
  return new Map([...values].map(([key, known]) => [key, [...known].sort(byText)]));
}

function byText(a: Scalar, b: Scalar): number {
  return String(a) < String(b) ? -1 : 1;
}

function argumentsOf({ servers, policies }: Repository, tool: string): string[] {
  const pinned = Object.values(servers).flatMap(({ lock }) => {
    const schema = own(lock?.tools ?? {}, tool)?.definition.inputSchema;
    const { properties } = (schema ?? {}) as { properties?: object };
    return Object.keys(properties ?? {});
  });
  const granted = Object.values(policies).flatMap(({ tools }) => own(tools, tool)?.args ?? []);
  return [...new Set([...pinned, ...granted])].sort();
}

function unlisted({ servers, grants }: Repository, policy: Policy): string | undefined {
  const reached = Object.values(grants).flatMap(({ access }) =>
    Object.entries(access).flatMap(([server, name]) => (name === policy.name ? server : [])),
  );
  const tools = [...new Set(reached)].flatMap((server) =>
    Object.entries(own(servers, server)?.tools ?? {}),
  );
  const rank = ({ effect }: (typeof tools)[number][1]): number =>
    typeof effect === "string" ? GRAVITY.indexOf(effect) : 0;
  return tools
    .filter(([tool]) => !Object.hasOwn(policy.tools, tool))
    .sort(([a, x], [b, y]) => rank(x) - rank(y) || (a < b ? -1 : 1))[0]?.[0];
}
