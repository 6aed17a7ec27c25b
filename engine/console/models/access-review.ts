/** The access review: every grant with what it can reach and what it used, and a decision about each. */
import { type AccessRow, access } from "../../access/access.ts";
import type { Index } from "../../audit/index/schema.ts";
import { type Digest, digestOf, type Json } from "../../json/value.ts";
import type { Repository } from "../../policy/ir.ts";
import { type AccessSignature, accessSignatures } from "../../review/signed.ts";
import type { Books } from "../books.ts";
import type { Policy } from "../policy.ts";
import { useOf } from "./facets.ts";
import { type Person, people } from "./people.ts";

export interface SheetRow extends Person {
  /** `server/tool` that some call of it can reach. */
  readonly reach: readonly string[];
  /** Of these, those with patient data. */
  readonly ephi: number;
  /** Of these, those that it never used. */
  readonly unused: readonly string[];
}

export interface AccessReview {
  readonly rows: readonly SheetRow[];
  /** Names the policies as they are reviewed: a commit of Git, or the digest of an unsigned work tree. */
  readonly commit: string;
  /** Of the sheet: the policies, what each grant can reach, and what of it was never used. */
  readonly digest: Digest;
  readonly signatures: readonly AccessSignature[];
}

export const CHOICES = ["keep", "narrow", "revoke"] as const;
export type Choice = (typeof CHOICES)[number];

export async function accessReview(
  books: Books,
  { repository, release }: Policy,
  index: Index,
  at: number,
): Promise<AccessReview> {
  const reach = Map.groupBy(reachOf(repository, at), ({ grant }) => grant);
  const used = new Set(
    useOf(index)
      .filter(({ allowed }) => allowed > 0)
      .map(({ grant, server, target }) => `${grant} ${server}/${target}`),
  );
  const { people: persons } = await people(books, repository, index, at);
  const rows = persons
    .map((person): SheetRow => {
      const own = reach.get(person.grant.id) ?? [];
      const names = own.map(
        ({ server, tool, method }) => `${server}/${tool === "" ? method : tool}`,
      );
      return {
        ...person,
        reach: names,
        ephi: own.filter(({ ephi }) => ephi).length,
        unused: names.filter((one) => !used.has(`${person.grant.id} ${one}`)),
      };
    })
    .sort((a, b) => (a.grant.id < b.grant.id ? -1 : 1));
  return {
    rows,
    commit: release?.predicate.source.commit ?? repository.digest,
    digest: sheetDigest(repository, rows),
    signatures: accessSignatures({ folder: books.audit.log, index }).toReversed(),
  };
}

/** Of what is decided about. How often something was used changes while one reads, and is left out. */
function sheetDigest({ digest }: Repository, rows: readonly SheetRow[]): Digest {
  const sheet = rows.map(({ grant, reach, unused }) => ({ grant: grant.id, reach, unused }));
  return digestOf({ policy: digest, sheet } as unknown as Json);
}

/** Proofs take their time, and change only with the policy. */
const proved = new WeakMap<Repository, readonly AccessRow[]>();

function reachOf(repository: Repository, at: number): readonly AccessRow[] {
  const known = proved.get(repository);
  if (known !== undefined) return known;
  const rows = access(repository, at).rows.filter((row) => row.access !== "none");
  proved.set(repository, rows);
  return rows;
}

/** The decisions of a form; a grant that it does not name is kept. */
export function choicesIn(
  form: URLSearchParams,
  rows: readonly SheetRow[],
): ReadonlyMap<string, Choice> {
  return new Map(
    rows.map(({ grant: { id } }) => {
      const said = CHOICES.find((one) => one === form.get(`decision.${id}`));
      return [id, said ?? "keep"];
    }),
  );
}
