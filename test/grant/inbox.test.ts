/** Events wait until they are recorded, in order, at least once; whatever is no event stays. */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AdminEvent, drain, eventId, post } from "../../engine/grant/inbox.ts";
import { countingRandom, NOW, withFolder } from "./world.ts";

const random = countingRandom();
function eventAt(at: number, fields: Partial<AdminEvent> = {}): AdminEvent {
  return {
    event: eventId(at, random),
    action: "token.issued",
    at,
    grant: "g1",
    principal: "agent:bot-1",
    token: "0123456789ab",
    ...fields,
  };
}

describe("an event", () => {
  test("is recorded once, oldest first, and is gone then", () =>
    withFolder(async (folder) => {
      const events = [3, 1, 2].map((n) => eventAt(NOW + n, n === 2 ? { by: "person:a" } : {}));
      for (const event of events) post(folder, event);
      const seen: AdminEvent[] = [];
      const record = async (event: AdminEvent) => void seen.push(event);
      expect(await drain(folder, record)).toEqual({ recorded: 3, foreign: [] });
      expect(seen).toEqual([events[1], events[2], events[0]]);
      expect(readdirSync(folder)).toEqual([]);
      expect(await drain(folder, record)).toEqual({ recorded: 0, foreign: [] });
    }));

  test("stays, with those after it, when it cannot be recorded", () =>
    withFolder(async (folder) => {
      const events = [1, 2, 3].map((n) => eventAt(NOW + n));
      for (const event of events) post(folder, event);
      const seen: AdminEvent[] = [];
      let works = false;
      const record = async (event: AdminEvent) => {
        if (event.at === NOW + 2 && !works) throw new Error("planned");
        seen.push(event);
      };
      await expect(drain(folder, record)).rejects.toThrow("planned");
      works = true;
      expect(await drain(folder, record)).toEqual({ recorded: 2, foreign: [] });
      expect(seen).toEqual(events);
    }));

  test("that was recorded just before a crash comes again under the same id", () =>
    withFolder(async (folder) => {
      const event = eventAt(NOW);
      post(folder, event);
      const seen: string[] = [];
      await expect(
        drain(folder, async ({ event }) => {
          seen.push(event);
          throw new Error("the process ends here");
        }),
      ).rejects.toThrow();
      await drain(folder, async ({ event }) => void seen.push(event));
      expect(seen).toEqual([event.event, event.event]);
    }));

  test("has an id that sorts by time and is a UUID of version 7", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        (a, b) => {
          const [one, two] = [eventId(a, random), eventId(b, random)];
          expect(one).toMatch(
            /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          );
          if (a !== b) expect(one < two).toBe(a < b);
        },
      ),
    );
  });
});

test("an inbox that was never made is empty", () =>
  withFolder(async (folder) => {
    const nothing = await drain(join(folder, "inbox"), async () => {
      throw new Error("there is no event");
    });
    expect(nothing).toEqual({ recorded: 0, foreign: [] });
  }));

test("whatever is no event is named and left, and the events beside it are recorded", () =>
  withFolder(async (elsewhere) => {
    const folder = join(elsewhere, "inbox");
    mkdirSync(folder);
    const good = eventAt(NOW);
    const text = JSON.stringify(good);
    const name = (n: number): string => `${eventId(n, random)}.json`;
    const [large, linked, nested] = [eventAt(5), eventAt(7), eventAt(9)];
    const foreign: [string, string][] = [
      [name(1), text.slice(0, 30)],
      [name(2), ""],
      // A copy under another name would be recorded twice, under one id.
      [name(3), text],
      [name(4), JSON.stringify({ ...good, extra: true })],
      // What is recorded as it stands must be flat, and small.
      [`${nested.event}.json`, JSON.stringify({ ...nested, details: { a: {} } })],
      [`${large.event}.json`, JSON.stringify(large) + " ".repeat(20_000)],
      ["note.txt", "hello"],
    ];
    for (const [path, content] of foreign) writeFileSync(join(folder, path), content);
    mkdirSync(join(folder, name(6)));
    writeFileSync(join(elsewhere, "event"), JSON.stringify(linked));
    symlinkSync(join(elsewhere, "event"), join(folder, `${linked.event}.json`));
    post(folder, good);
    // An event that is being written at this moment.
    writeFileSync(join(folder, `${name(8)}.draft`), text.slice(0, 30));

    const before = readdirSync(folder);
    const result = await drain(folder, async (event) => void expect(event).toEqual(good));
    expect(result.recorded).toBe(1);
    expect(result.foreign).toHaveLength(9);
    expect(readdirSync(folder)).toEqual(before.filter((path) => path !== `${good.event}.json`));
  }));
