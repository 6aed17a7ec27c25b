/** Lists show what some call could be allowed for, on every page, and to this grant alone. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { legacy, modern, modernHeaders, startWorld, type World } from "../support/gateway.ts";
import type { Fields } from "../support/upstream.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterEach(() => world.upstream.reset());
afterAll(() => world.stop());

type Named = readonly { readonly name: string; readonly uri?: string }[];
const NURSES = ["get_patient", "get_labs", "update_dose", "write_note", "list_wards"];

async function page(as: string, params: Fields): Promise<Fields> {
  return (await world.post(legacy("tools/list", params), { as })).message.result!;
}

test.each([1, 2, 3, 100])("with %i tools on a page, hidden ones are on none", async (size) => {
  world.upstream.pageSize = size;
  const names: string[] = [];
  let pages = 0;
  let cursor: unknown;
  do {
    const result = await page("nurse", cursor === undefined ? {} : { cursor });
    names.push(...(result.tools as Named).map(({ name }) => name));
    cursor = result.nextCursor;
    pages++;
  } while (cursor !== undefined);
  expect(names).toEqual(NURSES);
  // Empty pages stay, so that a cursor still means what the server meant.
  expect(pages).toBe(Math.ceil(world.upstream.tools.length / size));
  world.upstream.pageSize = 1_000;
});

test("another grant sees its own", async () => {
  const { tools } = await page("scribe", {});
  expect((tools as Named).map(({ name }) => name)).toEqual(["get_patient", "write_note"]);
});

test("what is shown is shown as the server wrote it", async () => {
  const { tools } = await page("nurse", {});
  expect((tools as Named)[0]).toEqual(world.upstream.tools[0]);
});

test("a cache may not hand one grant's list to another", async () => {
  const { message } = await world.post(modern("tools/list"), {
    headers: modernHeaders("tools/list"),
  });
  expect(message.result).toMatchObject({ cacheScope: "private", ttlMs: 1_000 });
});

test.each([
  ["a tool without a name", [{ inputSchema: {} }]],
  ["a tool that is a text", ["get_patient"]],
  ["a tool whose name is a list", [{ name: ["get_patient"] }]],
])("%s is not shown", async (_, tools) => {
  world.upstream.on("tools/list", ({ result }) => result({ tools }));
  expect(await page("nurse", {})).toEqual({ tools: [] });
});

describe("resources and prompts", () => {
  const shown = async (as: string, method: string, member: string) => {
    const { message } = await world.post(legacy(method), { as });
    return (message.result![member] as Named).map(({ name, uri }) => uri ?? name);
  };

  test("only those resources that may be read are shown", async () => {
    expect(await shown("nurse", "resources/list", "resources")).toEqual(["ehr://wards"]);
    expect(await shown("scribe", "resources/list", "resources")).toEqual([]);
  });

  test("only those prompts that may be had are shown", async () => {
    expect(await shown("nurse", "prompts/list", "prompts")).toEqual([]);
    expect(await shown("scribe", "prompts/list", "prompts")).toEqual(["handover"]);
  });

  test("a template is shown when some resource may be read", async () => {
    world.upstream.on("resources/templates/list", ({ result }) =>
      result({ resourceTemplates: [{ name: "ward", uriTemplate: "ehr://wards/{name}" }] }),
    );
    expect(await shown("nurse", "resources/templates/list", "resourceTemplates")).toEqual(["ward"]);
    expect(await shown("scribe", "resources/templates/list", "resourceTemplates")).toEqual([]);
  });
});
