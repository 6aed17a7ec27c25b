/** `oidc:` of engine.yaml → settings. Every problem is reported, none is thrown. */
import { parseDuration } from "../../policy/time.ts";
import type { ClientTls, Issuer } from "../../schema/types.ts";
import type { Pointer } from "../../source.ts";
import type { TlsFiles } from "../tls.ts";
import { isProtected } from "./fetch-json.ts";
import { ISSUER_DEFAULTS, type IssuerSettings, MAX_CLOCK_TOLERANCE_MS } from "./settings.ts";

type Report = (pointer: Pointer, message: string, help: string) => void;

export function issuersOf(
  listed: readonly Issuer[],
  report: Report,
  tlsOf: (tls: ClientTls, at: Pointer) => TlsFiles,
): readonly IssuerSettings[] {
  const seen = new Set<string>();
  return listed.map((one, index) => {
    const at = ["oidc", index];
    checkAddress(one.issuer, [...at, "issuer"], report);
    if (one.jwks !== undefined) checkAddress(one.jwks, [...at, "jwks"], report);
    if (seen.has(one.issuer)) {
      report([...at, "issuer"], "the issuer is listed twice", "say all of it in one place");
    }
    seen.add(one.issuer);
    const tolerance = durationOf(one.clockTolerance) ?? ISSUER_DEFAULTS.clockToleranceMs;
    if (tolerance > MAX_CLOCK_TOLERANCE_MS) {
      report(
        [...at, "clockTolerance"],
        "clocks that far apart make every token live longer",
        "2m at most; let both machines keep time",
      );
    }
    const maxAge = durationOf(one.maxAge);
    return {
      ...ISSUER_DEFAULTS,
      issuer: one.issuer,
      audience: [one.audience].flat(),
      ...(one.jwks === undefined ? {} : { jwks: one.jwks }),
      ...(one.algorithms === undefined ? {} : { algorithms: one.algorithms }),
      clockToleranceMs: tolerance,
      ...(maxAge === undefined ? {} : { maxAgeMs: maxAge }),
      ...(one.type === undefined ? {} : { type: one.type }),
      ...(one.scopes === undefined ? {} : { scopes: one.scopes }),
      ...(one.dpop === undefined ? {} : { dpop: one.dpop }),
      ...(one.tls === undefined ? {} : { tls: tlsOf(one.tls, [...at, "tls"]) }),
    };
  });
}

function durationOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

/** Who can change the keys on their way here can be anybody. */
function checkAddress(text: string, at: Pointer, report: Report): void {
  const url = URL.parse(text);
  if (url === null) report(at, "this is no address", "write it like https://idp.example.org");
  else if (!isProtected(url)) {
    report(at, "plain HTTP beyond loopback", "an issuer is reached over https");
  }
}
