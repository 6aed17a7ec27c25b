/** Calls with an identifier that chance has made in a real one's form, and calls without any. */

export interface Sample {
  readonly kind: string;
  readonly args: object;
}

/** `each` of every kind. Deterministic. */
export function corpus(seed: number, each: number): { people: Sample[]; nobody: Sample[] } {
  const { int, pick, digits, letters } = chance(seed);
  const day = (): string =>
    `${int(1920, 2015)}-${String(int(1, 12)).padStart(2, "0")}-${String(int(2, 28)).padStart(2, "0")}`;
  const family = (): string =>
    pick(["Abara", "Brennan", "Castillo", "Dvorak", "Eriksen", "Fontaine", "Gupta", "Haddad"]);
  const given = (): string => pick(["Amara", "Bruno", "Chiara", "Dmitri", "Elena", "Farid"]);
  const area = (): string => `${int(2, 4)}${int(1, 9)}${int(2, 9)}`;
  const people: Readonly<Record<string, () => object>> = {
    ssn: () => {
      const number = `${int(101, 665)}-${int(10, 99)}-${int(1001, 9998)}`;
      return pick([{ ssn: number }, { note: `number on file ${number}` }]);
    },
    phone: () => {
      const number = `${area()}-${int(2, 4)}${int(10, 99)}-${int(1001, 9998)}`;
      return pick([{ phone: number }, { text: `reach her at ${number} after six` }]);
    },
    email: () => ({
      to: `${given()}.${family()}${int(1, 99)}@${pick(["mercy", "clinic7", "post"])}.org`,
    }),
    birth: () => pick([{ birthDate: day() }, { parameters: { birthdate: `eq${day()}` } }]),
    name: () =>
      pick<object>([
        { family: family(), given: given() },
        { patient_name: `${given()} ${family()}` },
        { resourceType: "Patient", name: [{ family: family() }] },
      ]),
    mrn: () =>
      pick<object>([
        { mrn: `S${digits(7)}` },
        { identifier: digits(8) },
        { text: `MRN ${digits(8)}, room 4` },
      ]),
    patient: () =>
      pick<object>([
        { patient: `Patient/${letters(2)}${digits(8)}` },
        { subject: { reference: `Patient/${digits(9)}` } },
        { patientId: digits(8) },
      ]),
    ip: () => ({ client: `${int(40, 99)}.${int(32, 255)}.${int(0, 255)}.${int(1, 254)}` }),
    url: () => ({ link: `https://portal.${pick(["mercy", "clinic7"])}.org/patients/${digits(6)}` }),
    address: () =>
      pick<object>([
        {
          text: `${int(2, 998)} ${pick(["Harbour", "Linden", "Quarry"])} ${pick(["Road", "Avenue", "Lane"])}`,
        },
        { patient: { postalCode: `${int(10, 98)}${digits(3)}` } },
      ]),
    account: () =>
      pick<object>([{ accountNumber: digits(10) }, { note: `account no. ${digits(9)}` }]),
    member: () => ({ memberId: `${letters(3)}${digits(9)}` }),
  };
  const nobody: Readonly<Record<string, () => object>> = {
    paging: () => ({ _count: int(1, 500), offset: int(0, 90_000), _sort: "-date" }),
    code: () => ({ code: `${digits(4)}-${int(1, 9)}`, system: "http://loinc.org" }),
    snomed: () => ({ code: `http://snomed.info/sct|${digits(8)}`, resourceType: "Condition" }),
    example: () => ({ patient: `Patient/p-${int(1, 9_999)}`, date: `ge${day()}` }),
    fiction: () => ({
      phone: `${area()}-555-01${int(10, 99)}`,
      email: `u${digits(3)}@example.org`,
    }),
    value: () => ({
      valueQuantity: { value: int(1, 9_999) / 10, unit: "mmol/L" },
      status: "final",
    }),
    order: () => ({ medication: pick(["Metformin", "Lisinopril"]), dose: `${int(1, 900)} mg` }),
    hash: () => ({ id: `fix-${digits(4)}`, digest: letters(40).toLowerCase(), version: "2.10.0" }),
    local: () => ({ host: `192.168.${int(0, 255)}.${int(1, 254)}`, port: int(1_024, 65_535) }),
    words: () => ({
      query: pick(["latest potassium of the patient", "who is on ward North"]),
      name: "Ward report",
    }),
  };
  const of = (kinds: typeof people): Sample[] =>
    Object.entries(kinds).flatMap(([kind, make]) =>
      Array.from({ length: each }, () => ({ kind, args: make() })),
    );
  return { people: of(people), nobody: of(nobody) };
}

function chance(seed: number) {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  const pick = <T>(all: readonly T[]): T => all[int(0, all.length - 1)]!;
  const many = (alphabet: string, count: number): string =>
    Array.from({ length: count }, () => pick([...alphabet])).join("");
  return {
    int,
    pick,
    digits: (count: number): string => many("0123456789", count),
    letters: (count: number): string => many("ABCDEFGHJKLMNPQRSTUVWXYZ", count),
  };
}
