/** What every store of openings does, whatever it keeps them in. */
import { describe, expect, test } from "vitest";
import {
  announceOpening,
  closeOpening,
  confirmOpening,
  reviewOpening,
} from "../../engine/emergency/change.ts";
import type { Opening } from "../../engine/emergency/opening.ts";
import type { EmergencyStore } from "../../engine/emergency/store.ts";
import { openingOf } from "./world.ts";

export interface StoreWorld {
  readonly store: EmergencyStore;
  /** Another view of the same openings: of another process, or after a restart. */
  reopen(): Promise<EmergencyStore> | EmergencyStore;
  end(): Promise<void> | void;
}

export function emergencyStoreContract(name: string, make: () => Promise<StoreWorld>): void {
  const within = async (body: (world: StoreWorld) => Promise<void>): Promise<void> => {
    const world = await make();
    try {
      await body(world);
    } finally {
      await world.end();
    }
  };
  const open = async (store: EmergencyStore, opening: Opening): Promise<boolean> => {
    await store.change(announceOpening(opening));
    return await store.change(confirmOpening(opening.id));
  };

  describe(`openings in ${name}`, () => {
    test("there are none at first", () =>
      within(async ({ store }) => {
        expect([store.problem, store.live(), store.list()]).toEqual([undefined, [], []]);
      }));

    test("an opening is pending until it is confirmed, and stays after a restart", () =>
      within(async ({ store, reopen }) => {
        const opening = openingOf();
        await store.change(announceOpening(opening));
        expect((await reopen()).list()).toEqual([{ ...opening, pending: true }]);
        expect(await store.change(confirmOpening(opening.id))).toBe(true);
        expect((await reopen()).list()).toEqual([opening]);
        expect((await reopen()).live()).toEqual([opening]);
        // A second time there is nothing to confirm.
        expect(await store.change(confirmOpening(opening.id))).toBe(false);
      }));

    test("of two openings of one grant the second is not confirmed", () =>
      within(async ({ store }) => {
        expect(await open(store, openingOf())).toBe(true);
        expect(await open(store, openingOf({ n: 2 }))).toBe(false);
        expect(await open(store, openingOf({ n: 3, grant: "other" }))).toBe(true);
      }));

    test("a closing is final, whoever comes second", () =>
      within(async ({ store, reopen }) => {
        const opening = openingOf();
        await open(store, opening);
        const closing = { at: opening.at + 1, by: "person:b.example", why: "person" } as const;
        const other = await reopen();
        expect(await store.change(closeOpening(opening.id, closing))).toBe(true);
        expect(
          await other.change(closeOpening(opening.id, { at: opening.at + 2, why: "time" })),
        ).toBe(false);
        expect((await reopen()).list()).toEqual([
          {
            ...opening,
            closedAt: opening.at + 1,
            closedBy: "person:b.example",
            closedFor: "person",
          },
        ]);
        expect((await reopen()).live()).toEqual([]);
        expect(await store.change(confirmOpening(opening.id))).toBe(false);
      }));

    test("a review is noted once", () =>
      within(async ({ store, reopen }) => {
        const opening = openingOf();
        await open(store, opening);
        const by = "person:c.example";
        expect(await store.change(reviewOpening(opening.id, { at: 7, by }))).toBe(true);
        expect(await store.change(reviewOpening(opening.id, { at: 8, by }))).toBe(false);
        expect((await reopen()).list()).toEqual([{ ...opening, reviewedAt: 7, reviewedBy: by }]);
      }));

    test("changes that come together are made one after the other", () =>
      within(async ({ store, reopen }) => {
        const other = await reopen();
        const grants = ["a", "b", "c", "d"];
        await Promise.all(
          grants.map((grant, n) => open(n % 2 === 0 ? store : other, openingOf({ n, grant }))),
        );
        expect(
          (await reopen())
            .live()
            .map(({ grant }) => grant)
            .sort(),
        ).toEqual(grants);
      }));

    test("a plan that throws changes nothing", () =>
      within(async ({ store, reopen }) => {
        await open(store, openingOf());
        const planned = store.change(() => {
          throw new Error("planned");
        });
        await expect(planned).rejects.toThrow("planned");
        expect((await reopen()).list()).toEqual([openingOf()]);
      }));
  });
}
