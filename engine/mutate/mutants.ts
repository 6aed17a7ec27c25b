/** Every mutant of a repository, in the order of its files. */
import { own } from "../json/value.ts";
import type { Repository, Server } from "../policy/ir.ts";
import type { LoadedRepository } from "../policy/load.ts";
import type { Target } from "../prove/rules.ts";
import { grantMutants } from "./grants.ts";
import { labelMutants, type Reached } from "./labels.ts";
import type { Mutant } from "./mutant.ts";
import { policyMutants } from "./policies.ts";
import { vocabularyOf } from "./vocabulary.ts";

export function mutantsOf(loaded: LoadedRepository): readonly Mutant[] {
  const { repository, policies, grants, servers } = loaded;
  const vocabulary = vocabularyOf(repository);
  return [
    ...[...policies.values()].flatMap((file) => policyMutants(file, vocabulary)),
    ...[...grants.values()].flatMap((file) => grantMutants(file, repository)),
    ...[...servers.values()].flatMap(({ located, compiled }) =>
      compiled === undefined
        ? []
        : labelMutants(located, compiled, reachedOf(repository, compiled)),
    ),
  ];
}

/** The tools and methods of a server that some grant's policy reaches: nobody sees another's label. */
function reachedOf({ grants, policies }: Repository, server: Server): readonly Reached[] {
  const names = new Set(Object.values(grants).map(({ access }) => access[server.id]));
  const found = new Map<string, Reached>();
  for (const name of [...names].sort()) {
    const policy = name === undefined ? undefined : own(policies, name);
    if (policy === undefined) continue;
    const byDefault = policy.default === "allow" ? Object.keys(server.tools) : [];
    const targets: Target[] = [
      ...[...new Set([...Object.keys(policy.tools), ...byDefault])].map((tool) => ({ tool })),
      ...Object.keys(policy.methods).map((method) => ({ method })),
    ];
    for (const target of targets) {
      const rules =
        "tool" in target
          ? [own(policy.tools, target.tool), policy.allTools]
          : [own(policy.methods, target.method)];
      const counts = rules.some((one) => one?.limits.some(({ distinct }) => distinct) === true);
      const key = JSON.stringify(target);
      const known = found.get(key);
      found.set(key, { target, countsPatients: counts || known?.countsPatients === true });
    }
  }
  return [...found.values()];
}
