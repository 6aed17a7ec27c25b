/** One policy for each kind of agent that was recorded, and each server that it used. */
import { isByArgument } from "../decide/label.ts";
import type { JsonObject } from "../json/value.ts";
import { own } from "../json/value.ts";
import type { Label, Server } from "../policy/ir.ts";
import { formatPath } from "../policy/path.ts";
import type { DraftLimit, DraftPolicy, DraftTool } from "./draft.ts";
import { labelOf, type Observed, type Traffic } from "./observe.ts";
import { rulesFor, type Vocabulary } from "./rules.ts";

/** A policy, and who it is for. */
export interface Starter {
  readonly grant: string;
  readonly server: string;
  readonly policy: DraftPolicy;
}

export function fromTraffic(
  traffic: Traffic,
  servers: ReadonlyMap<string, Server>,
): readonly Starter[] {
  return [...traffic].sort(byName).flatMap(([grant, used]) =>
    [...used].sort(byName).map(([id, tools]) => {
      const server = servers.get(id);
      const all = [...tools].sort(byName);
      return {
        grant,
        server: id,
        policy: {
          name: used.size === 1 ? grant : `${grant}-${id}`,
          description: `What was recorded of ${grant} on ${id}: ${all.length} ${all.length === 1 ? "tool" : "tools"}, and nothing else.`,
          tools: all.map(([name, observed]) => toolFrom(name, observed, server)),
        },
      };
    }),
  );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function toolFrom(name: string, observed: Observed, server: Server | undefined): DraftTool {
  const label = labelOf(server, name);
  const { require, open } = rulesFor(observed.args, schemaOf(server, name), vocabularyOf(label));
  const { count } = observed.args;
  return {
    name,
    why: `called ${count === 1 ? "once" : `${count} times`}`,
    effect: isByArgument(label.effect) ? "depends" : label.effect,
    args: [...observed.args.members.keys()].sort(),
    require,
    limits: limitsFrom(observed, label),
    open,
  };
}

export function schemaOf(server: Server | undefined, tool: string): JsonObject | undefined {
  const pin = server?.lock === undefined ? undefined : own(server.lock.tools, tool);
  return pin?.definition.inputSchema as JsonObject | undefined;
}

/** A label names the cases of an argument; those words are in the repository already. */
export function vocabularyOf(label: Label): Vocabulary {
  const words = new Map<string, Set<string>>();
  for (const part of [label.effect, label.ephi, label.subject]) {
    if (!isByArgument<never>(part as never)) continue;
    const { by, cases } = part as { by: Parameters<typeof formatPath>[0]; cases: object };
    const path = formatPath(by);
    words.set(path, new Set([...(words.get(path) ?? []), ...Object.keys(cases)]));
  }
  return { words: (path) => words.get(path) ?? NONE };
}

const NONE: ReadonlySet<string> = new Set();

function limitsFrom({ busiest, patients }: Observed, label: Label): DraftLimit[] {
  if (label.ephi === false) return [];
  if (patients !== undefined && patients > 0) {
    const why = `the most different patients in one hour: ${patients}`;
    return [
      {
        counter: "patients",
        window: "hour",
        max: patients,
        scope: "grant",
        distinct: "subject",
        why,
      },
    ];
  }
  const why = `the most calls in one hour: ${busiest}`;
  return [{ counter: "calls", window: "hour", max: busiest, scope: "grant", why }];
}
