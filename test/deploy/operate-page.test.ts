/** What docs/operate.md says that agents see is what the gateway says; and its commands exist. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../cli/index.ts";
import { failureAnswer } from "../../engine/gateway/answer.ts";
import { REFUSALS, type RefusalCode } from "../../engine/gateway/refusal.ts";
import type { UpstreamFailure } from "../../engine/gateway/upstream.ts";

const docs = join(import.meta.dirname, "../../docs");
const page = readFileSync(join(docs, "operate.md"), "utf8");
const table = page.split("\n## What agents see\n")[1]!.split("\n## ")[0]!;
const rows = new Map(
  table
    .split("\n")
    .filter((line) => /^\| [a-z]/.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, what, next]) => [what!, next!]),
);

test.each<[string, RefusalCode]>([
  ["a token is revoked", "revoked_token"],
  ["a token has ended", "expired_token"],
  ["a release removes or re-issues the grant", "orphaned_token"],
  ["a session is idle or too old", "no_session"],
  ["the gateway is stopping", "stopping"],
  ["it was restarted", "no_session"],
  ["tokens cannot be read, or no policy was ever verified", "store_unavailable"],
])("when %s, the page has the status and the words", (what, code) => {
  const { status, message } = REFUSALS[code];
  expect(rows.get(what)).toContain(`${status} \`${message}\``);
});

test.each<[string, UpstreamFailure]>([
  ["the server is down", "unreachable"],
  ["the server is too slow", "timeout"],
])("when %s, too", (what, failure) => {
  const { status, text } = failureAnswer(1, failure);
  const { message } = (JSON.parse(text) as { error: { message: string } }).error;
  expect(rows.get(what)).toContain(`${status} \`${message}\``);
});

describe("what the page names exists", () => {
  const code = (path: string): string =>
    readFileSync(join(import.meta.dirname, "../../engine", path), "utf8");

  test.each([
    ["(halted)", "decide/decide.ts"],
    ["(stale)", "decide/decide.ts"],
    ["(quarantined)", "decide/decide.ts"],
    ["(dormant)", "decide/decide.ts"],
    ["(audit unavailable)", "gateway/tell.ts"],
    ["(store unavailable)", "gateway/reserve.ts"],
    ["the call cannot be recorded, so it is not made", "gateway/tell.ts"],
  ])("%s", (rule, file) => {
    expect(table).toContain(rule);
    expect(code(file)).toContain(rule);
  });

  test.each(["operate.md", "clients.md"])("commands of %s", (name) => {
    const text = readFileSync(join(docs, name), "utf8");
    const named = [...text.matchAll(/(?:^|`)phiward ([a-z-]+)(?: ([a-z-]+))?/gm)];
    expect(named.length).toBeGreaterThan(3);
    for (const [, first, second] of named) {
      const known =
        Object.hasOwn(COMMANDS, `${first}:${second}`) || Object.hasOwn(COMMANDS, first!);
      expect(known, `${first} ${second ?? ""}`).toBe(true);
    }
  });

  test.each(["operate.md", "clients.md"])("files that %s links to", (name) => {
    const text = readFileSync(join(docs, name), "utf8");
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(docs, target!)), target).toBe(true);
    }
  });
});
