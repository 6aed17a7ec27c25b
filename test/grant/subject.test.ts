/** An identity of an issuer stands for one grant, or for none. */
import { describe, expect, test } from "vitest";
import { openBundle } from "../../engine/bundle/bundle.ts";
import { Refused } from "../../engine/bundle/checks.ts";
import { grantOfSubject } from "../../engine/grant/subject.ts";
import { canonical, type Json, sha256 } from "../../engine/json/value.ts";
import { type Grant, SEMANTICS } from "../../engine/policy/ir.ts";
import { demand } from "../bundle/world.ts";
import { policyFiles } from "../support/policy-folder.ts";

const ISSUER = "https://idp.example.org";
const NOW = Date.UTC(2026, 9, 1);
const DAY = 86_400_000;

function grant(id: string, oidc: Grant["oidc"], more: Partial<Grant> = {}): Grant {
  return {
    id,
    principal: { kind: "agent", id: `agent:${id}` },
    purpose: "treatment",
    access: {},
    attributes: {},
    ...(oidc === undefined ? {} : { oidc }),
    issued: NOW - DAY,
    expires: NOW + DAY,
    ...more,
  };
}

const repository = (...grants: readonly Grant[]) => ({
  grants: Object.fromEntries(grants.map((one) => [one.id, one])),
});
const nurse = { issuer: ISSUER, subject: "nurse-1" };

describe("whose identity it is", () => {
  test.each<[string, readonly Grant[], string, string, string | undefined]>([
    [
      "the one grant's that names it",
      [grant("a", nurse), grant("b", undefined)],
      ISSUER,
      "nurse-1",
      "a",
    ],
    ["nobody's, at another issuer", [grant("a", nurse)], `${ISSUER}/`, "nurse-1", undefined],
    ["nobody's, under another name", [grant("a", nurse)], ISSUER, "Nurse-1", undefined],
    ["nobody's, with a name of the language", [grant("a", nurse)], ISSUER, "__proto__", undefined],
    [
      "nobody's, when two name it",
      [grant("a", nurse), grant("b", nurse)],
      ISSUER,
      "nurse-1",
      undefined,
    ],
    [
      "the new grant's, when the old one is over",
      [grant("a", nurse, { expires: NOW }), grant("b", nurse)],
      ISSUER,
      "nurse-1",
      "b",
    ],
    ["nobody's yet", [grant("a", nurse, { issued: NOW + 1 })], ISSUER, "nurse-1", undefined],
    // Glued together the two pairs would be one text.
    [
      "its own, when another pair reads alike",
      [
        grant("a", { issuer: "https://a.example", subject: 'b","c' }),
        grant("b", { issuer: 'https://a.example","b', subject: "c" }),
      ],
      "https://a.example",
      'b","c',
      "a",
    ],
  ])("%s", (_, grants, issuer, subject, expected) => {
    expect(grantOfSubject(repository(...grants), issuer, subject, NOW)?.id).toBe(expected);
  });
});

test("a release in which two grants have one identity does not run, whoever signed it", async () => {
  const files = policyFiles({ ehr: { type: "http", url: "https://ehr.example.org/mcp" } });
  const bundle = (subject: string): Buffer => {
    const authentication = { oidc: { issuer: ISSUER, subject } };
    const all = {
      ...files,
      "grants/nurse.yaml": { ...files["grants/nurse.yaml"], authentication: { oidc: nurse } },
      "grants/clerk.yaml": { ...files["grants/clerk.yaml"], authentication },
    };
    const listed = Object.entries(all)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, file]) => ({ path, text: JSON.stringify(file) }));
    const value: unknown = { type: "phiward.bundle/1", semantics: SEMANTICS, files: listed };
    return Buffer.from(canonical(value as Json));
  };
  const open = (bytes: Buffer) => openBundle(bytes, sha256(bytes.toString()), "test", demand);
  expect((await open(bundle("clerk-1"))).grants.size).toBe(5);
  const refused = await open(bundle("nurse-1")).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect((refused as Refused).check).toBe("compile");
});
