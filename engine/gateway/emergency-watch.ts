/** Who watches over emergency access: the webhook with its outbox, and what /readyz says of it. */
import { join } from "node:path";
import type { Announcement } from "../emergency/announcement.ts";
import { openOutbox } from "../emergency/outbox.ts";
import type { EmergencyAccess } from "./emergency.ts";
import type { PolicySource } from "./policy-source.ts";
import { startWebhook, type WebhookSettings } from "./webhook.ts";

export interface EmergencyWebhook {
  /** On disk when it returns, and sent as soon as the receiver takes it. */
  readonly announce: (announcement: Announcement) => void;
  readonly failing: string | undefined;
  /** How many announcements were not taken yet. */
  waiting(): number;
  stop(): Promise<void>;
}

/** undefined: the host names nobody who is to be told. */
export function emergencyWebhook(
  state: string,
  settings: WebhookSettings | undefined,
  now: () => number,
): EmergencyWebhook | undefined {
  if (settings === undefined) return undefined;
  const outbox = openOutbox(join(state, "announcements"));
  const webhook = startWebhook(settings, outbox, { now });
  return {
    announce(announcement) {
      outbox.post(announcement);
      webhook.wake();
    },
    get failing() {
      return webhook.failing;
    },
    waiting: () => outbox.waiting().length,
    stop: () => webhook.stop(),
  };
}

/** For /readyz: nothing here stops a call, and nothing here should be forgotten. */
export function emergencyNotes(
  emergency: EmergencyAccess,
  policy: PolicySource,
  webhook: Pick<EmergencyWebhook, "failing"> | undefined,
  at: number,
): readonly string[] {
  const grants = Object.values(policy.current()?.repository.source.grants ?? {});
  const hasGrants = grants.some(({ breakGlass }) => breakGlass !== undefined);
  const open = [...emergency.inForce(at).values()];
  const awaiting = emergency.awaitingReview().length;
  return [
    ...open.map(
      ({ grant, until }) =>
        `emergency grant ${grant} is open until ${new Date(until).toISOString()}`,
    ),
    ...(awaiting === 0
      ? []
      : [
          `${awaiting} ${awaiting === 1 ? "opening of an emergency grant awaits" : "openings of emergency grants await"} review`,
        ]),
    ...(hasGrants && emergency.problem !== undefined
      ? [`emergency grants cannot be opened: ${emergency.problem}`]
      : []),
    ...(webhook?.failing === undefined
      ? []
      : [`the webhook for emergency access does not take messages: ${webhook.failing}`]),
    ...(hasGrants && webhook === undefined && !emergency.dev
      ? ["nobody is told when an emergency grant is opened: `emergency.webhook` is missing"]
      : []),
  ];
}
