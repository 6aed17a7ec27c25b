/** Who sent a token of an issuer: its claims, after every check that stands between. */
import { hash } from "node:crypto";
import { own } from "../../json/value.ts";
import { type Claims, judgeClaims } from "./claims.ts";
import { bringsKey, hasExtension, readCompact } from "./compact.ts";
import { proofJudge, type Sender } from "./dpop.ts";
import { type IssuerClient, issuerClient } from "./fetch-json.ts";
import { type KeyRing, keyRing } from "./key-ring.ts";
import { isUnproven, type Unproven, unproven } from "./problem.ts";
import type { IssuerSettings } from "./settings.ts";
import { isSigned } from "./signature.ts";

/** A token that was checked; the token itself is not in it. */
export interface Verified extends Claims {
  /** SHA-256 of the token, 64 hexadecimal digits. */
  readonly hash: string;
  /** Which key of the issuer had signed it. */
  readonly kid: string | undefined;
  readonly print: string;
  /** How far the issuer's clock and ours may be apart, in milliseconds. */
  readonly toleranceMs: number;
}

export interface IssuerState {
  readonly issuer: string;
  readonly keys: number;
  /** In words, why its keys could not be fetched when they were last asked for. */
  readonly problem: string | undefined;
}

/** Times `at` are epoch milliseconds. */
export interface Issuers {
  readonly settings: readonly IssuerSettings[];
  /**
   * Checks a token, and the proof of its sender where there must be one. At once for a token that was
   * checked before and has no proof; otherwise as a promise.
   */
  verify(
    token: string,
    sender: Sender | undefined,
    at: number,
  ): Verified | Unproven | Promise<Verified | Unproven>;
  /** Whether the issuer still has the key that had signed it, as far as is known by now. */
  holds(verified: Verified): boolean;
  /** Fetches the keys of every issuer. Never rejects. */
  look(at: number): Promise<void>;
  states(): readonly IssuerState[];
  close(): Promise<void>;
}

/** Tokens that are remembered as checked. Some 5 MB. */
const MAX_CHECKED = 10_000;

interface Known {
  readonly settings: IssuerSettings;
  readonly client: IssuerClient;
  readonly ring: KeyRing;
}

export function openIssuers(settings: readonly IssuerSettings[]): Issuers {
  const known = new Map<string, Known>(
    settings.map((one) => {
      const client = issuerClient(one.tls);
      return [one.issuer, { settings: one, client, ring: keyRing(one, client.get) }];
    }),
  );
  const checked = new Map<string, Verified>();
  const judgeProof = proofJudge();

  /** Every check that is about the token alone, in the order in which each may rely on those before. */
  async function check(token: string, digest: string, at: number): Promise<Verified | Unproven> {
    const read = readCompact(token);
    if (isUnproven(read)) return read;
    if (bringsKey(read.header) || hasExtension(read.header)) return unproven("token_header");
    const named = own(read.payload, "iss");
    const issuer = typeof named === "string" ? known.get(named) : undefined;
    if (issuer === undefined) return unproven("unknown_issuer");
    const { algorithms, clockToleranceMs } = issuer.settings;
    // Algorithm confusion: a public key taken for the secret of an HMAC, or no signature at all.
    if (!algorithms.some((one) => one === read.algorithm)) return unproven("token_algorithm");
    // Keys of this issuer alone: another one's may have the same name.
    const found = await issuer.ring.find(read, at);
    if (isUnproven(found)) return found;
    if (!(await isSigned(read, found.key))) return unproven("bad_signature");
    const claims = judgeClaims(read, issuer.settings, at);
    if (isUnproven(claims)) return claims;
    const verified: Verified = {
      ...claims,
      hash: digest,
      kid: read.kid,
      print: found.print,
      toleranceMs: clockToleranceMs,
    };
    remember(verified);
    return verified;
  }

  function remember(verified: Verified): void {
    if (checked.size >= MAX_CHECKED) checked.delete(checked.keys().next().value!);
    checked.set(verified.hash, verified);
  }

  /** What an earlier check found, if nothing can have changed since. */
  function recall(digest: string, at: number): Verified | undefined {
    const before = checked.get(digest);
    if (before === undefined) return undefined;
    const { issuer, kid, print, expiresAt } = before;
    if (at < expiresAt && known.get(issuer)!.ring.knows(kid, print, at)) return before;
    checked.delete(digest);
    return undefined;
  }

  /** RFC 9449 §7: a bound token comes with a proof, and a proof only with a bound token. */
  function prove(
    token: string,
    verified: Verified,
    sender: Sender | undefined,
    at: number,
  ): Verified | Unproven | Promise<Verified | Unproven> {
    const { dpop } = known.get(verified.issuer)!.settings;
    const { boundTo, toleranceMs } = verified;
    const isProved = sender?.scheme === "dpop";
    if (boundTo === undefined) {
      return isProved || dpop === "required" ? unproven("sender_unproven") : verified;
    }
    // A stolen token whose proof is left away; and a binding that nobody here was told to check.
    if (!isProved || dpop === "off") return unproven("sender_unproven");
    return judgeProof(sender, { token, boundTo, toleranceMs }, at).then(
      (problem) => problem ?? verified,
    );
  }

  return {
    settings,
    verify(token, sender, at) {
      const digest = hash("sha256", token, "hex");
      const before = recall(digest, at);
      if (before !== undefined) return prove(token, before, sender, at);
      return check(token, digest, at).then((now) =>
        isUnproven(now) ? now : prove(token, now, sender, at),
      );
    },
    holds: ({ issuer, kid, print }) => known.get(issuer)?.ring.has(kid, print) === true,
    async look(at) {
      await Promise.all([...known.values()].map(({ ring }) => ring.look(at)));
    },
    states: () =>
      [...known].map(([issuer, { ring }]) => ({ issuer, keys: ring.size, problem: ring.problem })),
    async close() {
      await Promise.all([...known.values()].map(({ client }) => client.close()));
    },
  };
}

/** Whether each issuer answers, and with how many keys. `at` in epoch milliseconds. */
export async function lookAtIssuers(
  settings: readonly IssuerSettings[],
  at: number,
): Promise<readonly IssuerState[]> {
  const issuers = openIssuers(settings);
  await issuers.look(at);
  const states = issuers.states();
  await issuers.close();
  return states;
}
