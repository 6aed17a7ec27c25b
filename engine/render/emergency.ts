/** What the emergency commands answer. Reasons are people's words: they are made visible. */
import type { EmergencyList, ListedGrant, ListedOpening } from "../emergency/listed.ts";
import { columns, type Paint, plural, visible } from "./paint.ts";

interface Refused {
  readonly refused: { readonly code: string; readonly message: string };
}

export type EmergencyAnswer =
  | { readonly opened: ListedOpening }
  | { readonly closed: ListedOpening }
  | Refused;

export function emergencyJson(answer: EmergencyAnswer): object {
  return { schema: "phiward.emergency/1", ...answer };
}

export function emergencyText(answer: EmergencyAnswer, paint: Paint): string {
  if ("refused" in answer) {
    return `${paint("red", "refused")}  ${visible(answer.refused.message)} (${visible(answer.refused.code)})`;
  }
  if ("closed" in answer) {
    const { grant, id } = answer.closed;
    return [
      `${paint("green", "closed")} ${visible(grant)}`,
      paint("dim", `opening ${visible(id)}; it waits for its review`),
    ].join("\n");
  }
  const { grant, id, until } = answer.opened;
  return [
    `${paint("yellow", "open")} ${visible(grant)} until ${minute(until)}`,
    paint("dim", `opening ${visible(id)}; every call is recorded with it, and it closes by itself`),
  ].join("\n");
}

export function emergencyListJson(list: EmergencyList | Refused): object {
  return { schema: "phiward.emergency-list/1", ...list };
}

export function emergencyListText(list: EmergencyList | Refused, paint: Paint): string {
  if ("refused" in list) return emergencyText(list, paint);
  const { grants, awaitingReview } = list;
  return [
    ...(grants.length === 0 ? ["no opening"] : columns(grants.map(grantRow))),
    ...(awaitingReview.length === 0
      ? []
      : [
          "",
          paint("yellow", `${plural(awaitingReview.length, "opening")} without a signed review:`),
          ...columns(awaitingReview.map(openingRow)),
        ]),
  ].join("\n");
}

function grantRow({ grant, maxMinutes, open }: ListedGrant): string[] {
  return [
    visible(grant),
    open === null ? "dormant" : `open until ${minute(open.until)}`,
    open === null ? "" : `by ${visible(open.openedBy)}`,
    maxMinutes === null ? "" : `at most ${maxMinutes} minutes`,
  ];
}

function openingRow({ id, grant, openedBy, at, reason, closedFor }: ListedOpening): string[] {
  const end = closedFor === undefined ? "open" : `ended: ${closedFor}`;
  return [`  ${visible(id)}`, visible(grant), minute(at), visible(openedBy), end, visible(reason)];
}

function minute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)}`;
}
