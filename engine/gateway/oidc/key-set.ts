/** The public keys of an issuer, as it published them at one time (RFC 7517). */
import { type CryptoKey, createLocalJWKSet, type JWK } from "jose";
import { digestOf, isObject, type JsonObject, own } from "../../json/value.ts";
import type { Compact } from "./compact.ts";

export interface KeySet {
  /** Changes whenever a key does. */
  readonly digest: string;
  readonly size: number;
  /** The one key of this name that fits the algorithm; undefined: there is none, or several. */
  find(token: Compact): Promise<CryptoKey | undefined>;
  /**
   * Tells one key of this name from another one that takes its name later; undefined: there is none.
   * Without a name it tells whole sets apart.
   */
  printOf(kid: string | undefined): string | undefined;
}

/** A set of more was not made by people. */
const MAX_KEYS = 100;

/** undefined when the document is no set of public keys that could be used. */
export function keySetOf(document: JsonObject): KeySet | undefined {
  const listed = own(document, "keys");
  if (!Array.isArray(listed) || listed.length > MAX_KEYS) return undefined;
  const keys = (listed as readonly unknown[]).filter(isPublic);
  if (keys.length === 0) return undefined;
  try {
    return keySet(keys);
  } catch {
    // Keys that are not of their form: a member that is no text, a number that no reader can hold.
    return undefined;
  }
}

function keySet(keys: readonly JsonObject[]): KeySet {
  const choose = createLocalJWKSet({ keys: keys as unknown as JWK[] });
  const digest = digestOf(keys);
  const named = Map.groupBy(keys, ({ kid }) => kid);
  const prints = new Map([...named].map(([kid, same]) => [kid, digestOf(same)]));
  return {
    digest,
    size: keys.length,
    async find({ algorithm, kid }) {
      try {
        return await choose({ alg: algorithm, ...(kid === undefined ? {} : { kid }) });
      } catch {
        // None fits, several do, or it is no key.
        return undefined;
      }
    },
    printOf: (kid) => (kid === undefined ? digest : prints.get(kid)),
  };
}

/** A private or shared key that an issuer published by mistake is everybody's: it proves nothing. */
function isPublic(key: unknown): key is JsonObject {
  const jwk = isObject(key) ? (key as JsonObject) : undefined;
  return jwk !== undefined && !Object.hasOwn(jwk, "d") && !Object.hasOwn(jwk, "k");
}
