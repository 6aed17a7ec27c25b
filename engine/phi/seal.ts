/**
 * The mark by which a line is known as the recorder's. It takes no key to check: it is there against
 * a value that a person writes into a recorded line later, not against somebody who means to deceive.
 */
import { createHash } from "node:crypto";
import type { Received, ReceivedObject } from "../json/value.ts";
import { writeReceived } from "../json/write.ts";

export interface Sealed {
  readonly tool: string | undefined;
  readonly args: ReceivedObject;
  readonly replaced: readonly string[];
}

/** 32 hexadecimal digits. */
export function sealOf({ tool, args, replaced }: Sealed): string {
  const text = writeReceived([tool ?? "", args, replaced] as readonly Received[]);
  return createHash("sha256").update(text, "utf8").digest("hex").slice(0, 32);
}
