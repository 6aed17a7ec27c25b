/** Where the thing is defined that a name speaks of: a tool in a lock, a policy, a server, a grant. */
import type { LoadedRepository } from "../policy/load.ts";
import type { Place, Pointer } from "../source.ts";
import type { Cursor } from "./cursor.ts";
import { formatOf, nameOf } from "./formats.ts";

/** One for each server that has the tool; none where the name speaks of nothing that is known. */
export function definitions(
  loaded: LoadedRepository,
  file: string,
  cursor: Cursor,
): readonly Place[] {
  const { pointer, part, text } = cursor;
  if (text === undefined) return [];
  const last = pointer.at(-1);
  switch (formatOf(file)) {
    case "policy":
      if (part === "key" && pointer[0] === "tools" && pointer.length === 2) {
        return toolPlaces(loaded, serversUnder(loaded, nameOf(file)), text);
      }
      return pointer[0] === "hide"
        ? toolPlaces(loaded, serversUnder(loaded, nameOf(file)), text)
        : [];
    case "server":
      return part === "key" && pointer[0] === "tools" && pointer.length === 2
        ? toolPlaces(loaded, [nameOf(file)], text)
        : [];
    case "grant":
    case "tests":
      if (part === "key") return [];
      if (last === "tool") return toolPlaces(loaded, [...loaded.servers.keys()], text);
      return last === "policy" || last === "server" || last === "grant"
        ? filePlace(loaded, last, text)
        : [];
    default:
      return [];
  }
}

function serversUnder({ grants, servers }: LoadedRepository, policy: string): readonly string[] {
  const named = new Set(
    [...grants.values()].flatMap(({ located }) =>
      located.value.access.flatMap((access) =>
        access.policy === policy && access.server !== undefined ? [access.server] : [],
      ),
    ),
  );
  return named.size > 0 ? [...named].sort() : [...servers.keys()];
}

/** In the lock, which says what the tool is; in the server's file where nothing is pinned. */
function toolPlaces(
  { locks, servers }: LoadedRepository,
  ids: readonly string[],
  tool: string,
): Place[] {
  return ids.flatMap((id): Place[] => {
    const lock = locks.get(id)?.located;
    const index = lock?.value.tools.findIndex(({ name }) => name === tool) ?? -1;
    if (lock !== undefined && index !== -1) return [lock.place(["tools", index])];
    const server = servers.get(id)?.located;
    const described = Object.hasOwn(server?.value.tools ?? {}, tool);
    return server !== undefined && described ? [server.place(["tools", tool], "key")] : [];
  });
}

function filePlace(
  { policies, servers, grants }: LoadedRepository,
  kind: "policy" | "server" | "grant",
  name: string,
): Place[] {
  const located = { policy: policies, server: servers, grant: grants }[kind].get(name)?.located;
  const top: Pointer = [];
  return located === undefined ? [] : [located.place(top)];
}
