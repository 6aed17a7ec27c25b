/** The pages in a real browser: nothing is missed, nothing is fetched, and a machine for accessibility is content. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Evidence } from "../../engine/evidence/evidence.ts";
import { filesOf } from "./files.ts";
import { smallQuarter } from "./quarter.ts";

const CHROMIUM = "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const isThere = existsSync(CHROMIUM) || process.env.PHIWARD_TEST_ALL === "1";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

describe.skipIf(!isThere)("in a browser", () => {
  const made = smallQuarter(500);
  let evidence: Evidence;
  let browser: Browser;
  beforeAll(async () => {
    evidence = await made().write("pages");
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        ...["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        ...["--disable-component-update", "--disable-sync", "--no-first-run"],
      ],
    });
  }, 60_000);
  afterAll(() => browser?.close());

  interface Look {
    readonly name: string;
    readonly width: number;
    readonly scheme: "light" | "dark";
  }
  const LOOKS: readonly Look[] = [
    { name: "on a wide screen, light", width: 1280, scheme: "light" },
    { name: "on a wide screen, dark", width: 1280, scheme: "dark" },
    { name: "on a telephone", width: 390, scheme: "light" },
  ];

  test.each(LOOKS)(
    "every page is sound $name",
    async ({ width, scheme }) => {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
      const complaints: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => {
        if (!request.url().startsWith("file:")) complaints.push(`asks for ${request.url()}`);
      });
      for (const file of filesOf(evidence.folder).filter((one) => one.endsWith(".html"))) {
        await page.goto(`file://${join(evidence.folder, file)}`);
        expect(await overflow(page), `${file} is wider than the screen`).toBe(0);
        expect(await violations(page), file).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await page.close();
    },
    60_000,
  );

  test("every link leads to something that is there", async () => {
    const page = await browser.newPage();
    for (const file of filesOf(evidence.folder).filter((one) => one.endsWith(".html"))) {
      await page.goto(`file://${join(evidence.folder, file)}`);
      const files = await asked<string[]>(
        page,
        `${LINKS}.map((link) => link.getAttribute("href"))`,
      );
      const dead = await asked<string[]>(
        page,
        `${LINKS}.filter(({ hash, pathname }) => hash !== "" && pathname === location.pathname && document.getElementById(hash.slice(1)) === null).map(({ hash }) => hash)`,
      );
      const missing = files
        .map((href) => href.split("#")[0]!)
        .filter((href) => href !== "" && !existsSync(join(evidence.folder, href)));
      expect([...dead, ...new Set(missing)], file).toEqual([]);
    }
    await page.close();
  }, 30_000);

  test("the answer prints", async () => {
    const page = await browser.newPage();
    await page.goto(`file://${join(evidence.folder, "index.html")}`);
    const pdf = await page.pdf({ format: "A4" });
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    await page.emulateMedia({ media: "print" });
    await page.setViewportSize({ width: 720, height: 1000 });
    expect(await page.isVisible("nav")).toBe(false);
    expect(await overflow(page)).toBe(0);
    await page.close();
  }, 30_000);
});

async function overflow(page: Page): Promise<number> {
  const { scrollWidth, clientWidth } = await asked<Record<"scrollWidth" | "clientWidth", number>>(
    page,
    "(({ scrollWidth, clientWidth }) => ({ scrollWidth, clientWidth }))(document.documentElement)",
  );
  return scrollWidth - clientWidth;
}

const LINKS = '[...document.querySelectorAll("a")]';

/** An expression that the page's own browser evaluates. */
async function asked<T>(page: Page, expression: string): Promise<T> {
  return (await page.evaluate(expression)) as T;
}

/** Rows and grants that have the form of those before them: looking at some hundred takes long and finds nothing. */
const REPEATED =
  "tbody tr:nth-child(n + 5), article[id^=grant-] ~ article[id^=grant-] ~ article[id^=grant-]";

/** The page's own policy lets no script in; the one of the test comes in beside it. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await asked<{ readonly violations: readonly Violation[] }>(
    page,
    `for (const one of document.querySelectorAll("${REPEATED}")) one.remove(); axe.run()`,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
