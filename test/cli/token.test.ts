/** The token commands end to end, on a repository that `init` wrote. */
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const TOKEN = /^phw_[A-Za-z0-9_-]{43}$/;
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addSchema(JSON.parse(readFileSync(join(root, "schemas/report.schema.json"), "utf8")), "report");

let work = "";
let grant = "";
beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), "phiward-token-"));
  expect(phiward("init").status).toBe(0);
  grant = readdirSync(join(work, "grants"))[0]!.replace(".yaml", "");
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const BIN = join(root, "dist/cli/bin.js");
const options = () => ({
  cwd: work,
  encoding: "utf8" as const,
  env: { ...process.env, PHIWARD_STATE: join(work, "state") },
});

function phiward(...args: readonly string[]) {
  return spawnSync(process.execPath, [BIN, ...args], options());
}

function inBackground(...args: readonly string[]) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, [BIN, ...args], options(), (error, stdout, stderr) => {
      done({ status: error?.code ?? 0, stdout, stderr });
    });
  });
}

function json(name: string, ...args: readonly string[]) {
  const { stdout, stderr, status } = phiward(...args, "--json");
  expect(status, stderr).toBe(0);
  const report = JSON.parse(stdout);
  const valid = ajv.getSchema(`report#/$defs/${name}`)!;
  expect(valid(report), JSON.stringify(valid.errors)).toBe(true);
  return report;
}

test("a token's life: issued, listed, rotated, revoked", () => {
  const issued = json("tokenIssue", "token", "issue", "--grant", grant, "--by", "person:a.example");
  const rotated = json("tokenRotate", "token", "rotate", "--grant", grant, "--overlap", "0s");
  expect(rotated.replaces.id).toBe(issued.id);
  const listed = () =>
    json("tokenList", "token", "list").tokens.map(
      ({ id, state, createdBy, replaces }: Record<string, string>) => [
        id,
        state,
        createdBy,
        replaces,
      ],
    );
  expect(listed()).toEqual([
    [rotated.id, "live", null, issued.id],
    [issued.id, "expired", "person:a.example", null],
  ]);
  const { revoked, already } = json("tokenRevoke", "token", "revoke", "--token", rotated.id);
  expect([revoked, already]).toEqual([[{ id: rotated.id, grant }], []]);
  expect(listed().map(([, state]: string[]) => state)).toEqual(["revoked", "expired"]);
  const actions = readdirSync(join(work, "state/inbox"))
    .sort()
    .map((name) => JSON.parse(readFileSync(join(work, "state/inbox", name), "utf8")).action);
  expect(actions).toEqual(["token.issued", "token.rotated", "token.revoked"]);
});

test("as text the token stands alone on standard output, and what is said of it does not repeat it", () => {
  const { stdout, stderr, status } = phiward("token", "issue", "--grant", grant);
  expect(status).toBe(0);
  expect(stdout.trimEnd()).toMatch(TOKEN);
  expect(stderr).toContain("shown only once");
  expect(stderr).not.toContain("phw_");
});

test("a file that holds a token is for its owner only", () => {
  phiward("token", "issue", "--grant", grant, "--output", "token.txt", "--quiet");
  expect(readFileSync(join(work, "token.txt"), "utf8").trimEnd()).toMatch(TOKEN);
  expect(statSync(join(work, "token.txt")).mode & 0o777).toBe(0o600);
});

describe("a question without an answer exits 2 and makes no token", () => {
  test.concurrent.each([
    ["a grant that does not exist", "UNKNOWN_NAME", ["issue", "--grant", "nobody"]],
    ["no grant", "USAGE", ["issue"]],
    ["a time that is over", "USAGE", ["issue", "--grant", "GRANT", "--expires", "2020-01-01"]],
    ["no time at all", "USAGE", ["issue", "--grant", "GRANT", "--expires", "soon"]],
    ["a life of nothing", "USAGE", ["issue", "--grant", "GRANT", "--expires", "0d"]],
    ["a name with a line's end", "USAGE", ["issue", "--grant", "GRANT", "--by", "a\nb"]],
    ["a token that nobody would see", "USAGE", ["issue", "--grant", "GRANT", "--quiet"]],
    ["no repository", "NOT_A_REPOSITORY", ["issue", "--grant", "GRANT", "--dir", "state"]],
    ["neither token nor grant", "USAGE", ["rotate"]],
    ["both", "USAGE", ["revoke", "--grant", "GRANT", "--token", "0123456789ab"]],
    ["no such token", "UNKNOWN_NAME", ["revoke", "--token", "0123456789ab"]],
    ["an overlap that is no time", "USAGE", ["rotate", "--grant", "GRANT", "--overlap", "1 hour"]],
  ])("%s", async (_, code, args) => {
    const tokens = () => readFileSync(join(work, "state/tokens.json"), "utf8");
    const before = tokens();
    const said = args.map((arg) => (arg === "GRANT" ? grant : arg));
    const { status, stdout, stderr } = await inBackground("token", ...said);
    expect(stderr).toContain(`error[${code}]`);
    expect([status, stdout]).toEqual([2, ""]);
    expect(tokens()).toBe(before);
  });
});

test("where the engine runs no policy repository is needed to list and to revoke", () => {
  const { id } = json("tokenIssue", "token", "issue", "--grant", grant);
  const list = json("tokenList", "token", "list", "--dir", "state", "--grant", grant);
  expect(list.tokens.map((token: { id: string }) => token.id)).toContain(id);
  expect(phiward("token", "revoke", "--token", id, "--state", "state").status).toBe(0);
});

test("the identity of a grant that signs in at an issuer is barred, listed, and admitted", () => {
  const path = join(work, "grants/visitor.yaml");
  const text = readFileSync(join(work, "grants", `${grant}.yaml`), "utf8");
  const oidc = "authentication: { oidc: { issuer: https://idp.example.org, subject: visitor } }";
  writeFileSync(path, `${text.replaceAll(grant, "visitor")}\n${oidc}\n`);
  const revoke = () =>
    json("tokenRevoke", "token", "revoke", "--grant", "visitor", "--by", "person:m.example");
  const { revoked, barred } = revoke();
  expect([revoked, barred.grant, barred.already]).toEqual([[], "visitor", false]);
  expect(revoke().barred).toEqual({ ...barred, already: true });
  const listed = () => json("tokenList", "token", "list", "--grant", "visitor").barred;
  expect(listed()).toEqual([{ grant: "visitor", since: barred.since, by: "person:m.example" }]);
  const admitted = json("tokenAdmit", "token", "admit", "--grant", "visitor");
  expect([admitted.barred, listed()]).toEqual([barred.since, []]);
  rmSync(path);
});

test("a token of a grant that is gone is listed as orphaned", () => {
  json("tokenIssue", "token", "issue", "--grant", grant);
  rmSync(join(work, "grants"), { recursive: true });
  const { tokens } = json("tokenList", "token", "list");
  expect(tokens[0].state).toBe("orphaned");
});
