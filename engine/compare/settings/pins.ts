/** Reviewed definitions. A definition that is pinned anew lets calls of the live tool pass again. */
import { type Json, own } from "../../json/value.ts";
import type { Server } from "../../policy/ir.ts";
import type { LoadedRepository } from "../../policy/load.ts";
import type { Change } from "../report.ts";
import { change, text } from "./change.ts";

export function pins(
  id: string,
  was: Server | undefined,
  is: Server,
  head: LoadedRepository,
  ephi: boolean,
): Change[] {
  if (was?.lock === undefined) return [];
  if (is.lock === undefined) return [lockGone(id, head, ephi)];
  return [
    ...tools(id, was.lock, is.lock, head, ephi),
    ...instructions(id, was.lock, is.lock, head, ephi),
  ];
}

type Lock = NonNullable<Server["lock"]>;

function lockGone(id: string, head: LoadedRepository, ephi: boolean): Change {
  return change({
    kind: "pin",
    verdict: "broader",
    summary: `the lock of the server \`${id}\` is gone: its tools may change unseen`,
    before: "locked",
    after: "not locked",
    located: head.servers.get(id)?.located,
    pointer: [],
    server: id,
    ephi,
  });
}

function tools(id: string, was: Lock, is: Lock, head: LoadedRepository, ephi: boolean): Change[] {
  const located = head.locks.get(id)?.located;
  const order = (located?.value.tools ?? []).map(({ name }) => name);
  return Object.entries(is.tools).flatMap(([tool, pin]) => {
    const before = own(was.tools, tool);
    if (before?.digest === pin.digest) return [];
    const summary =
      before === undefined
        ? `the tool \`${tool}\` of \`${id}\` is pinned for the first time: it is no longer quarantined`
        : `the tool \`${tool}\` of \`${id}\` is pinned to another definition: ${changedKeys(before.definition, pin.definition).join(", ")}`;
    return [
      change({
        kind: "pin",
        verdict: "broader",
        summary,
        before: before?.digest ?? "not pinned",
        after: pin.digest,
        located,
        pointer: ["tools", order.indexOf(tool)],
        server: id,
        tool,
        ephi,
      }),
    ];
  });
}

function instructions(
  id: string,
  was: Lock,
  is: Lock,
  head: LoadedRepository,
  ephi: boolean,
): Change[] {
  if (was.instructions === is.instructions) return [];
  return [
    change({
      kind: "pin",
      verdict: "broader",
      summary: `the instructions of the server \`${id}\` changed`,
      before: "pinned",
      after: "pinned anew",
      located: head.locks.get(id)?.located,
      pointer: ["instructions"],
      server: id,
      ephi,
    }),
  ];
}

function changedKeys(
  a: Readonly<Record<string, Json>>,
  b: Readonly<Record<string, Json>>,
): string[] {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys]
    .filter((key) => text(own(a, key)) !== text(own(b, key)))
    .map((key) => `\`${key}\``);
}
