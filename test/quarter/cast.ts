/** Who works at St. Elsewhere: 400 principals, the people who answer for them, and their patients. */

export const QUARTER_START = Date.UTC(2026, 6, 1);
export const QUARTER_END = Date.UTC(2026, 9, 1);
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

export const PATIENTS = 60_000;

const PLACES = "north east south west harbour hill river market".split(" ");
const FIELDS = ["medicine", "surgery", "paediatrics"];
export const CLINICS: readonly string[] = FIELDS.flatMap((field) =>
  PLACES.map((place) => `${place}-${field}`),
);

/** A patient's id; `n` from 0. Each clinic has every 24th. */
export function patientId(n: number): string {
  return `p-${String(100_000 + n)}`;
}

export type RoleName =
  | "bedside"
  | "triage"
  | "billing"
  | "imaging"
  | "booking"
  | "cohort"
  | "clinician"
  | "er-assist"
  | "consult"
  | "records-desk";

export interface Role {
  readonly name: RoleName;
  readonly kind: "person" | "agent" | "service";
  readonly count: number;
  readonly purpose: string;
  /** Server → policy. */
  readonly access: Readonly<Record<string, string>>;
  /** Hours of the day (UTC) at which it works. */
  readonly from: number;
  readonly to: number;
  readonly weekend: number;
  /** How busy it is, beside the others. */
  readonly weight: number;
}

const ROLES: readonly Role[] = [
  {
    ...{ name: "bedside", kind: "agent", count: 120, purpose: "treatment" },
    ...{ access: { ehr: "lookup" }, from: 0, to: 24, weekend: 0.8, weight: 14 },
  },
  {
    ...{ name: "triage", kind: "agent", count: 48, purpose: "treatment" },
    ...{
      access: { ehr: "triage", scheduling: "booking" },
      from: 6,
      to: 22,
      weekend: 0.5,
      weight: 10,
    },
  },
  {
    ...{ name: "billing", kind: "agent", count: 48, purpose: "payment" },
    ...{ access: { ehr: "billing" }, from: 8, to: 18, weekend: 0, weight: 12 },
  },
  {
    ...{ name: "imaging", kind: "agent", count: 64, purpose: "treatment" },
    ...{ access: { imaging: "imaging" }, from: 5, to: 23, weekend: 0.4, weight: 6 },
  },
  {
    ...{ name: "booking", kind: "service", count: 44, purpose: "operations" },
    ...{ access: { scheduling: "booking" }, from: 0, to: 24, weekend: 0.6, weight: 20 },
  },
  {
    ...{ name: "cohort", kind: "service", count: 6, purpose: "research" },
    ...{ access: { ehr: "research-export" }, from: 1, to: 5, weekend: 1, weight: 5 },
  },
  {
    ...{ name: "clinician", kind: "person", count: 64, purpose: "treatment" },
    ...{ access: { ehr: "lookup", imaging: "imaging" }, from: 7, to: 19, weekend: 0.1, weight: 3 },
  },
  {
    ...{ name: "er-assist", kind: "agent", count: 2, purpose: "emergency" },
    ...{ access: { ehr: "emergency" }, from: 0, to: 24, weekend: 1, weight: 0 },
  },
  // Granted and never used: nobody would miss it.
  {
    ...{ name: "consult", kind: "agent", count: 2, purpose: "treatment" },
    ...{ access: { ehr: "lookup" }, from: 0, to: 24, weekend: 1, weight: 0 },
  },
  // Has three servers, and works with one.
  {
    ...{ name: "records-desk", kind: "agent", count: 2, purpose: "operations" },
    ...{
      access: { ehr: "lookup", imaging: "imaging", scheduling: "booking" },
      ...{ from: 8, to: 17, weekend: 0, weight: 8 },
    },
  },
];

const FIRST = "b c d f g h k l n p r t v w y z".split(" ");
const LAST = "abara brandt castell dunmore eklund farrow gallo hollis".split(" ");

/** Invented people: none of them works anywhere. There are 128. */
function person(n: number): string {
  return `person:${FIRST[n % FIRST.length]!}.${LAST[Math.floor(n / FIRST.length)]!}`;
}

export interface Member {
  readonly n: number;
  readonly role: Role;
  /** Of its grant. */
  readonly id: string;
  readonly principal: string;
  /** Of an agent or a service. */
  readonly responsible: string | undefined;
  /** The number of its clinic in CLINICS. */
  readonly clinic: number;
}

/** The principals that call tools; with the four of AUDITORS there are 404 grants. */
export const CAST: readonly Member[] = ROLES.flatMap((role) =>
  Array.from({ length: role.count }, (_, i) => ({ role, i })),
).map(({ role, i }, n) => {
  const id = `${role.name}-${i + 1}`;
  const clinic = i % CLINICS.length;
  return {
    ...{ n, role, id, clinic },
    principal: role.kind === "person" ? person(i) : `${role.kind}:${id}`,
    responsible: role.kind === "person" ? undefined : person(64 + (clinic % 12)),
  };
});

/** People who look at what the others do. */
export const AUDITORS = [
  { id: "privacy-officer", principal: "person:m.chen", audit: "sign" },
  { id: "security-officer", principal: "person:s.park", audit: "sign" },
  { id: "auditor", principal: "person:e.winter", audit: "read" },
  { id: "er-lead", principal: "person:a.okafor", audit: "read" },
] as const;

export const PEOPLE = {
  privacy: "person:m.chen",
  security: "person:s.park",
  er: "person:a.okafor",
};

export function memberNamed(id: string): Member {
  const member = CAST.find((one) => one.id === id);
  if (member === undefined) throw new Error(`nobody has the grant ${id}`);
  return member;
}
