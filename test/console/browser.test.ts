/**
 * A privacy officer at work, in a real browser: they come in, find the bulk dump of the simulated
 * quarter, sign the review and take it with them. On the way every page is looked at as a machine for
 * accessibility does, in light and dark, and as somebody with a keyboard alone.
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readRecords } from "../../engine/audit/read.ts";
import type { AdminRecord, Entry } from "../../engine/audit/record.ts";
import {
  type Console,
  LIMITS,
  LOOPBACK,
  startConsole,
  treePolicy,
} from "../../engine/console/index.ts";
import { openBarStore } from "../../engine/grant/bar-file-store.ts";
import { openTokenStore } from "../../engine/grant/file-store.ts";
import { diskTree } from "../../engine/host/disk.ts";
import { START } from "../audit/generate.ts";
import { type Quarter, writeQuarter } from "../quarter/generate.ts";
import { makeHouse, PLANTED } from "./house.ts";

const CHROMIUM = "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** After the quarter, before its grants end. */
const NOW = Date.UTC(2026, 9, 3, 12);

const isThere = existsSync(CHROMIUM) || process.env.PHIWARD_TEST_ALL === "1";
describe.skipIf(!isThere)("in a browser", () => {
  let folder: string;
  let quarter: Quarter;
  let console: Console;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "phiward-console-browser-"));
    quarter = await writeQuarter({ folder, calls: 3_000 });
    console = await startConsole({
      state: quarter.state,
      policy: treePolicy(diskTree(quarter.repository)),
      tokens: openTokenStore(quarter.state),
      bars: openBarStore(quarter.state),
      listen: LOOPBACK,
      limits: LIMITS,
      now: () => NOW,
      random: (bytes) => randomBytes(bytes),
    });
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    });
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await console?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Seat {
    readonly context: BrowserContext;
    readonly page: Page;
    /** What the browser complained about, and what it asked of anybody else. */
    readonly complaints: string[];
  }

  async function invitation(grant: string): Promise<string> {
    return await console.invite(quarter.tokens.get(grant)!);
  }

  async function sitDown({ url }: Console, invitation: string): Promise<Seat> {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => {
      if (new URL(request.url()).origin !== new URL(url).origin) complaints.push(request.url());
    });
    await page.goto(invitation);
    await page.getByRole("button", { name: "Enter the console" }).click();
    return { context, page, complaints };
  }

  test("a reviewer finds the bulk dump, signs the review, and takes it along; all of it is in the chain", async () => {
    const { context, page, complaints } = await sitDown(
      console,
      await invitation("privacy-officer"),
    );
    await page.getByRole("link", { name: "Review 2026-09" }).click();
    await page.getByLabel("Period").selectOption("2026-Q3");
    await page.getByRole("button", { name: "Show" }).click();
    const { principal, tool } = quarter.planted.dump;
    const finding = page.locator(".findings li").filter({ hasText: principal }).first();
    await expect.poll(() => finding.textContent()).toContain("high");

    await finding.getByRole("link").first().click();
    expect(await page.locator("main").textContent()).toContain(tool);
    expect(await page.locator("main").textContent()).toContain("It is what was written");
    await page.goBack();

    await page.getByLabel("Note").fill("The export was stopped, and the prompt reported");
    await page.getByLabel(/I have reviewed/).check();
    await page.getByRole("button", { name: "Sign the review" }).click();
    expect(await page.locator("main").textContent()).toContain("Signed by person:m.chen");

    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export as a page" }).click(),
    ]);
    expect(readFileSync((await download.path())!, "utf8")).toContain(principal);
    await context.close();
    expect(complaints).toEqual([]);
    const [signed] = adminRecords("review.activity")
      .filter(({ by }) => by === "person:m.chen")
      .slice(-1);
    expect(signed!.details).toMatchObject({
      from: "2026-07-01T00:00:00.000Z",
      note: "The export was stopped, and the prompt reported",
    });
    expect(adminRecords("console.exported").at(-1)!.details).toMatchObject({
      page: "activity review",
      format: "html",
      report: signed!.details!.report,
    });
  });

  test("the opening that nobody reviewed is signed, and awaits nobody any more", async () => {
    const { context, page } = await sitDown(console, await invitation("security-officer"));
    const { grant, opening } = quarter.planted.emergency;
    await page.getByRole("link", { name: "Emergency access" }).first().click();
    const item = page.locator(".findings li").filter({ hasText: grant });
    await item.getByLabel(/I have looked/).check();
    await item.getByRole("button", { name: "Sign the review" }).click();
    expect(await page.locator(".findings li").count()).toBe(0);
    await context.close();
    expect(adminRecords("review.emergency").at(-1)).toMatchObject({
      by: "person:s.park",
      details: { opening },
    });
  });

  const PAGES = [
    "/",
    "/activity",
    "/records/3",
    "/patient",
    "/people",
    "/grants/er-assist-1",
    "/reviews/activity",
    "/reviews/access",
    "/openings",
    "/servers",
    "/releases",
    "/log",
    "/no-such-page",
  ];

  test("every page is accessible, in light and in dark, and loads nothing from elsewhere", async () => {
    const house = await makeHouse({ calls: 120, more: openings() });
    const small = await house.start();
    const { context, page, complaints } = await sitDown(
      small,
      await small.invite(house.token["privacy-office"]),
    );
    const found: string[] = [];
    const look = async (name: string): Promise<void> => {
      for (const scheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: scheme });
        // Colours alone differ.
        const rules = scheme === "light" ? [] : ["color-contrast"];
        for (const { id, nodes } of await axe(page, rules)) {
          found.push(`${name}, ${scheme}: ${id}: ${nodes.slice(0, 2).map(({ html }) => html)}`);
        }
      }
    };
    for (const path of PAGES) {
      await page.goto(new URL(path, small.url).href);
      await look(path);
    }
    await page.goto(new URL("/patient", small.url).href);
    await page.getByLabel("The patient’s identifier").fill(PLANTED);
    await page.getByRole("button", { name: "Show who accessed it" }).click();
    expect(await page.locator("main").textContent()).toContain("calls of this patient");
    await look("a patient’s accesses");
    await page.getByRole("button", { name: "Log out" }).click();
    await look("login");
    await context.close();
    await house.remove();
    expect(found).toEqual([]);
    // The page that is not there says so in the browser's log as well.
    expect(complaints.filter((one) => !one.includes("404"))).toEqual([]);
  });

  test("who read the neighbours is found by asking about one of them", async () => {
    const { context, page } = await sitDown(console, await invitation("auditor"));
    const { patients, principal } = quarter.planted.insider;
    await page.goto(new URL("/patient", console.url).href);
    await page.getByLabel("The patient’s identifier").fill(patients[0]!);
    await page.getByRole("button", { name: "Show who accessed it" }).click();
    const text = await page.locator("main").textContent();
    expect(text).toContain(principal);
    expect(text).toContain("pull request");
    expect(await page.content()).not.toContain(patients[0]!);
    expect(page.url()).not.toContain(patients[0]!);
    await context.close();
  });

  test("with the keyboard alone one comes in, reaches everything, and sees where one is", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(await invitation("privacy-officer"));
    await page.locator("button:focus").waitFor();
    await page.keyboard.press("Enter");
    await page.waitForURL(console.url);
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.closest('main') !== null")).toBe(true);

    await page.goto(new URL("/patient", console.url).href);
    const reached = new Set<string>();
    for (let i = 0; i < 30; i++) {
      await page.keyboard.press("Tab");
      reached.add(await focused(page));
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      expect(outline).not.toBe("none");
      if (reached.has("Show who accessed it")) break;
    }
    expect([...reached]).toEqual(
      expect.arrayContaining(["Log out", "Activity", "The log", "patient", "Show who accessed it"]),
    );
    await context.close();
  });

  test("the cookie is out of a script's reach, and comes along with no link from elsewhere", async () => {
    const { context, page } = await sitDown(console, await invitation("auditor"));
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Strict", path: "/" });
    const other = await context.newPage();
    await other.route("http://elsewhere.example/", (route) =>
      route.fulfill({ contentType: "text/html", body: `<a href="${console.url}">in</a>` }),
    );
    await other.goto("http://elsewhere.example/");
    await other.getByRole("link").click();
    await other.waitForURL(/\/enter$/);
    // The session itself is as it was.
    await page.reload();
    expect(await page.locator("h1").textContent()).toBe("Overview");
    await context.close();
  });

  function adminRecords(action: string): AdminRecord[] {
    return [...readRecords(join(quarter.state, "audit"))].filter(
      (record) => record.kind === "admin" && record.action === action,
    ) as AdminRecord[];
  }
});

/** One opening that was reviewed, and one that was not. */
function openings(): Entry[] {
  const opened = (id: string): Entry => ({
    kind: "admin",
    at: START + 60_000,
    action: "emergency.opened",
    by: "person:m.chen",
    grant: "er-assist-1",
    expires: new Date(START + 3_600_000).toISOString(),
    details: { opening: id, reason: "Arrived without papers and cannot speak" },
  });
  return [
    opened("one"),
    opened("two"),
    {
      kind: "admin",
      at: START + 90_000,
      action: "review.emergency",
      by: "person:a.okafor",
      details: { opening: "two", note: "As agreed" },
    },
  ];
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** In a world of its own, which the page's content policy does not reach. */
async function axe(page: Page, rules: readonly string[]): Promise<readonly Violation[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
  });
  const run = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression,
      contextId: executionContextId,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result.value;
  };
  await run(AXE);
  const only = rules.length === 0 ? "" : `, runOnly: ${JSON.stringify(rules)}`;
  const violations = await run(
    `axe.run(document, { resultTypes: ["violations"]${only} }).then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => ({ html: html.slice(0, 160) })) })))`,
  );
  await session.detach();
  return violations as readonly Violation[];
}

async function focused(page: Page): Promise<string> {
  return (await page.evaluate(
    "document.activeElement.textContent.trim() || document.activeElement.id",
  )) as string;
}
