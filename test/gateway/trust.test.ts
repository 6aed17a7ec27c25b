/** A policy change can neither run code nor send a secret elsewhere. */
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, startWorld, type World } from "../support/gateway.ts";
import { lockOf, PINNED, policyFiles } from "../support/policy-folder.ts";
import type { Fields } from "../support/upstream.ts";

let world: World;
/** The files as they were at the start. */
let sound: Readonly<Record<string, Fields>>;
let other: Server;
let otherOrigin = "";
let heard = 0;

beforeAll(async () => {
  other = createServer((_, response) => {
    heard++;
    response.end();
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  otherOrigin = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  world = await startWorld({
    upstreams: { ehr: { headers: { authorization: "Bearer upstream-secret" }, env: {} } },
  });
  sound = policyFiles({ ehr: { type: "http", url: `${world.upstream.origin}/mcp` } });
});
afterAll(async () => {
  await world.stop();
  other.close();
});

const ehrAt = (transport: Fields): Record<string, Fields> => ({
  "servers/ehr.yaml": policyFiles({ ehr: transport })["servers/ehr.yaml"]!,
});
const marker = (): string => join(world.folder, "..", "ran");
const touching = (): Fields => ({
  type: "stdio",
  command: [process.execPath, "-e", `require("fs").writeFileSync(${JSON.stringify(marker())}, "")`],
});

interface Row {
  readonly title: string;
  readonly change: () => Record<string, Fields>;
  readonly check: string;
}

const REFUSED: readonly Row[] = [
  {
    title: "a server at another origin",
    change: () => ehrAt({ type: "http", url: `${otherOrigin}/mcp` }),
    check: "(untrusted upstream)",
  },
  {
    title: "a server at another port of the same machine, by another name",
    change: () => ehrAt({ type: "http", url: otherOrigin.replace("127.0.0.1", "localhost") }),
    check: "(untrusted upstream)",
  },
  {
    title: "a credential in the URL of a server that is trusted",
    change: () =>
      ehrAt({ type: "http", url: world.upstream.origin.replace("//", "//name:password@") }),
    check: "(untrusted upstream)",
  },
  {
    title: "a command that the host does not list",
    change: () => ehrAt(touching()),
    check: "(untrusted upstream)",
  },
  {
    title: "a new server with a command",
    change: () => {
      const { "servers/lab.yaml": lab } = policyFiles({ lab: touching() });
      return { "servers/lab.yaml": lab!, "servers/lab.lock.json": lockOf("lab", PINNED) };
    },
    check: "(untrusted upstream)",
  },
  {
    title: "a policy that does not load",
    change: () => ({ "policies/care.yaml": { version: "1", default: "allow everything" } }),
    check: "lint",
  },
];

describe.each(REFUSED)("$title", ({ change, check }) => {
  test("is refused and recorded, and the policy before stays in force", async () => {
    const { seq } = world.gateway.runtime.log.head;
    const before = world.gateway.runtime.policy.current();
    world.write({ ...sound, ...change() });
    const record = await world.record({ kind: "policy", event: "refused" }, seq);
    expect(record).toMatchObject({ check });
    expect(world.gateway.runtime.policy.current()).toBe(before);
    const from = world.upstream.requests.length;
    const { message } = await world.post(call("get_patient", { patient_id: "p-1" }));
    expect(message.result?.isError).toBeUndefined();
    expect(world.upstream.requests.slice(from)).toHaveLength(1);
  });
});

test("nobody else heard of us, and nothing ran", () => {
  expect(heard).toBe(0);
  expect(existsSync(marker())).toBe(false);
});
