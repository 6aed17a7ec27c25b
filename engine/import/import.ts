/** A policy that another tool enforces → ours: its text, its tests, and what was not carried. */
import { writePolicy } from "../author/write-policy.ts";
import { firstTests } from "../author/write-tests.ts";
import { PhiwardError } from "../errors.ts";
import type { Json } from "../json/value.ts";
import { compilePolicy } from "../policy/compile.ts";
import type { Policy } from "../policy/ir.ts";
import { parse } from "../policy/parse.ts";
import { validate } from "../schema/validate.ts";
import type { Located } from "../source.ts";
import { fromAllowList } from "./allow-list/allow-list.ts";
import type { Offered } from "./allow-list/server-draft.ts";
import { type Draft, takeNotes } from "./draft.ts";
import { fileName } from "./file-name.ts";
import { looksLikeIntercept } from "./intercept/form.ts";
import { fromIntercept } from "./intercept/intercept.ts";
import type { Imported, ImportedPolicy, Item } from "./report.ts";
import { readSource } from "./source.ts";

export interface ImportOptions {
  /** Absent: told from the file. */
  readonly format?: Imported["format"] | undefined;
  /** What the policy is called; absent: after the file. Only for a format of one policy. */
  readonly name?: string | undefined;
  /** Server → the tools that it offers; under "" those of an Intercept policy's one server. */
  readonly offered?: Offered;
}

export function importPolicy(file: string, text: string, options: ImportOptions = {}): Imported {
  const source = readSource(file, text);
  const format = options.format ?? (looksLikeIntercept(source.value) ? "intercept" : "allow-list");
  const items: Item[] = [];
  const notes = takeNotes(items);
  const offered: Offered = options.offered ?? new Map();
  const drafts =
    format === "intercept"
      ? [fromIntercept(source, options.name ?? nameOf(file), notes, [...offered.values()].flat())]
      : fromAllowList(source, offered, notes);
  const policies = drafts.map(finish);
  return { source: file, format, policies, items: items.sort(byPlace) };
}

/** `policies/my-github.yaml` → `my-github`. */
function nameOf(file: string): string {
  return fileName(file.replace(/^.*[/\\]/, "").replace(/\.[a-z]+$/i, ""));
}

function byPlace({ place: a }: Item, { place: b }: Item): number {
  return a.line - b.line || a.column - b.column;
}

/** Written, read again as a user's file is, and tested: what leaves here loads. */
function finish({ name, comment, policy, fates }: Draft): ImportedPolicy {
  const path = `policies/${name}.yaml`;
  const text = writePolicy(policy, { top: comment });
  const parsed = parse(path, text);
  const checked =
    "located" in parsed ? validate("policy", parsed.located as Located<Json>) : undefined;
  const compiled = checked?.ok === true ? compilePolicy(checked.located, name) : undefined;
  const findings = [
    ...("findings" in parsed ? parsed.findings : []),
    ...(checked?.ok === false ? checked.findings : []),
    ...(compiled?.findings ?? []),
  ];
  if (compiled?.value === undefined) {
    const [first] = findings;
    throw new PhiwardError("INVALID_INPUT", `the imported policy is not one: ${first?.message}`, {
      help: first?.help ?? "please report it, with the file",
      findings,
    });
  }
  return {
    name,
    files: { [path]: text, [`tests/${name}.test.yaml`]: testsOf(compiled.value) },
    tools: [...fates].map(([tool, fate]) => ({ name: tool, fate })),
  };
}

function testsOf(policy: Policy): string {
  return firstTests(policy, {
    suite: `what ${policy.name} allows and denies`,
    description:
      "Written by `phiward import`: what the policy says, for people to add what it should.",
  });
}
