/** Where calls go, under which agreement and credential, and which definitions were reviewed. */
import { own } from "../../json/value.ts";
import { type Server, WORST_LABEL } from "../../policy/ir.ts";
import type { LoadedFile, LoadedRepository } from "../../policy/load.ts";
import type { ServerFile } from "../../schema/types.ts";
import type { Pointer } from "../../source.ts";
import type { Change } from "../report.ts";
import { change, type Said, text } from "./change.ts";
import { labels } from "./labels.ts";
import { pins } from "./pins.ts";

type File = LoadedFile<ServerFile, Server>;

export function servers(base: LoadedRepository, head: LoadedRepository): Change[] {
  return [...head.servers].flatMap(([id, file]) => {
    const is = file.compiled;
    if (is === undefined) return [];
    const before = base.servers.get(id);
    const was = before?.compiled;
    const ephi = [was, is].some((server) => server !== undefined && mayHoldEphi(server));
    return [
      ...(was === undefined ? [] : connection(id, { file: before!, server: was }, file, is, ephi)),
      ...pins(id, was, is, head, ephi),
      ...labels(id, was, is, file.located),
    ];
  });
}

/** From weaker to stronger. */
const BAA_ORDER = ["none", "pending", "not_required", "signed"] as const;

/** What a call meets on its way, of a server that base knows. */
function connection(
  id: string,
  { file: before, server: was }: { readonly file: File; readonly server: Server },
  file: File,
  is: Server,
  ephi: boolean,
): Change[] {
  const said = (
    verdict: Said["verdict"],
    summary: string,
    [from, to]: readonly [string, string],
    pointer: Pointer,
  ): Change[] =>
    from === to
      ? []
      : [
          change({
            kind: "server",
            verdict,
            summary,
            before: from,
            after: to,
            located: file.located,
            pointer,
            server: id,
            ephi,
          }),
        ];
  const baa = ({ baa: { status } }: Server): number => BAA_ORDER.indexOf(status);
  const vendor = ({ located }: File): string => located.value.vendor?.name ?? "none";
  return [
    ...said(
      "broader",
      `calls for the server \`${id}\` go to another endpoint`,
      [endpoint(was), endpoint(is)],
      ["transport"],
    ),
    ...said(
      "broader",
      `the vendor of the server \`${id}\` changed`,
      [vendor(before), vendor(file)],
      ["vendor", "name"],
    ),
    ...said(
      is.readOnlyCredential ? "narrower" : "broader",
      `the credential for the server \`${id}\` is ${is.readOnlyCredential ? "now" : "no longer"} read-only`,
      [credential(was), credential(is)],
      ["readOnlyCredential"],
    ),
    ...said(
      baa(is) < baa(was) ? "broader" : "narrower",
      `the business associate agreement of the server \`${id}\` changed`,
      [was.baa.status.replace("_", " "), is.baa.status.replace("_", " ")],
      ["vendor", "baa", "status"],
    ),
  ];
}

/** Where calls go, in the words of the file. What differs in anything else is shown as a whole. */
function endpoint({ transport }: Server): string {
  const { type, url, command, ...rest } = transport;
  if (Object.keys(rest).length > 0) return text(transport);
  if (type === "http" && typeof url === "string") return url;
  return Array.isArray(command) ? `the program ${command.join(" ")}` : text(transport);
}

function credential({ readOnlyCredential }: Server): string {
  return readOnlyCredential ? "read-only" : "may write";
}

function mayHoldEphi(server: Server): boolean {
  const names = new Set([...Object.keys(server.tools), ...Object.keys(server.lock?.tools ?? {})]);
  return (
    names.size === 0 ||
    [...names].some((name) => (own(server.tools, name) ?? WORST_LABEL).ephi !== false)
  );
}
