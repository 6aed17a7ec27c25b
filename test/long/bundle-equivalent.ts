const NEVER_ORDERED = "undefined is before nothing and after nothing";

/** Checks that no attack misses, and why: each is made twice, or means nothing alone. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  "heartbeat.ts timesOf: issuedAt !== undefined": NEVER_ORDERED,
  "heartbeat.ts timesOf: expiresAt !== undefined": NEVER_ORDERED,
  'keys.ts curveOf: key.asymmetricKeyType === "ec"': "no other kind of key has this curve's name",
  "root.ts readRoot: expiresAt !== undefined": NEVER_ORDERED,
  "root.ts readRoot: issuedAt !== undefined": NEVER_ORDERED,
  "store.ts requireTime: from !== undefined": NEVER_ORDERED,
  "store.ts requireTime: until !== undefined": NEVER_ORDERED,
  "sshsig.ts verifySshsig: key.wire === undefined":
    "every key of the scheme sshsig has it; for the compiler",
  "sshsig.ts readParts: hash === undefined": "undefined is not in the list of hashes",
  "sshsig.ts fidoParts: flags === undefined": "without flags there is no counter either",
  "sshsig.ts rawSignature: bytes.length === 64": "the library refuses another length too",
  "sshsig.ts fixedInteger: mpint.length === 0": "it would be zero, which fits no message",
};
