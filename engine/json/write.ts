/** A received value → JSON text: a number that no double holds is written as it arrived. */
import { InexactNumber, type Received } from "./value.ts";

declare global {
  interface JSON {
    /** ES2026: a JSON text to be written as it is. */
    rawJSON(text: string): unknown;
  }
}

export function writeReceived(value: Received): string {
  return JSON.stringify(value, (_, member: unknown) =>
    member instanceof InexactNumber ? JSON.rawJSON(member.text) : member,
  );
}
