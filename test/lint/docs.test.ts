/** The committed pages are what the rules and the table of errors say. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../engine/errors.ts";
import { RULES } from "../../engine/lint/rules/index.ts";
import { generateDocs } from "../../scripts/generate-docs.ts";

const root = new URL("../../", import.meta.url);
const pages = generateDocs();

describe("the generated pages", () => {
  it.each(Object.entries(pages))("%s is committed as generated", (path, text) => {
    expect(readFileSync(new URL(path, root), "utf8"), "run `node scripts/generate-docs.ts`").toBe(
      text,
    );
  });

  it("are the only ones in docs/rules", () => {
    const committed = readdirSync(new URL("docs/rules/", root)).map((name) => `docs/rules/${name}`);
    const generated = Object.keys(pages).filter((path) => path.startsWith("docs/rules/"));
    expect(committed.sort()).toEqual(generated.sort());
  });

  it("have the same headings for every rule", () => {
    for (const { id } of RULES) {
      const headings = pages[`docs/rules/${id}.md`]!.match(/^## .*$/gm);
      expect(headings, id).toEqual([
        "## What it finds",
        "## Why",
        "## Not ok",
        "## Ok",
        "## How to fix",
        "## How to suppress until a date",
      ]);
    }
  });

  it("say of every error what, why, and what to do", () => {
    for (const code of Object.keys(ERROR_CODES)) {
      const section = pages["docs/errors.md"]!.split(`## ${code}\n`)[1]!.split("\n## ")[0]!;
      expect(section.match(/\*\*(What|Why|What to do)\.\*\*/g), code).toHaveLength(3);
    }
  });

  it("lead nowhere that is not there", () => {
    for (const [path, text] of Object.entries(pages)) {
      const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
        heading!.toLowerCase().replaceAll(" ", "-"),
      );
      for (const [, anchor] of text.matchAll(/\]\(#([^)]*)\)/g)) {
        expect(headings, `${path}#${anchor}`).toContain(anchor);
      }
    }
  });
});
