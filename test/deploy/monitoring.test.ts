/** The dashboard and the alerts speak of metrics that a running gateway has, with labels that they have. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { call, startWorld, type World } from "../support/gateway.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(root, path), "utf8");

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: {
    readonly h: number;
    readonly w: number;
    readonly x: number;
    readonly y: number;
  };
  readonly targets?: readonly { readonly expr: string }[];
}
interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}
const dashboard = JSON.parse(read("deploy/grafana/phiward.json")) as {
  readonly panels: readonly Panel[];
};
const rules = (
  parse(read("deploy/prometheus/alerts.yaml")) as {
    readonly groups: readonly { readonly rules: readonly Rule[] }[];
  }
).groups.flatMap((group) => group.rules);

/** What a scrape says: metric → the names of its labels. */
let scraped: ReadonlyMap<string, ReadonlySet<string>>;
let declared: ReadonlySet<string>;
let world: World;
beforeAll(async () => {
  world = await startWorld();
  await world.post(call("get_patient", { patient_id: "p-1" }));
  await world.post(call("search_patients"));
  await world.post(call("get_labs"), { token: "phw_nobody" });
  const { text } = await world.http("GET", { path: "/metrics" });
  scraped = samples(text);
  declared = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));
});
afterAll(() => world.stop());

function samples(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name, labels = ""] of text.matchAll(/^([a-z_:]+)(?:\{([^}]*)\})? /gm)) {
    const names = found.get(name!) ?? new Set();
    for (const [, label] of labels.matchAll(/([a-z_]+)="/g)) names.add(label!);
    found.set(name!, names);
  }
  return found;
}

/** The metrics of an expression, each with the labels that are asked of it. */
function asked(
  expr: string,
): readonly { readonly metric: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b((?:phiward|process)_[a-z_]+)(?:\{([^}]*)\})?/g)].map(
    ([, metric, labels = ""]) => ({
      metric: metric!,
      labels: [...labels.matchAll(/([a-z_]+)\s*(?:=|!)/g)].map(([, label]) => label!),
    }),
  );
}

/** Prometheus adds them to what it scrapes. */
const ADDED = new Set(["instance", "job"]);
/** They have no sample on a development gateway without TLS, and are declared all the same. */
const base = (metric: string): string => metric.replace(/_(bucket|count|sum)$/, "");

function expectKnown(expr: string): void {
  const metrics = asked(expr);
  expect(metrics.length + Number(expr.startsWith("up{")), expr).toBeGreaterThan(0);
  for (const { metric, labels } of metrics) {
    expect(declared.has(metric) || declared.has(base(metric)), metric).toBe(true);
    const known = scraped.get(metric);
    if (known === undefined) continue;
    expect(
      labels.filter((label) => !ADDED.has(label) && !known.has(label)),
      expr,
    ).toEqual([]);
  }
  // Brackets that do not close would be found by nobody here: there is no Prometheus.
  for (const pair of ["()", "{}", "[]"]) {
    expect(expr.split(pair[0]!).length, expr).toBe(expr.split(pair[1]!).length);
  }
}

describe("the dashboard", () => {
  const panels = dashboard.panels.filter(({ type }) => type !== "row");
  test.each(panels.map((panel) => [panel.title, panel] as const))("%s", (_, { targets = [] }) => {
    expect(targets.length).toBeGreaterThan(0);
    for (const { expr } of targets) expectKnown(expr);
  });

  test("has no two panels in one place", () => {
    const taken = new Set<string>();
    for (const { gridPos } of dashboard.panels) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let i = x; i < x + w; i++) {
        for (let j = y; j < y + h; j++) {
          expect(taken.has(`${i} ${j}`)).toBe(false);
          taken.add(`${i} ${j}`);
        }
      }
    }
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

describe("an alert", () => {
  const page = read("docs/operate.md");
  test.each(rules.map((rule) => [rule.alert, rule] as const))("%s", (name, rule) => {
    expectKnown(rule.expr);
    expect(rule.for ?? "1m").toMatch(/^[0-9]+[smhd]$/);
    expect(["critical", "warning", "info"]).toContain(rule.labels.severity);
    expect(rule.annotations.summary).not.toBe("");
    // Whoever is woken finds what to do.
    expect(page).toContain(`\`${name}\``);
  });

  test("speaks of every gauge that can go wrong", () => {
    const watched = new Set(
      rules.flatMap(({ expr }) => asked(expr)).map(({ metric }) => base(metric)),
    );
    const plain =
      /_(sessions|exchanges|audit_head|release_version|memory_bytes|start_time_seconds)$|dropped|monitored/;
    const gauges = [...declared].filter((name) => !plain.test(name));
    expect(gauges.filter((name) => !watched.has(name))).toEqual([]);
  });
});

test("every metric is named as Prometheus asks: our prefix, its unit last, counters with _total", async () => {
  const { text } = await world.http("GET", { path: "/metrics" });
  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)/gm)) {
    expect(name).toMatch(/^(phiward|process)_[a-z]+(_[a-z]+)*$/);
    expect(/_total$/.test(name!), name).toBe(type === "counter");
    if (type === "histogram") expect(name).toMatch(/_seconds$/);
    expect(text).toContain(`# HELP ${name} `);
  }
});
