/** What the token commands answer. Only `issue` and `rotate` show a token, and each only once. */
import type { Bar, Barred, ListedBar } from "../grant/bar.ts";
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

export function tokenRevokeJson(
  { revoked, already }: RevokedTokens,
  barred: Barred | undefined,
): object {
  const ids = (entries: RevokedTokens["revoked"]) =>
    entries.map(({ id, grant }) => ({ id, grant }));
  return {
    schema: "phiward.token-revoke/1",
    revoked: ids(revoked),
    already: ids(already),
    ...(barred === undefined
      ? {}
      : {
          barred: {
            grant: barred.bar.grant,
            since: time(barred.bar.at),
            already: barred.already,
          },
        }),
  };
}

export function tokenRevokeText(
  { revoked, already }: RevokedTokens,
  barred: Barred | undefined,
  paint: Paint,
): string {
  return [
    ...revoked.map(({ id, grant }) => `${paint("green", "revoked")} ${id} of ${visible(grant)}`),
    ...already.map(({ id, grant }) => `${id} of ${visible(grant)} was revoked before`),
    ...(barred === undefined ? [] : [barredText(barred, paint)]),
  ].join("\n");
}

function barredText({ bar, already }: Barred, paint: Paint): string {
  const grant = visible(bar.grant);
  return already
    ? `${grant} has been barred since ${minute(time(bar.at))}`
    : `${paint("green", "barred")} ${grant}: none of its issuer's tokens is taken until \`phiward token admit --grant ${grant}\``;
}

export function tokenAdmitJson({ grant, at, liftedAt }: Bar): object {
  return { schema: "phiward.token-admit/1", grant, barred: time(at), admitted: time(liftedAt!) };
}

export function tokenAdmitText({ grant }: Bar, paint: Paint): string {
  return `${paint("green", "admitted")} ${visible(grant)}: tokens that its issuer gives out from now on are taken`;
}

export function tokenListJson(
  tokens: readonly ListedToken[],
  barred: readonly ListedBar[],
): object {
  return { schema: "phiward.token-list/1", tokens, barred };
}

const STYLE: Readonly<Record<ListedToken["state"], Style>> = {
  live: "green",
  expired: "dim",
  revoked: "dim",
  orphaned: "yellow",
};
const STATE_COLUMN = 2;

export function tokenListText(
  tokens: readonly ListedToken[],
  barred: readonly ListedBar[],
  paint: Paint,
): string {
  const bars = barred.map(
    ({ grant, since }) => `${visible(grant)}  ${paint("yellow", "barred")}  since ${minute(since)}`,
  );
  if (tokens.length === 0) return [...bars, "no token"].join("\n");
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
    ...bars,
    `${plural(tokens.length, "token")}, ${live} live`,
  ].join("\n");
}

function time(at: number): string {
  return new Date(at).toISOString();
}

function minute(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)}`;
}
