/** docs/language.md: the language reference, from the schema of a policy, the operators and their examples. */
import { readFileSync } from "node:fs";
import { TAKES } from "../../engine/decide/operators.ts";
import { OPERATORS } from "../../engine/policy/ir.ts";
import type { Condition } from "../../engine/schema/types.ts";
import { code, fence, requiredOf, resolved, row, type Schema, table } from "./markdown.ts";
import { type Example, OPERATOR_PAGES, PATH_EXAMPLES } from "./operators.ts";
import { type Asked, POLICY, STEPS } from "./order.ts";

/** The sections, each with its heading, without the title. */
export function languageSections(): string[] {
  const policy = JSON.parse(
    readFileSync(new URL("../../schemas/policy.schema.json", import.meta.url), "utf8"),
  ) as Schema;
  const definition = (name: string): Schema => (policy.$defs as Schema)[name] as Schema;
  return [
    `A policy says which tools an agent may call, with which arguments, and how often. Everything that it can say is decidable: whether a change allows a call that was denied before has a definite answer, for all calls there are ([why](adr/0004-the-language-stays-decidable.md)). The tables below come from the schema that files are checked with, and every example is run by the tests.\n`,
    `## A policy\n\n\`policies/NAME.yaml\`, or the same as JSON:\n\n${fence("yaml", POLICY)}\n${properties(policy, policy)}`,
    `## Rules\n\nUnder a tool's or a method's name. \`{}\` allows every call of it. \`all_tools\` takes the same without \`args\`.\n\n${properties(policy, definition("rules"))}\nAn entry of \`require\` or \`deny_if\` is one condition; or \`conditions\`, which must all hold; or \`any_of\`, groups of which one must hold:\n\n${properties(policy, definition("entry"), ["name", "on_deny", "conditions", "any_of"])}`,
    `## Conditions\n\n${properties(policy, definition("condition"))}`,
    `## Three values\n\nA condition is true, false or **undetermined**: the argument is absent, or has a type that the operator does not take, or is a number that a double cannot hold. Negation keeps undetermined undetermined; AND and OR are Kleene's, so that false AND undetermined is false, and true OR undetermined is true.\n\n- A \`require\` entry holds only when it is true.\n- A \`deny_if\` entry denies unless it is false.\n\nSo what cannot be judged denies ([why](adr/0001-what-cannot-be-judged-denies.md)). To let a call without an argument pass, say so, first in the group:\n\n${fence("yaml", "deny_if:\n  - conditions:\n      - { path: args.limit, op: exists, value: true }\n      - { path: args.limit, op: gt, value: 100 }\n")}`,
    `## Paths\n\nA path begins with \`args\`, the call's arguments, or \`grant\`, the constants of the grant (\`grant.purpose\`, \`grant.principal.kind\`, \`grant.id\`, and its attributes). Texts, names and keys compare by code point. At most one \`[*]\` stands in a path.\n\n${table(
      ["path", "", "of", "is", ""],
      PATH_EXAMPLES.map(({ condition, args, is, why }) => [
        code(condition.path),
        said(condition),
        code(JSON.stringify(args)),
        is,
        why,
      ]),
    )}`,
    `## Operators\n\nEach takes values of one kind; any other value is undetermined. \`not: true\` turns each around.\n\n${table(
      ["operator", "takes", "means"],
      OPERATORS.map((op) => [`[${code(op)}](#${op})`, TAKES[op], OPERATOR_PAGES[op].means]),
    )}\n${OPERATORS.map(operatorSection).join("\n")}`,
    `## Limits\n\nA limit says how much may happen within a minute, an hour or a day of UTC. All limits of a call are taken together or none is, and a denied call takes nothing. A limit is known by its counter, window and scope: a new name is a new limit, and counts from nothing.\n\n${properties(policy, definition("limit"))}\n\`distinct: subject\` counts different patients, as the server's label says which argument names them; a call of which that cannot be told is denied. \`increment_from\` takes a whole number of 0 or more; anything else denies.\n`,
    `## Methods\n\nWhat is not a tool call, in both directions: resources, prompts, completion, subscriptions, tasks, and what servers ask of clients (\`sampling/createMessage\`, \`elicitation/create\`). \`args\` are the request's \`params\`. A method that is not listed is denied, whatever \`default\` says; the handshake, ping and lists are built in, and lists show only what may be called.\n`,
    `## The order of a decision\n\nThe first that denies decides, and the log names it. Of these calls, under the policy above and a grant that is valid from 2026-09-01 until 2027-03-01, each is decided by the rule in its row:\n\n${table(
      ["rule", "when", "a call"],
      STEPS.map(({ rule, when, call }) => [
        rule === "" ? "(none)" : code(rule),
        when,
        call === undefined ? "" : code(callText(call)),
      ]),
    )}\nThe names of rules are JSON Pointers (RFC 6901) into the policy. Of a tool that is hidden, not listed or not pinned the agent reads only \`(not granted)\`, so that it does not learn which tools there are. No message and no reason holds an argument's value.\n`,
    `## Monitor mode\n\n\`mode: monitor\` in \`servers/<id>.yaml\` or \`grants/<id>.yaml\` is for the first days of a policy. A call that \`(hidden)\`, \`(default deny)\` or a rule of the policy (\`args\`, \`require\`, \`deny_if\`, \`limits\`) would deny passes where it concerns no patient data, and its record says which rule would have denied it. It takes nothing from limits, as it would not once the rule holds.\n\nWhether patient data is concerned, the label of the server's file says, for this call: what has no label is patient data, and so is any value of an argument that the label does not name. Every other denial holds as ever: who may come in and when, emergency stops and emergency grants, agreements, a method that the policy does not list, a tool that is not pinned or has changed (also one that the policy does not reach), arguments that are not of the pinned form. On a development gateway calls of patient data pass too.\n\nTests judge what the rules say, so a test that expects a denial passes in either mode; so does a question about a policy alone. \`explain\`, \`simulate\`, \`diff\` and \`access\` answer as the gateway does.\n`,
    `## What is left out\n\nSo that every question about a policy can be decided: no look-around and no back-references in patterns, no path on the right but \`grant.…\`, no arithmetic, no conversion between types, no wildcard that allows. An expression whose automaton needs more than 5,000 states is refused when it is written.\n`,
  ];
}

function operatorSection(op: (typeof OPERATORS)[number]): string {
  const { examples } = OPERATOR_PAGES[op];
  return `### ${op}\n\n${table(
    ["condition", "of", "is"],
    examples.map(({ condition, args, is }) => [
      said(condition),
      value({ condition, args, is }),
      is,
    ]),
  )}`;
}

function value({ args }: Example): string {
  return "x" in args ? code(JSON.stringify(args.x)) : "(absent)";
}

function said({ op, value, quantifier, not }: Condition): string {
  const parts = [
    ...(quantifier === undefined ? [] : [`quantifier: ${quantifier}`]),
    `op: ${op}`,
    `value: ${JSON.stringify(value)}`,
    ...(not === true ? ["not: true"] : []),
  ];
  return code(parts.join(", "));
}

/** What differs between the calls, in one line. */
function callText({ grant, server, method, tool, args, at }: Asked): string {
  const what = method === undefined ? `tool: ${tool}` : `method: ${method}`;
  const day = at?.replace("T12:00:00Z", "").replace("T00:00:00Z", "");
  return `grant: ${grant}, server: ${server}, ${what}, args: ${JSON.stringify(args)}, at: ${day}`;
}

function properties(root: Schema, of: Schema, only?: readonly string[]): string {
  const required = requiredOf(of);
  const rows = Object.entries(of.properties as Readonly<Record<string, Schema>>)
    .filter(([name]) => only?.includes(name) ?? true)
    .map(([name, property]) => row(name, required.has(name), resolved(root, property)));
  return table(["key", "what it says", "example"], rows);
}
