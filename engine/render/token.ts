/** What the token commands answer. Only `issue` and `rotate` show a token, and each only once. */
import type { IssuedToken } from "../grant/change.ts";
import type { ListedToken } from "../grant/list.ts";
import type { RevokedTokens } from "../grant/revoke.ts";
import type { RotatedToken } from "../grant/rotate.ts";
import { columns, type Paint, plural, type Style, visible } from "./paint.ts";

export function tokenIssueJson(issued: IssuedToken): object {
  return { schema: "phiward.token-issue/1", ...shown(issued) };
}

export function tokenRotateJson(rotated: RotatedToken): object {
  const { id, expiresAt } = rotated.old;
  return {
    schema: "phiward.token-rotate/1",
    ...shown(rotated),
    replaces: { id, expires: time(expiresAt) },
  };
}

function shown({ token, entry }: IssuedToken): object {
  return { token, id: entry.id, grant: entry.grant, expires: time(entry.expiresAt) };
}

/** Beside the token, for a person; not on standard output, which has the token alone. */
export function tokenNotice({ entry }: IssuedToken): string {
  return `token ${entry.id} of grant ${visible(entry.grant)}, valid until ${time(entry.expiresAt)}; it is shown only once`;
}

export function tokenRevokeJson({ revoked, already }: RevokedTokens): object {
  const ids = (entries: RevokedTokens["revoked"]) =>
    entries.map(({ id, grant }) => ({ id, grant }));
  return { schema: "phiward.token-revoke/1", revoked: ids(revoked), already: ids(already) };
}

export function tokenRevokeText({ revoked, already }: RevokedTokens, paint: Paint): string {
  return [
    ...revoked.map(({ id, grant }) => `${paint("green", "revoked")} ${id} of ${visible(grant)}`),
    ...already.map(({ id, grant }) => `${id} of ${visible(grant)} was revoked before`),
  ].join("\n");
}

export function tokenListJson(tokens: readonly ListedToken[]): object {
  return { schema: "phiward.token-list/1", tokens };
}

const STYLE: Readonly<Record<ListedToken["state"], Style>> = {
  live: "green",
  expired: "dim",
  revoked: "dim",
  orphaned: "yellow",
};
const STATE_COLUMN = 2;

export function tokenListText(tokens: readonly ListedToken[], paint: Paint): string {
  if (tokens.length === 0) return "no token";
  const rows = tokens.map(({ id, grant, state, created, expires }) => [
    id,
    visible(grant),
    state,
    `created ${minute(created)}`,
    `expires ${minute(expires)}`,
  ]);
  const live = tokens.filter(({ state }) => state === "live").length;
  return [
    ...columns(rows, (text, column, row) =>
      column === STATE_COLUMN ? paint(STYLE[tokens[row]!.state], text) : text,
    ),
    `${plural(tokens.length, "token")}, ${live} live`,
  ].join("\n");
}

function time(at: number): string {
  return new Date(at).toISOString();
}

function minute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)}`;
}
