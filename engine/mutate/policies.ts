/** Mutants of a policy. */
import type { Policy, RuleSet } from "../policy/ir.ts";
import type { LoadedFile } from "../policy/load.ts";
import type { Target } from "../prove/rules.ts";
import type * as file from "../schema/types.ts";
import type { Pointer } from "../source.ts";
import { dropped, without } from "./lists.ts";
import type { Edit, Mutant } from "./mutant.ts";
import { rulesMutants } from "./rules.ts";
import type { Vocabulary } from "./vocabulary.ts";

const NO_RULES: RuleSet = { require: [], denyIf: [], limits: [] };

type PolicyEdit = Omit<Extract<Edit, { of: "policy" }>, "of">;

export function policyMutants(
  { located, compiled }: LoadedFile<file.PolicyFile, Policy>,
  vocabulary: Vocabulary,
): readonly Mutant[] {
  if (compiled === undefined) return [];
  const mutant = (at: Pointer, mutation: string, edit: PolicyEdit): Mutant => ({
    mutation,
    place: located.place(at, "key"),
    pointer: at,
    edit: { of: "policy", ...edit },
  });
  return [
    ...defaultMutants(compiled, mutant),
    ...hideMutants(compiled, located.value, mutant),
    ...addedTool(compiled, vocabulary, mutant),
    ...rulesMutants(compiled.allTools, located.value.all_tools ?? {}, undefined, vocabulary).map(
      ({ at, mutation, value, limit }) =>
        mutant(["all_tools", ...at], mutation, {
          value: { ...compiled, allTools: value },
          ...(limit === undefined ? {} : { limit }),
        }),
    ),
    ...sectionMutants("tools", compiled, located.value, vocabulary, mutant),
    ...sectionMutants("methods", compiled, located.value, vocabulary, mutant),
  ];
}

type Make = (at: Pointer, mutation: string, edit: PolicyEdit) => Mutant;

function defaultMutants(policy: Policy, mutant: Make): readonly Mutant[] {
  const other = policy.default === "deny" ? "allow" : "deny";
  return [
    mutant(["default"], `\`default: ${policy.default}\` becomes \`${other}\``, {
      value: { ...policy, default: other },
    }),
  ];
}

function hideMutants(policy: Policy, written: file.PolicyFile, mutant: Make): readonly Mutant[] {
  const { hide } = policy;
  if (hide === "*")
    return [mutant(["hide"], "no tool is hidden: drop `hide`", { value: { ...policy, hide: [] } })];
  return hide.map((tool, index) =>
    mutant(["hide", written.hide?.indexOf(tool) ?? 0], `\`${tool}\` is no longer hidden`, {
      value: { ...policy, hide: without(hide, index) },
    }),
  );
}

/** One tool too many, with nothing asked of its calls. */
function addedTool(policy: Policy, vocabulary: Vocabulary, mutant: Make): readonly Mutant[] {
  const tool = vocabulary.tool(policy);
  if (tool === undefined) return [];
  return [
    mutant(["tools", tool], `\`${tool}\` is listed too, without any rule`, {
      value: { ...policy, tools: { ...policy.tools, [tool]: NO_RULES } },
      target: { tool },
    }),
  ];
}

function sectionMutants(
  section: "tools" | "methods",
  policy: Policy,
  written: file.PolicyFile,
  vocabulary: Vocabulary,
  mutant: Make,
): readonly Mutant[] {
  return Object.entries(policy[section]).flatMap(([name, rules]) => {
    const target: Target = section === "tools" ? { tool: name } : { method: name };
    const with_ = (value: Policy["tools"]): Policy => ({ ...policy, [section]: value });
    const tool = section === "tools" ? name : undefined;
    return [
      mutant([section, name], `\`${name}\` is no longer listed`, {
        value: with_(dropped(policy[section], name)),
        target,
      }),
      ...rulesMutants(rules, written[section]?.[name] ?? {}, tool, vocabulary).map(
        ({ at, mutation, value, limit }) =>
          mutant([section, name, ...at], mutation, {
            value: with_({ ...policy[section], [name]: value }),
            target,
            ...(limit === undefined ? {} : { limit }),
          }),
      ),
    ];
  });
}
