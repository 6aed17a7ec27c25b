/**
 * What is told to those who watch: that an emergency grant was opened or closed.
 *
 * A message is signed as Standard Webhooks 1.0 describes it (standardwebhooks.com): `webhook-id` stays
 * the same when the message is sent again, `webhook-timestamp` is in seconds, and `webhook-signature`
 * is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. No part of it is of a patient.
 */
import { createHmac } from "node:crypto";
import type { ClosedFor } from "./opening.ts";

interface Announced {
  /** A UUID: of the message, however often it is sent. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly opening: string;
  readonly grant: string;
  readonly node: string;
}

export type Announcement =
  | (Announced & {
      readonly type: "emergency.opened";
      readonly by: string;
      readonly reason: string;
      readonly until: number;
    })
  | (Announced & {
      readonly type: "emergency.closed";
      readonly by?: string;
      readonly closedFor: ClosedFor;
    });

/** The JSON that is sent. Times are RFC 3339, UTC. */
export function announcementText(announcement: Announcement): string {
  const { type, id: _, at, ...data } = announcement;
  const times = "until" in data ? { until: new Date(data.until).toISOString() } : {};
  return JSON.stringify({
    type,
    timestamp: new Date(at).toISOString(),
    data: { ...data, ...times },
  });
}

export interface SignedHeaders {
  readonly "webhook-id": string;
  readonly "webhook-timestamp": string;
  readonly "webhook-signature": string;
}

/** `at`: when it is sent, in epoch milliseconds. The receiver refuses what is older than minutes. */
export function signedHeaders(
  secret: Uint8Array,
  id: string,
  body: string,
  at: number,
): SignedHeaders {
  const timestamp = String(Math.floor(at / 1_000));
  const signature = createHmac("sha256", secret)
    .update(`${id}.${timestamp}.${body}`)
    .digest("base64");
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
}

/** `whsec_` and base64, as services hand them out; any other text is taken as it stands. */
export function webhookKey(secret: string): Uint8Array {
  return secret.startsWith("whsec_")
    ? Buffer.from(secret.slice("whsec_".length), "base64")
    : Buffer.from(secret, "utf8");
}
