/**
 * Who may import whom: the table of ARCHITECTURE.md as a check. Data flows one way; what a room may
 * not import is what it can never come to depend on. test/architecture.test.ts plants violations and
 * expects each of these rules to see them.
 */
const BASE = ["^engine/(source|finding|suggest|errors)\\.ts$", "^engine/json/", "^engine/regex/"];
const POLICY_LEAVES = "^engine/policy/(ir|path|time|limits)\\.ts$";

/** A room, and everything of ours that it may import besides itself. */
const ROOMS = [
  {
    name: "base",
    from: "^engine/(source|finding|suggest|errors)\\.ts$|^engine/(json|regex)/",
    may: [],
  },
  { name: "host", from: "^engine/host/", may: [] },
  { name: "schema", from: "^engine/schema/", may: ["^engine/regex/"] },
  {
    name: "policy",
    from: "^engine/policy/",
    may: ["^engine/host/(tree|guards)\\.ts$", "^engine/schema/"],
  },
  { name: "quota", from: "^engine/quota/", may: [POLICY_LEAVES] },
  { name: "audit", from: "^engine/audit/", may: ["^engine/schema/", "^engine/decide/label\\.ts$"] },
  { name: "grant", from: "^engine/grant/", may: ["^engine/policy/(ir|time)\\.ts$"] },
  {
    name: "emergency",
    from: "^engine/emergency/",
    may: ["^engine/policy/(ir|time)\\.ts$", "^engine/grant/", "^engine/phi/"],
  },
  {
    name: "decide",
    from: "^engine/decide/",
    may: [POLICY_LEAVES, "^engine/schema/pinned\\.ts$", "^engine/quota/"],
  },
  {
    name: "calls",
    from: "^engine/calls/",
    may: ["^engine/host/tree\\.ts$", "^engine/policy/", "^engine/schema/", "^engine/decide/"],
  },
  {
    name: "prove",
    from: "^engine/prove/",
    may: [POLICY_LEAVES, "^engine/schema/", "^engine/decide/"],
  },
  {
    name: "compare",
    from: "^engine/compare/",
    may: [
      "^engine/host/guards\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/prove/",
    ],
  },
  ...["lint", "testing", "simulate", "catalog", "access"].map((name) => ({
    name,
    from: `^engine/${name}/`,
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/calls/",
      "^engine/prove/",
      "^engine/compare/",
      ...(name === "lint" ? ["^engine/phi/"] : []),
    ],
  })),
  ...["coverage", "mutate"].map((name) => ({
    name,
    from: `^engine/${name}/`,
    may: [
      "^engine/policy/",
      "^engine/schema/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/prove/",
      "^engine/compare/",
      "^engine/testing/",
    ],
  })),
  { name: "classify", from: "^engine/classify/", may: ["^engine/policy/(ir|path)\\.ts$"] },
  {
    name: "scan",
    from: "^engine/scan/",
    may: [
      "^engine/policy/(ir|path)\\.ts$",
      "^engine/schema/",
      "^engine/catalog/",
      "^engine/classify/",
      "^engine/render/paint\\.ts$",
    ],
  },
  {
    name: "gate",
    from: "^engine/gate/",
    may: [
      "^engine/host/(tree|guards)\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/decide/prepare\\.ts$",
      "^engine/calls/",
      "^engine/(lint|testing|coverage|mutate|simulate|compare)/",
    ],
  },
  {
    name: "bundle",
    from: "^engine/bundle/",
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/decide/(prepare|decide)\\.ts$",
      "^engine/compare/",
    ],
  },
  {
    name: "editor",
    from: "^engine/editor/",
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/decide/",
      "^engine/compare/quota\\.ts$",
      "^engine/lint/",
    ],
  },
  {
    name: "gateway",
    from: "^engine/gateway/",
    may: [
      "^engine/host/",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/prove/",
      "^engine/emergency/",
      "^engine/grant/",
      "^engine/audit/",
      "^engine/bundle/",
      "^engine/telemetry/",
      "^engine/postgres/",
    ],
  },
  {
    name: "operate",
    from: "^engine/operate/",
    may: [
      "^engine/host/host\\.ts$",
      "^engine/emergency/",
      "^engine/policy/time\\.ts$",
      "^engine/grant/",
      "^engine/audit/",
      "^engine/bundle/",
      "^engine/review/tell\\.ts$",
    ],
  },
  {
    name: "postgres",
    from: "^engine/postgres/",
    may: [
      "^engine/policy/(ir|time)\\.ts$",
      "^engine/quota/",
      "^engine/grant/",
      "^engine/emergency/",
      "^engine/audit/",
    ],
  },
  { name: "telemetry", from: "^engine/telemetry/", may: ["^engine/audit/record\\.ts$"] },
  {
    name: "import",
    from: "^engine/import/",
    may: ["^engine/policy/", "^engine/schema/", "^engine/author/"],
  },
  {
    name: "author",
    from: "^engine/author/",
    may: [
      "^engine/policy/",
      "^engine/schema/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/prove/",
      "^engine/compare/sides\\.ts$",
    ],
  },
  {
    name: "starter",
    from: "^engine/starter/",
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/calls/",
      "^engine/lint/",
      "^engine/author/",
      "^engine/mutate/",
    ],
  },
  {
    name: "render",
    from: "^engine/render/",
    // Types only: a report is a value before it is a text.
    may: [],
    types: ["^engine/"],
  },
  {
    name: "phi",
    from: "^engine/phi/",
    may: [POLICY_LEAVES, "^engine/decide/(label|value)\\.ts$"],
  },
  {
    name: "review",
    from: "^engine/review/",
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/decide/",
      "^engine/prove/",
      "^engine/compare/",
      "^engine/access/",
      "^engine/grant/",
      "^engine/audit/",
      "^engine/bundle/",
      "^engine/phi/",
      "^engine/lint/fix/",
    ],
  },
  {
    name: "evidence",
    from: "^engine/evidence/",
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/access/",
      "^engine/grant/",
      "^engine/audit/",
      "^engine/bundle/",
      "^engine/review/",
      "^engine/render/",
    ],
  },
  {
    name: "record",
    from: "^engine/record/",
    may: [
      "^engine/host/",
      "^engine/policy/",
      "^engine/quota/",
      "^engine/decide/",
      "^engine/grant/",
      "^engine/audit/",
      "^engine/simulate/",
      "^engine/phi/",
      "^engine/gateway/",
    ],
  },
  {
    name: "console",
    from: "^engine/console/",
    may: [
      "^engine/host/tree\\.ts$",
      "^engine/policy/",
      "^engine/schema/",
      "^engine/access/",
      "^engine/grant/",
      "^engine/audit/",
      "^engine/bundle/",
      "^engine/review/",
      "^engine/gateway/(tls|console-config)\\.ts$",
      "^engine/render/",
    ],
  },
  {
    name: "cli",
    from: "^cli/",
    may: ["^engine/index\\.ts$", "^engine/(gateway|record|console|postgres)/index\\.ts$"],
  },
  { name: "action", from: "^action/", may: ["^engine/index\\.ts$"] },
];

const rooms = ROOMS.map(({ name, from, may, types = [] }) => ({
  name: `room-${name}`,
  severity: "error",
  comment: `${name} imports only what the table in ARCHITECTURE.md lists`,
  from: { path: from },
  to: {
    path: "^(engine|cli|action|test|scripts|examples)/",
    pathNot: [from, ...BASE, ...may],
    ...(types.length > 0 ? { dependencyTypesNot: ["type-only"] } : {}),
  },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: "no-cycle",
      severity: "error",
      comment: "two files that need each other are one file, or a third is missing",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-network",
      severity: "error",
      comment: "nothing that judges a policy can send it anywhere",
      from: {
        path: "^(engine|cli)/",
        pathNot: "^engine/((gateway|bundle/store|console|postgres)/|audit/export/post\\.ts$)",
      },
      to: {
        path: "^(node:)?(net|tls|http|https|http2|dgram|dns)$|(^|node_modules/)(undici|pg|@modelcontextprotocol)",
      },
    },
    {
      name: "no-files-in-the-core",
      severity: "error",
      comment:
        "only the host, the stores, the gateway and the reader of our own schemas touch the file system",
      from: {
        path: "^engine/",
        pathNot: [
          "^engine/host/",
          "^engine/schema/read\\.ts$",
          "^engine/grant/",
          "^engine/emergency/",
          "^engine/audit/",
          "^engine/postgres/",
          "^engine/operate/",
          "^engine/bundle/(store|signer)/",
          "^engine/gateway/",
          "^engine/record/",
          "^engine/console/",
          "^engine/evidence/",
        ],
      },
      to: { path: "^(node:)?(fs|fs/promises|child_process|process|os|worker_threads)$" },
    },
    {
      name: "no-development-dependency",
      severity: "error",
      comment: "adopters do not have them",
      from: { path: "^(engine|cli)/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"],
        // An optional peer: whoever wants the language server installs it, and we have it to test.
        dependencyTypesNot: ["npm-peer"],
      },
    },
    {
      name: "no-undeclared-dependency",
      severity: "error",
      comment:
        "the Action carries what it needs in its bundle, so a development dependency will do",
      from: { path: "^action/" },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    { name: "not-found", severity: "error", from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^action/dist/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
