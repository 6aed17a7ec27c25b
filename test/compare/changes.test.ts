/**
 * Changes that people really made. Their authors did not know this program, and the directions were
 * written down before it was asked.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Diff, Verdict } from "../../engine/compare/report.ts";
import { broken } from "./laws.ts";
import { compared, documents, type Fields, grant, policy, server } from "./repository.ts";

function fixture<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`../fixtures/changes/${name}`, import.meta.url), "utf8"));
}

const VERDICT: Readonly<Record<string, Verdict>> = {
  broadening: "broader",
  mixed: "broader",
  narrowing: "narrower",
  equal: "same",
  "no-effect-if-malformed-pattern-matches-nothing": "same",
};

/** The tools that became wider, or narrower. */
function tools({ changes }: Diff, verdict: Verdict): string[] {
  return changes
    .flatMap((change) => (change.verdict === verdict ? [change.tool ?? "-"] : []))
    .sort();
}

describe("80 versions of managed policies", () => {
  interface Version {
    readonly policy: string;
    readonly date: string;
    readonly expected: string;
    readonly addedTools: readonly string[];
    readonly removedTools: readonly string[];
    readonly before: Fields;
    readonly after: Fields;
  }
  const versions = fixture<Version>("aws-translated-to-seed-policy.dev.json");

  test("there are 80", () => {
    expect(versions).toHaveLength(80);
  });

  test.each(versions)("$policy, $date: $expected", async (version) => {
    const side = (of: Fields) => documents({ policies: { lookup: of } });
    const result = await compared(side(version.before), side(version.after));
    const { diff } = result;
    expect(diff.verdict).toBe(VERDICT[version.expected]);
    expect(tools(diff, "broader")).toEqual([...version.addedTools].sort());
    expect(tools(diff, "narrower")).toEqual([...version.removedTools].sort());
    expect(diff.changes.every(({ by }) => by === "proof")).toBe(true);
    expect(broken(result)).toEqual([]);
  });
});

describe("19 commits to allow-lists of MCP tools", () => {
  interface Commit {
    readonly repo: string;
    readonly commit: string;
    readonly path: string;
    readonly subject: string;
    readonly fileCreated: boolean;
    readonly fileDeleted: boolean;
    readonly beforeAllow: readonly string[] | null;
    readonly afterAllow: readonly string[] | null;
    readonly expected: string;
  }
  const commits = fixture<Commit>("claude-mcp-permission-changes.dev.json");

  /** Stands for every server, or tool, that neither list names. */
  const OTHER = "any-other";

  /**
   * `mcp__server__tool`, or `mcp__server` and `mcp__server__*` for all tools of a server, or `mcp__*`
   * for all servers. `mcp__server__:*` looks like one of them, and matches nothing.
   */
  function parse(entry: string): { server: string; tool: string } {
    const [, name = "", tool = "*"] = entry.split("__");
    return { server: name, tool };
  }

  /** Server → tools, of which `*` is all. */
  function shape(allowed: readonly string[], known: ReadonlyMap<string, ReadonlySet<string>>) {
    const policies: Record<string, Fields> = {};
    for (const [name, catalogue] of known) {
      const granted = allowed
        .map(parse)
        .filter((entry) => entry.server === name || entry.server === "*")
        .flatMap(({ tool }) => (tool === "*" ? [...catalogue] : tool === ":*" ? [] : [tool]));
      if (granted.length > 0)
        policies[idOf(name)] = policy(Object.fromEntries(granted.map((t) => [t, {}])));
    }
    return policies;
  }

  const idOf = (name: string): string => name.replace(/[^a-z0-9-]/g, "-").slice(0, 32);

  function sides({ beforeAllow, afterAllow, fileCreated, fileDeleted }: Commit) {
    const lists = [beforeAllow ?? [], afterAllow ?? []];
    const known = new Map<string, Set<string>>([[OTHER, new Set([OTHER])]]);
    for (const { server: name, tool } of lists.flat().map(parse)) {
      if (name === "*") continue;
      if (!known.has(name)) known.set(name, new Set([OTHER]));
      if (!tool.includes("*")) known.get(name)!.add(tool);
    }
    const servers = Object.fromEntries(
      [...known.keys()].map((name) => [idOf(name), server({ id: idOf(name), tools: {} })]),
    );
    const [base, head] = lists.map((list, index) => {
      const policies = shape(list, known);
      const access = Object.keys(policies).map((name) => ({ server: name, policy: name }));
      const exists = index === 0 ? !fileCreated : !fileDeleted;
      return documents({
        servers,
        policies,
        grants: exists && access.length > 0 ? { developer: grant({ access }) } : {},
      });
    });
    return [base!, head!] as const;
  }

  test("there are 19", () => {
    expect(commits).toHaveLength(19);
  });

  test.each(commits)("$repo, $subject: $expected", async (commit) => {
    const result = await compared(...sides(commit));
    const { verdict, changes } = result.diff;
    expect(verdict).toBe(VERDICT[commit.expected]);
    expect(changes.some((change) => change.verdict === "narrower")).toBe(
      commit.expected === "mixed" || commit.expected === "narrowing",
    );
    expect(broken(result)).toEqual([]);
  });

  test("what a broadening adds is named", async () => {
    const commit = commits.find(({ subject }) => subject.includes("auto-approve safe git"))!;
    const { diff } = await compared(...sides(commit));
    const added = commit.afterAllow!.filter((entry) => !commit.beforeAllow!.includes(entry));
    expect(diff.changes.map(({ server: on, tool }) => `mcp__${on}__${tool}`).sort()).toEqual(
      [...added].sort(),
    );
  });
});
