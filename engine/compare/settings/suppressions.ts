/** Findings that are not reported for a time. */
import type { LoadedRepository } from "../../policy/load.ts";
import type { Change } from "../report.ts";
import { change, text } from "./change.ts";

export function suppressions(base: LoadedRepository, head: LoadedRepository): Change[] {
  const known = new Map<string, string>();
  for (const { rule, file, until } of base.project?.value.suppress ?? []) {
    const key = text([rule, file ?? "*"]);
    if (until > (known.get(key) ?? "")) known.set(key, until);
  }
  return (head.project?.value.suppress ?? []).flatMap(({ rule, file, until }, index) => {
    const before = known.get(text([rule, file ?? "*"]));
    if (before !== undefined && until <= before) return [];
    return [
      change({
        kind: "suppression",
        verdict: "broader",
        summary: `findings of \`${rule}\`${file === undefined ? "" : ` in \`${file}\``} are suppressed until ${until}`,
        before: before === undefined ? "reported" : `suppressed until ${before}`,
        after: `suppressed until ${until}`,
        located: head.project,
        pointer: ["suppress", index],
      }),
    ];
  });
}
