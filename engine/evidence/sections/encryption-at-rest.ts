import { type Facts, type Section, says } from "../facts.ts";

export function encryptionAtRest(_: Facts): Section {
  return {
    id: "encryption-at-rest",
    title: "Encryption and decryption",
    citations: ["164.312(a)(2)(iv)"],
    answer:
      "The gateway does not encrypt what it keeps. It keeps no content of calls or results, and patients stand in its log by keyed pseudonym.",
    did: [
      says(
        "Patients are recorded as HMAC-SHA-256 of their identifier under a key that is not in the log and not in this folder. Tokens are kept as hashes. Whoever has the log and not the key can count patients and cannot name one; whoever has both can ask about one identifier.",
      ),
    ],
    from: [],
    not: [
      "Encryption of the disks of the gateway's machine, and of its backups: that is the platform's.",
      "Encryption of ePHI where it is kept, in the record system.",
    ],
  };
}
