/** One setting that changed, as a change of the report. */
import { TOOLS_CALL } from "../../decide/call.ts";
import { canonical, type Json } from "../../json/value.ts";
import type { Grant } from "../../policy/ir.ts";
import type { Located, Pointer } from "../../source.ts";
import { at } from "../places.ts";
import type { Change, ChangeKind } from "../report.ts";
import { safeguardsOf } from "../safeguards.ts";

export interface Said {
  readonly kind: ChangeKind;
  readonly verdict: "broader" | "narrower";
  readonly summary: string;
  readonly before: string;
  readonly after: string;
  readonly located: Located<unknown> | undefined;
  readonly pointer: Pointer;
  readonly grant?: Grant;
  readonly server?: string;
  readonly tool?: string;
  readonly method?: string;
  readonly ephi?: boolean;
}

export function change({
  kind,
  verdict,
  summary,
  before,
  after,
  located,
  pointer,
  grant,
  server,
  tool,
  method,
  ephi = true,
}: Said): Change {
  return {
    kind,
    grant: grant?.id ?? null,
    principal: grant?.principal.id ?? null,
    server: server ?? null,
    method: method ?? (tool === undefined ? null : TOOLS_CALL),
    tool: tool ?? (method === undefined ? null : ""),
    ephi,
    effect: null,
    verdict,
    by: "rule",
    summary,
    before,
    after,
    ...at(located, pointer),
    safeguards: safeguardsOf(kind, null),
  };
}

/** A value in a report; an attribute's value is never among them. */
export function text(value: unknown): string {
  return value === undefined
    ? "none"
    : typeof value === "string"
      ? value
      : canonical(value as Json);
}
