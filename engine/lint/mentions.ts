/** Every place where a file names an argument of a tool, with what the pinned schemas say of it. */
import type { Path } from "../policy/ir.ts";
import { parsePlainPath } from "../policy/path.ts";
import type { LabelFile } from "../schema/types.ts";
import type { Place, Pointer } from "../source.ts";
import type { ArgumentSchema, Lookup } from "./argument.ts";
import {
  type ConditionSite,
  type LintContext,
  type PolicyFacts,
  type ServerFacts,
  targetsOf,
} from "./context.ts";
import { quoted } from "./rule.ts";

export interface Mention {
  readonly path: Path;
  /** What the name or path is there for. */
  readonly use: "args" | "condition" | "increment_from" | "subject" | "by";
  /** Where `use` is `condition`. */
  readonly site?: ConditionSite;
  /** The tool, in words. */
  readonly of: string;
  /** What each pinned schema says of it; one of them at least. */
  readonly lookups: readonly Lookup[];
  /** The place of the name or path. */
  readonly place: Place;
}

/**
 * The mentions that every tool which they concern has a pinned schema for. A name that one of two
 * servers knows is no slip, so a rule reports only what holds of all lookups.
 */
export function mentionsOf(context: LintContext): Mention[] {
  return [
    ...context.policies.flatMap((facts) => policyMentions(context, facts)),
    ...[...context.servers.values()].flatMap(labelMentions),
  ];
}

type Section = Pick<ConditionSite, "policy" | "section" | "name">;

function policyMentions(context: LintContext, facts: PolicyFacts): Mention[] {
  // A pair or a server that could not be read may be the one that knows the name.
  if (context.unreadGrants || !facts.servers.every((id) => context.servers.has(id))) return [];
  const { policy, file } = facts;
  const mention = (
    at: Section,
    use: Mention["use"],
    path: Path,
    pointer: Pointer,
    site?: ConditionSite,
  ): Mention[] => {
    const schemas = targetsOf(context, at).map(({ schema }) => schema);
    if (path.root !== "args" || schemas.length === 0 || schemas.includes(undefined)) return [];
    const lookups = (schemas as ArgumentSchema[]).map((schema) => schema.lookUp(path));
    const of = at.section === "all_tools" ? "every tool that the policy reaches" : quoted(at.name);
    return [
      {
        path,
        use,
        of,
        lookups,
        place: file.place(pointer),
        ...(site === undefined ? {} : { site }),
      },
    ];
  };
  const allTools: Section = { policy, section: "all_tools", name: "" };
  const sections = [
    { at: allTools, pointer: ["all_tools"], rules: policy.allTools, args: [] as string[] },
    ...Object.entries(policy.tools).map(([name, rules]) => ({
      at: { policy, section: "tools" as const, name },
      pointer: ["tools", name],
      rules,
      // As written: the compiled list is sorted.
      args: file.value.tools?.[name]?.args ?? [],
    })),
  ];
  return [
    ...sections.flatMap(({ at, pointer, rules, args }) => [
      ...args.flatMap((arg, index) =>
        mention(at, "args", { root: "args", steps: [arg] }, [...pointer, "args", index]),
      ),
      ...rules.limits.flatMap(({ incrementFrom }, index) =>
        incrementFrom === undefined
          ? []
          : mention(at, "increment_from", incrementFrom, [
              ...pointer,
              "limits",
              index,
              "increment_from",
            ]),
      ),
    ]),
    ...context.conditions
      .filter((site) => site.policy === policy)
      .flatMap((site) =>
        mention(site, "condition", site.condition.path, [...site.pointer, "path"], site),
      ),
  ];
}

/** The arguments that a server's labels name. */
function labelMentions({ file, schemaOf }: ServerFacts): Mention[] {
  return Object.entries(file.value.tools ?? {}).flatMap(([tool, label]) => {
    const schema = schemaOf(tool);
    if (schema === undefined) return [];
    const at = (use: Mention["use"], text: string, pointer: Pointer): Mention[] => {
      const parsed = parsePlainPath(text, "args");
      if (!("path" in parsed)) return [];
      const lookups = [schema.lookUp(parsed.path)];
      const place = file.place(["tools", tool, ...pointer]);
      return [{ path: parsed.path, use, of: quoted(tool), lookups, place }];
    };
    return [
      ...subjectTexts(label.subject, ["subject"]).flatMap(({ text, pointer }) =>
        at("subject", text, pointer),
      ),
      ...(["effect", "ephi", "subject"] as const).flatMap((key) => {
        const value = label[key];
        return typeof value === "object" && "by" in value ? at("by", value.by, [key, "by"]) : [];
      }),
    ];
  });
}

/** The paths of a subject as written, in whichever case. */
function subjectTexts(
  subject: LabelFile["subject"],
  pointer: Pointer,
): { readonly text: string; readonly pointer: Pointer }[] {
  if (subject === undefined || subject === "none" || subject === "unknown") return [];
  if (typeof subject === "string") return [{ text: subject, pointer }];
  if (Array.isArray(subject)) {
    return subject.map((text, index) => ({ text, pointer: [...pointer, index] }));
  }
  return Object.entries(subject.cases).flatMap(([name, one]) =>
    subjectTexts(one, [...pointer, "cases", name]),
  );
}
