/** Which replaced values of a recorded call its verdict has read: for the value that was sent it may be another. */
import type { Call } from "../decide/call.ts";
import type { Decision, Tracer } from "../decide/decide.ts";
import type { ReadyRepository } from "../decide/prepare.ts";
import type { Operator, Path } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";

export interface Reading {
  readonly tracer: Tracer;
  /** The replaced paths that were read, in order. */
  of(decision: Decision): readonly string[];
}

/** What these ask of a value is the same of its replacement. */
const BLIND: ReadonlySet<Operator> = new Set([
  "exists",
  "type",
  "count_lt",
  "count_lte",
  "count_gt",
  "count_gte",
]);

export function reading(
  repository: ReadyRepository,
  call: Call,
  replaced: readonly string[],
): Reading {
  const read = new Set<string>();
  const note = (path: Path): void => {
    if (path.root !== "args") return;
    const text = anyIndex(formatPath(path));
    for (const one of replaced) if (overlap(anyIndex(one), text)) read.add(one);
  };
  return {
    tracer: {
      step(rule) {
        // Other steps read names alone. How many patients there are is the same of replacements.
        const limit = limitAt(repository, call, rule);
        if (limit?.incrementFrom !== undefined) note(limit.incrementFrom);
      },
      entry({ source }) {
        for (const { op, path } of source.anyOf.flat()) if (!BLIND.has(op)) note(path);
      },
    },
    // A schema that refuses may have looked at anything.
    of: ({ rule }) => (rule === "(schema)" ? replaced : [...read].sort()),
  };
}

function limitAt(repository: ReadyRepository, call: Call, rule: string) {
  if (!rule.includes("/limits/")) return undefined;
  const granted = repository.grants.get(call.grant ?? "")?.access.get(call.server ?? "");
  const policy = repository.policies.get(call.policy ?? granted ?? "");
  const rules = [
    policy?.allTools,
    policy?.tools.get(call.tool),
    call.tool === "" ? policy?.methods.get(call.method) : undefined,
  ];
  return rules.flatMap((one) => one?.limits ?? []).find(({ pointer }) => pointer === rule)?.source;
}

function anyIndex(path: string): string {
  return path.replace(/\[[0-9]+\]/g, "[*]");
}

/** Whether one of the two is within the other: a path stands for everything below it. */
function overlap(a: string, b: string): boolean {
  return a === b || isBelow(a, b) || isBelow(b, a);
}

function isBelow(path: string, above: string): boolean {
  return path.startsWith(above) && /^[.[]/.test(path.slice(above.length));
}
