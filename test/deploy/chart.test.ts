/**
 * The Helm chart, without Helm: what a template refers to exists, what a value says is used, and what
 * is left when the actions are taken out is YAML of the right kinds. A cluster has not been asked.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import type { Json } from "../../engine/json/value.ts";
import { parse as parseFile } from "../../engine/policy/parse.ts";
import { validate } from "../../engine/schema/validate.ts";
import type { Located } from "../../engine/source.ts";

const chart = join(import.meta.dirname, "../../deploy/helm/phiward");
const read = (path: string): string => readFileSync(join(chart, path), "utf8");
const names = readdirSync(join(chart, "templates"));
const manifests = names.filter((name) => name.endsWith(".yaml"));
const everything = names.map((name) => read(`templates/${name}`)).join("\n");

type Fields = Readonly<Record<string, unknown>>;
const values = parse(read("values.yaml")) as Fields;

function at(path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Fields)[key], values);
}

const referred = new Set(
  [...everything.matchAll(/\.Values\.([A-Za-z.]+)/g)].map(([, path]) => path!),
);

/** The paths of all values that hold no others, or that a template takes as a whole. */
function leaves(value: unknown, path = ""): readonly string[] {
  if (path !== "" && referred.has(path)) return [path];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([key, one]) =>
    leaves(one, path === "" ? key : `${path}.${key}`),
  );
}

/** A template with its actions taken out: a block's lines stay, a text that is put in becomes a word. */
function bare(text: string): string {
  return (
    text
      .split("\n")
      // Within `with`: it may be nothing.
      .filter((line) => !/toYaml \. \|/.test(line))
      .filter(
        (line) => !/^\s*\{\{-? *(if|else|end|with|range|fail|\$|define)\b.*\}\}\s*$/.test(line),
      )
      .map((line) =>
        line.replace(
          /^(\s*)\{\{-? *(toYaml|include)\b.*nindent ([0-9]+) *\}\}/,
          (_, __, ___, n) => `${" ".repeat(Number(n))}put: in`,
        ),
      )
      .map((line) => line.replaceAll(/\{\{[^}]*\}\}/g, "word"))
      .join("\n")
  );
}

interface Manifest extends Fields {
  readonly kind: string;
  readonly spec: Fields;
}
const documents = manifests.flatMap((name) =>
  parseAllDocuments(bare(read(`templates/${name}`)), { uniqueKeys: false }).map((document) => {
    expect(document.errors, name).toEqual([]);
    return document.toJS() as Manifest;
  }),
);
const only = (kind: string): Manifest => documents.find((one) => one.kind === kind)!;

describe("the templates", () => {
  test("refer to values that exist", () => {
    for (const path of referred) expect(at(path), path).toBeDefined();
  });

  test("use every value", () => {
    expect(leaves(values).filter((path) => !referred.has(path))).toEqual([]);
  });

  test("include what is defined", () => {
    const defined = new Set([...everything.matchAll(/define "([^"]+)"/g)].map(([, name]) => name));
    for (const [, name] of everything.matchAll(/include "([^"]+)"/g))
      expect(defined).toContain(name);
  });

  test.each(names)("%s closes what it opens", (name) => {
    const text = read(`templates/${name}`);
    const opened = text.match(/\{\{-? *(if|range|with|define)\b/g) ?? [];
    expect(text.match(/\{\{-? *end *-?\}\}/g) ?? []).toHaveLength(opened.length);
  });

  test("are the kinds that they are meant to be", () => {
    expect(documents.map(({ kind }) => kind).sort()).toEqual([
      "ConfigMap",
      "NetworkPolicy",
      "PodDisruptionBudget",
      "Service",
      "Service",
      "ServiceMonitor",
      "StatefulSet",
    ]);
  });
});

describe("a pod", () => {
  const template = only("StatefulSet").spec.template as { readonly spec: Fields };
  const [container] = template.spec.containers as readonly Fields[];

  test("has no rights that it does not need", () => {
    expect(template.spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65532,
        fsGroupChangePolicy: "OnRootMismatch",
        seccompProfile: { type: "RuntimeDefault" },
      },
    });
    expect(container!.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  test("is alive while it denies, and gets calls only while it serves", () => {
    const path = (probe: unknown): unknown => (probe as { httpGet: Fields }).httpGet.path;
    expect(path(container!.livenessProbe)).toBe("/healthz");
    expect(path(container!.readinessProbe)).toBe("/readyz");
  });

  test("mounts only volumes that there are, and secrets only to read", () => {
    const volumes = (template.spec.volumes as readonly Fields[]).map(({ name }) => name);
    for (const { name, readOnly } of container!.volumeMounts as readonly Fields[]) {
      expect(["state", ...volumes]).toContain(name);
      expect(readOnly === true || name === "state" || name === "tmp", String(name)).toBe(true);
    }
  });

  test("keeps its log when it is deleted, and has longer to stop than a drain takes", () => {
    expect(only("StatefulSet").spec.persistentVolumeClaimRetentionPolicy).toEqual({
      whenDeleted: "Retain",
      whenScaled: "Retain",
    });
    expect(template.spec.terminationGracePeriodSeconds).toBeGreaterThan(12);
  });
});

test("the engine.yaml of the values is one", () => {
  const text = JSON.stringify({ ...(values.engine as Fields), state: "/var/lib/phiward" });
  const parsed = parseFile("engine.yaml", text);
  expect("located" in parsed).toBe(true);
  const checked = validate("engine", (parsed as { located: Located<Json> }).located);
  expect(checked.ok ? [] : checked.findings.map(({ message }) => message)).toEqual([]);
});
