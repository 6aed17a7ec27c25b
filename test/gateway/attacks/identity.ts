/** Who is calling: tokens that are missing, false, over, or in the wrong place. */
import { randomBytes } from "node:crypto";
import { issueToken } from "../../../engine/grant/issue.ts";
import { revokeTokens } from "../../../engine/grant/revoke.ts";
import { mintToken } from "../../../engine/grant/token.ts";
import { call, EHR, type World } from "../../support/gateway.ts";
import { policyFiles } from "../../support/policy-folder.ts";
import { type Attack, attack, PLANTED, refused } from "./attack.ts";

const NONE = refused(401, 403, "no_token");
const UNKNOWN = refused(401, 403, "unknown_token");
const MESSAGE = call("get_patient", { patient_id: PLANTED });

/** A token of the clerk's that nobody else uses. */
async function token(world: World, lifeMs?: number): Promise<string> {
  const grant = world.gateway.runtime.policy.current()!.repository.grants.get("clerk")!.source;
  const at = world.now();
  const end = lifeMs === undefined ? undefined : at + lifeMs;
  const plan = issueToken(grant, end, { at, random: randomBytes });
  return (await world.gateway.tokens.change(plan)).token;
}

const authorized = (authorization: string) => (world: World) =>
  world.post(MESSAGE, { headers: { authorization } });

export const TOKENS: readonly Attack[] = [
  attack("no token", NONE, (world) => world.post(MESSAGE, { as: "nobody" })),
  attack("a token in the query", NONE, (world) =>
    world.post(MESSAGE, { as: "nobody", path: `${EHR}?access_token=${world.tokens.nurse}` }),
  ),
  attack("a name and a password", NONE, authorized("Basic bnVyc2U6cGFzc3dvcmQ=")),
  attack("a scheme without a token", NONE, authorized("Bearer")),
  attack("two tokens in one header", NONE, authorized("Bearer phw_a phw_b")),
  attack("a token of another form", UNKNOWN, authorized(`Bearer ${PLANTED}`)),
  attack("a token as long as a body", UNKNOWN, authorized(`Bearer phw_${"A".repeat(10_000)}`)),
  attack("a token that nobody issued", UNKNOWN, (world) =>
    world.post(MESSAGE, { token: mintToken(randomBytes).token }),
  ),
  attack("a token in other capitals", UNKNOWN, (world) =>
    world.post(MESSAGE, { token: world.tokens.nurse!.replace("phw_", "PHW_") }),
  ),
  attack("a token without its last letter", UNKNOWN, (world) =>
    world.post(MESSAGE, { token: world.tokens.nurse!.slice(0, -1) }),
  ),
  attack("a token in a cookie", NONE, (world) =>
    world.post(MESSAGE, { as: "nobody", headers: { cookie: `token=${world.tokens.nurse}` } }),
  ),
  attack(
    "a revoked token",
    refused(401, 403, "revoked_token", { grant: "clerk" }),
    (world, revoked) => world.post(MESSAGE, { token: revoked }),
    async (world: World) => {
      const revoked = await token(world);
      const [newest] = world.gateway.tokens.list().slice(-1);
      const change = { at: world.now(), random: randomBytes };
      await world.gateway.tokens.change(revokeTokens(({ id }) => id === newest!.id, change));
      return revoked;
    },
  ),
  attack(
    "an expired token",
    refused(401, 403, "expired_token", { grant: "clerk" }),
    (world, expired) => world.post(MESSAGE, { token: expired }),
    async (world: World) => {
      const expired = await token(world, 1_000);
      world.shiftClock(1_000);
      return expired;
    },
  ),
];

/** The last one changes a grant on disk, so these have a gateway of their own. */
export const ORPHANS: readonly Attack[] = [
  attack(
    "a token whose grant was given to somebody else",
    refused(401, 403, "orphaned_token", { grant: "clerk" }),
    (world) => world.post(MESSAGE, { as: "clerk" }),
    async (world: World) => {
      const { "grants/clerk.yaml": clerk } = policyFiles({});
      const principal = { kind: "agent", id: "agent:other", responsible: "person:a.example" };
      await world.change({ "grants/clerk.yaml": { ...clerk, principal } });
    },
  ),
  attack(
    "the same token after the grant is its old owner's again",
    refused(401, 403, "orphaned_token", { grant: "clerk" }),
    (world) => world.post(MESSAGE, { as: "clerk" }),
    (world) => world.change({ "grants/clerk.yaml": policyFiles({})["grants/clerk.yaml"]! }),
  ),
];
