/** What every token store and every store of quotas does, whichever keeps them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { issueToken } from "../../engine/grant/issue.ts";
import { revokeTokens } from "../../engine/grant/revoke.ts";
import { rotateToken } from "../../engine/grant/rotate.ts";
import type { TokenStore } from "../../engine/grant/store.ts";
import { hashToken } from "../../engine/grant/token.ts";
import { HOUR } from "../../engine/policy/time.ts";
import type { Charge } from "../../engine/quota/quota.ts";
import { limitKey } from "../../engine/quota/quota.ts";
import type { Quotas, Taken } from "../../engine/quota/store.ts";
import { changeAt, countingRandom, grantOf, grantsOf, NOW } from "../grant/world.ts";

const grant = grantOf();
const there = grantsOf(grant);
const all = (): boolean => true;

function ask(store: TokenStore, token: string, grants = there, at = NOW): string {
  store.refresh();
  const found = store.lookup(hashToken(token)!, grants, at);
  return found.ok ? found.grant : found.code;
}

/** `two` opens two stores on the same tokens, which are none. */
export function tokenStoreContract(two: () => Promise<readonly [TokenStore, TokenStore]>): void {
  /** For what another process has changed; a shared store may take a moment. */
  const soon = (probe: () => unknown) => expect.poll(probe, { interval: 10, timeout: 1_000 });

  test("what one changes holds for itself at once and for the other within a second", async () => {
    const [here, other] = await two();
    const random = countingRandom();
    const { token } = await here.change(issueToken(grant, undefined, changeAt(NOW, random)));
    expect(ask(here, token)).toBe("g1");
    await soon(() => ask(other, token)).toBe("g1");

    const times = { expiresAt: undefined, overlapMs: HOUR };
    const next = await other.change(rotateToken(all, there, times, changeAt(NOW, random)));
    expect(ask(other, token, there, NOW + HOUR)).toBe("expired_token");
    await soon(() => ask(here, next.token)).toBe("g1");
    await soon(() => ask(here, token, there, NOW + HOUR)).toBe("expired_token");

    await here.change(revokeTokens(all, changeAt(NOW, random)));
    expect(ask(here, next.token)).toBe("revoked_token");
    await soon(() => ask(other, next.token)).toBe("revoked_token");
    expect(other.list().map(({ revokedAt }) => revokedAt)).toEqual([NOW, NOW]);
  });

  test("a token dies with its grant for good, on both", async () => {
    const [here, other] = await two();
    const { token, entry } = await here.change(issueToken(grant, undefined, changeAt()));
    expect(await here.reconcile(there, NOW)).toEqual([]);
    expect(await here.reconcile(grantsOf(), NOW)).toEqual([entry]);
    expect(await here.reconcile(there, NOW)).toEqual([]);
    expect(ask(here, token)).toBe("orphaned_token");
    await soon(() => ask(other, token)).toBe("orphaned_token");
  });

  test("a plan that refuses changes nothing, and its reason comes back", async () => {
    const [here] = await two();
    await expect(here.change(revokeTokens(all, changeAt()))).rejects.toMatchObject({
      code: "UNKNOWN_NAME",
    });
    expect(here.list()).toEqual([]);
  });

  test("changes made at once on both are all kept", async () => {
    const [here, other] = await two();
    const random = countingRandom();
    await Promise.all(
      [here, other, here, other].map((store) =>
        store.change(issueToken(grant, undefined, changeAt(NOW, random))),
      ),
    );
    here.refresh();
    await soon(() => here.list().length).toBe(4);
  });
}

const HOLDER = { server: "ehr", tool: "read", principal: "agent:a" };
let grants = 0;
/** Keys of a grant that nobody has used: what an earlier run still gives back is not of this one. */
function freshKeys(): (counter: string) => string {
  const holder = { ...HOLDER, grant: `g-${++grants}` };
  return (counter) => limitKey({ counter, window: "hour", max: 1, scope: "grant" }, holder, NOW);
}

interface Step {
  readonly charges: readonly Charge[];
  /** The call never reached its server. */
  readonly unreached: boolean;
}

const MAX = { calls: 6, sum: 20, patients: 4 };
const charge: fc.Arbitrary<Charge> = fc.oneof(
  fc.constant({ key: "calls", amount: 1, max: MAX.calls }),
  fc.nat(9).map((amount) => ({ key: "sum", amount, max: MAX.sum })),
  fc
    .uniqueArray(fc.constantFrom("p-1", "p-2", "p-3", "p-4", "p-5", "p-6"), { maxLength: 3 })
    .map((subjects) => ({ key: "patients", subjects, max: MAX.patients })),
);
const step: fc.Arbitrary<Step> = fc.record({
  charges: fc.uniqueArray(charge, { selector: ({ key }) => key, minLength: 1, maxLength: 3 }),
  unreached: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
});

/** Recounts everything that was ever taken and kept. */
function hasRoom(kept: readonly (readonly Charge[])[], { charges }: Step): boolean {
  return charges.every((charge) => {
    const same = [...kept.flat(), charge].filter(({ key }) => key === charge.key);
    const sum = same.reduce((all, one) => all + ("amount" in one ? one.amount : 0), 0);
    const patients = new Set(same.flatMap((one) => ("subjects" in one ? one.subjects : [])));
    return ("amount" in charge ? sum : patients.size) <= charge.max;
  });
}

/** As the gateway asks: decided on what the store knows, then taken. */
async function attempt(
  quotas: Quotas,
  charges: readonly Charge[],
): Promise<readonly Taken[] | "full"> {
  const room = charges.every((one) =>
    "amount" in one
      ? quotas.used(one.key) + one.amount <= one.max
      : quotas.distinct(one.key, one.subjects) <= one.max,
  );
  const taking = room ? await quotas.take(charges) : undefined;
  return taking?.ok === true ? taking.taken : "full";
}

/** `open` makes a store, or opens one again. */
export function quotasContract(open: () => Promise<Quotas>, runs: number): void {
  test("what is taken agrees with a model that recounts everything that was ever taken", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const quotas = await open();
        const keyOf = freshKeys();
        const kept: (readonly Charge[])[] = [];
        for (const one of steps) {
          const charges = one.charges.map((charge) => ({ ...charge, key: keyOf(charge.key) }));
          const taken = await attempt(quotas, charges);
          expect(taken !== "full").toBe(hasRoom(kept, one));
          if (taken === "full") continue;
          if (one.unreached) quotas.giveBack(taken);
          else kept.push(one.charges);
        }
      }),
      { numRuns: runs },
    );
  });

  test("what was taken is told as the record has it: patients by pseudonym, sorted, each once", async () => {
    const quotas = await open();
    const keyOf = freshKeys();
    const charges = [
      { key: keyOf("calls"), amount: 1, max: 9 },
      { key: keyOf("patients"), subjects: ["p-2", "p-1", "p-2"], max: 9 },
    ];
    expect(await quotas.take(charges)).toEqual({
      ok: true,
      taken: [
        { key: keyOf("calls"), amount: 1 },
        { key: keyOf("patients"), subjects: ["name of p-1", "name of p-2"] },
      ],
    });
  });
}

export const pseudonym = (subject: string): string => `name of ${subject}`;
