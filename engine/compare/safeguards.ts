/** Which sections of 45 CFR a change is about. They help a reader to look; they judge nothing. */
import type { Effect } from "../policy/ir.ts";
import type { ChangeKind } from "./report.ts";

const SECTIONS: Readonly<Record<ChangeKind, readonly string[]>> = {
  // Minimum necessary; access control.
  access: ["164.502(b)", "164.312(a)(1)"],
  quota: ["164.502(b)"],
  // Access authorization, establishment and modification; termination.
  expiry: ["164.308(a)(4)(ii)(C)", "164.308(a)(3)(ii)(C)"],
  "grant-added": ["164.308(a)(4)(ii)(B)", "164.312(a)(2)(i)"],
  "grant-removed": ["164.308(a)(3)(ii)(C)"],
  // Unique user identification; person or entity authentication.
  identity: ["164.312(a)(2)(i)", "164.312(d)"],
  // Business associate contracts; transmission security.
  server: ["164.308(b)(1)", "164.312(e)(1)"],
  label: ["164.308(a)(1)(ii)(A)"],
  pin: ["164.312(c)(1)"],
  gate: ["164.308(a)(4)(ii)(C)"],
  test: ["164.308(a)(8)"],
  suppression: ["164.308(a)(8)"],
  // Integrity of what decides: whom releases are trusted from, and what runs the gate.
  trust: ["164.312(c)(1)", "164.312(d)"],
  workflow: ["164.308(a)(4)(ii)(C)"],
};

export function safeguardsOf(kind: ChangeKind, effect: Effect | null): readonly string[] {
  // What can alter or destroy a record concerns integrity too.
  const alters =
    effect !== null && effect !== "read" && (kind === "access" || kind === "grant-added");
  return alters ? [...SECTIONS[kind], "164.312(c)(1)"] : SECTIONS[kind];
}
