/** An agent does not learn from a denial whether a tool that was not granted exists. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { call, modern, modernHeaders, startWorld, type World } from "../support/gateway.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({ lab: (ehr) => ({ type: "http", url: `${ehr.origin}/lab` }) });
});
afterAll(() => world.stop());

const KINDS = [
  ["one that the policy does not list", "search_patients", "(default deny)"],
  ["one that is hidden", "secret_report", "(hidden)"],
  ["one that nobody pinned", "new_tool", "(quarantined)"],
  ["one that does not exist", "no_such_tool", "(default deny)"],
] as const;

const withoutIds = (text: string): string =>
  text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "ID");

test("the answers to four kinds of ungranted tools are equal but for the decision's id", async () => {
  for (const ask of [
    (tool: string) => world.post(call(tool, { patient_id: "p-1" })),
    (tool: string) =>
      world.post(modern("tools/call", { name: tool, arguments: {} }), {
        headers: modernHeaders("tools/call", tool),
      }),
  ]) {
    const answers = await Promise.all(KINDS.map(([, tool]) => ask(tool)));
    const [first, ...others] = answers.map(({ status, text, headers: { date, ...headers } }) => ({
      status,
      text: withoutIds(text),
      headers,
    }));
    expect(first!.text).toContain("[POLICY DENIED] (not granted)");
    for (const other of others) expect(other).toEqual(first);
  }
});

test.each(KINDS)("the record knows the reason of %s", async (_, tool, rule) => {
  const { seq } = world.gateway.runtime.log.head;
  await world.post(call(tool));
  expect(world.records(seq)).toContainEqual(
    expect.objectContaining({ kind: "decision", verdict: "deny", rule }),
  );
});

test("servers that the grant does not reach answer like servers that do not exist", async () => {
  const answers = await Promise.all(
    ["lab", "nothing"].map((server) =>
      world.post(call("get_patient"), { as: "clerk", path: `/mcp/${server}` }),
    ),
  );
  expect(answers[0]!.status).toBe(404);
  expect(answers[0]!.text).toBe(answers[1]!.text);
});
