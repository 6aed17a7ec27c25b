import { describe, expect, test } from "vitest";
import type { Change, Diff } from "../../engine/compare/report.ts";
import { diffHtml } from "../../engine/render/diff-html.ts";
import { compared, documents, grant, PATIENT, policy } from "../compare/repository.ts";
import { ROWS } from "../compare/rows.ts";

const VOID = new Set(["meta", "br", "hr", "link", "img", "input"]);

/** The elements of a page in order, each with its attributes; throws where tags do not match. */
function elements(html: string): { name: string; attributes: string }[] {
  const found: { name: string; attributes: string }[] = [];
  const open: string[] = [];
  for (const [, closing, name = "", attributes = ""] of html
    .replace(/^<!doctype html>/, "")
    .replace(/<style>[^<]*<\/style>/, "")
    .matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)>/g)) {
    if (closing === "/") {
      const expected = open.pop();
      if (expected !== name) throw new Error(`</${name}> closes <${expected}>`);
      continue;
    }
    found.push({ name, attributes });
    if (!VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(", ")}`);
  return found;
}

/** What is left when every well-formed tag is taken out: a `<` in it was never escaped. */
function loose(html: string): string {
  return html
    .replace(/^<!doctype html>/, "")
    .replace(/<style>[^<]*<\/style>/, "")
    .replace(/<\/?[a-z][a-z0-9]*(?:\s+[a-z-]+(?:="[^"<>]*")?)*>/g, "");
}

function plain(html: string): string {
  return loose(html).replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}

const HOSTILE = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "' onmouseover='alert(1)",
  "</code></pre></article>",
  "&lt;b&gt; &amp; <!-- -->",
  "allowed\u202eyned\u2066",
  "zero\u200bwidth\u061c\u2028line",
  "`backticks`",
  "javascript:alert(1)",
];

describe.each(HOSTILE)("a hostile text: %j", (text) => {
  const hostile = (diff: Diff): Diff => {
    const change = (of: Change): Change => ({
      ...of,
      grant: text,
      principal: text,
      server: text,
      tool: text,
      summary: `\`${text}\` ${text}`,
      before: text,
      after: text,
      file: text,
      safeguards: [text],
      baseDecision: { verdict: "deny", rule: text },
      headDecision: { verdict: "allow", rule: "" },
      witness: {
        ...{ grant: text, server: text, method: "tools/call", tool: text, at: text },
        args: { [text]: text },
        attributes: { [text]: text },
      },
    });
    return {
      ...diff,
      base: { ...diff.base, rev: text },
      head: { ...diff.head, rev: text },
      changes: [change(diff.changes[0]!), { ...change(diff.changes[0]!), by: "rule" }],
    };
  };

  test("stays text", async () => {
    const { diff } = await compared(
      documents(),
      documents({ policies: { lookup: policy({ read: {} }) } }),
    );
    const clean = diffHtml(diff);
    const html = diffHtml(hostile(diff));
    const names = new Set(elements(clean).map(({ name }) => name));
    expect(
      elements(html).filter(({ name }) => !names.has(name) && !["th", "td"].includes(name)),
    ).toEqual([]);
    expect(loose(html)).not.toMatch(/[<>"]/);
    expect(
      elements(html).every(
        ({ attributes }) => !/\son|href="(?!#change-\d+")|src=/.test(attributes),
      ),
    ).toBe(true);
    expect(html).not.toMatch(/[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069]/);
  });

  test("leaves the request one that runs", async () => {
    const { diff } = await compared(
      documents(),
      documents({ policies: { lookup: policy({ read: {} }) } }),
    );
    const html = diffHtml(hostile(diff));
    const [, shown = ""] = /<pre tabindex="0"><code>([\s\S]*?)<\/code><\/pre>/.exec(html)!;
    expect(JSON.parse(plain(shown))).toEqual({
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: text, arguments: { [text]: text } },
    });
  });
});

test.each(ROWS)("$category, $name: a page that is whole and lists every change", async (row) => {
  const { diff } = await compared(row.base, row.head, row.scope);
  const html = diffHtml(diff);
  const all = elements(html);
  expect(loose(html)).not.toMatch(/[<>]/);
  // It loads nothing and runs nothing.
  const forbidden = ["script", "link", "img", "iframe", "object", "form", "svg", "base"];
  expect(all.filter(({ name }) => forbidden.includes(name))).toEqual([]);
  expect(html).not.toMatch(/@import|url\(|src=/);
  const ids = all.flatMap(({ attributes }) => /\sid="([^"]*)"/.exec(attributes)?.[1] ?? []);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { attributes } of all) {
    for (const [, target] of attributes.matchAll(/(?:href="#|aria-labelledby=")([^"]+)"/g))
      expect(ids).toContain(target);
  }
  const words = plain(html).replace(/\s+/g, " ");
  expect(words).toContain(diff.blocks ? "Blocks" : "Passes");
  for (const { summary, grant: id, file, line } of diff.changes) {
    const said = summary.replaceAll("`", "");
    const told = [said, said.charAt(0).toUpperCase() + said.slice(1)].some((s) =>
      words.includes(s),
    );
    // Told once for several grants, and then each of them is listed.
    expect(told || (id !== null && words.includes(`by grant ${id}`)), said).toBe(true);
    expect(words).toContain(`${file}:${line}`);
  }
});

test("grants that share a change share a card", async () => {
  const grants = Object.fromEntries(
    ["ann", "ben", "cat"].map((name) => [
      name,
      grant({ principal: { kind: "person", id: `person:${name}.example` } }),
    ]),
  );
  const { diff } = await compared(
    documents({ grants, policies: { lookup: policy({ read: { require: [PATIENT] } }) } }),
    documents({ grants, policies: { lookup: policy({ read: {} }) } }),
  );
  const html = diffHtml(diff);
  expect(elements(html).filter(({ name }) => name === "article")).toHaveLength(1);
  const words = plain(html);
  for (const name of ["ann", "ben", "cat"]) expect(words).toContain(`person:${name}.example`);
  expect(words).toContain("ann and 2 more may now make calls of read");
});

test("no attribute's value is shown, beside what the call itself needs", async () => {
  const side = (clinics: string[]) =>
    documents({
      policies: {
        lookup: policy({
          read: { require: [{ path: "args.n", op: "lte", value_from: "grant.most" }] },
        }),
      },
      grants: { bot: grant({ attributes: { most: clinics.length, clinics } }) },
    });
  const { diff } = await compared(side(["northern"]), side(["northern", "southern"]));
  expect(diff.verdict).toBe("broader");
  expect(diffHtml(diff)).not.toMatch(/northern|southern/);
});
