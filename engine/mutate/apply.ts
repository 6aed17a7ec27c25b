/** The repository with a mutant in it. Only the part that differs is made ready again. */
import {
  prepare,
  prepareLabel,
  preparePolicy,
  type ReadyPolicy,
  type ReadyRepository,
} from "../decide/prepare.ts";
import type { Label, Policy, Server } from "../policy/ir.ts";
import type { Target } from "../prove/rules.ts";
import type { Edit } from "./mutant.ts";

export function withMutant(ready: ReadyRepository, edit: Edit): ReadyRepository {
  switch (edit.of) {
    case "policy":
      return withPolicy(ready, edit.value, edit.target);
    case "grant": {
      const { id } = edit.value;
      const source = {
        ...ready.source,
        grants: { ...ready.source.grants, [id]: edit.value },
      };
      const alone = prepare({ ...source, policies: {}, servers: {}, grants: { [id]: edit.value } });
      return { ...ready, source, grants: new Map([...ready.grants, ...alone.grants]) };
    }
    case "label":
      return withLabel(ready, edit.server, edit.target, edit.value);
  }
}

function withPolicy(
  ready: ReadyRepository,
  policy: Policy,
  target: Target | undefined,
): ReadyRepository {
  const { name } = policy;
  return {
    ...ready,
    source: { ...ready.source, policies: { ...ready.source.policies, [name]: policy } },
    policies: new Map(ready.policies).set(name, readyPolicy(ready, policy, target)),
  };
}

/** Of a policy in which one target differs, nothing else is compiled a second time. */
function readyPolicy(
  ready: ReadyRepository,
  policy: Policy,
  target: Target | undefined,
): ReadyPolicy {
  const before = ready.policies.get(policy.name);
  if (target === undefined || before === undefined) return preparePolicy(policy);
  const [section, name] =
    "tool" in target ? (["tools", target.tool] as const) : (["methods", target.method] as const);
  const rules = policy[section][name];
  const part = preparePolicy({
    ...policy,
    allTools: { require: [], denyIf: [], limits: [] },
    tools: {},
    methods: {},
    ...(rules === undefined ? {} : { [section]: { [name]: rules } }),
  });
  const changed = new Map(before[section]);
  changed.delete(name);
  return {
    ...before,
    source: policy,
    [section]: new Map([...changed, ...part[section]]),
  };
}

function withLabel(
  ready: ReadyRepository,
  id: string,
  target: Target,
  label: Label,
): ReadyRepository {
  const before = ready.servers.get(id)!;
  const [section, labels, name] =
    "tool" in target
      ? (["tools", "toolLabels", target.tool] as const)
      : (["methods", "methodLabels", target.method] as const);
  const source: Server = {
    ...before.source,
    [section]: { ...before.source[section], [name]: label },
  };
  const server = {
    ...before,
    source,
    [labels]: new Map(before[labels]).set(name, prepareLabel(label)),
  };
  return {
    ...ready,
    source: { ...ready.source, servers: { ...ready.source.servers, [id]: source } },
    servers: new Map(ready.servers).set(id, server),
  };
}
