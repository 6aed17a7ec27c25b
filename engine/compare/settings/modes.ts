/** Whether rules are enforced or only watched. To watch only is broader, whatever the labels say today. */
import type { LoadedRepository } from "../../policy/load.ts";
import type { Change } from "../report.ts";
import { change } from "./change.ts";

type Mode = "monitor" | undefined;

export function modes(base: LoadedRepository, head: LoadedRepository): Change[] {
  const servers = [...head.servers].flatMap(([id, { located, compiled: is }]) =>
    compared(base.servers.get(id)?.compiled?.mode, is?.mode, `the server \`${id}\``, {
      kind: "server",
      located,
      server: id,
    }),
  );
  const grants = [...head.grants].flatMap(([id, { located, compiled: is }]) =>
    compared(base.grants.get(id)?.compiled?.mode, is?.mode, `the grant \`${id}\``, {
      kind: "identity",
      located,
      ...(is === undefined ? {} : { grant: is }),
    }),
  );
  return [...servers, ...grants];
}

/** Of what is new, base enforced everything: it denied every call. */
function compared(
  was: Mode,
  is: Mode,
  what: string,
  about: Pick<Parameters<typeof change>[0], "kind" | "located" | "server" | "grant">,
): Change[] {
  if (was === is) return [];
  const [before, after] = [was ?? "enforce", is ?? "enforce"];
  return [
    change({
      ...about,
      verdict: is === "monitor" ? "broader" : "narrower",
      summary:
        is === "monitor"
          ? `the rules for ${what} are only watched: calls without patient data pass`
          : `the rules for ${what} are enforced`,
      before,
      after,
      pointer: ["mode"],
    }),
  ];
}
