/** Mutants of a grant: for longer, for somebody else, for another purpose, with another policy. */
import type { Grant, Repository, Scalar } from "../policy/ir.ts";
import type { LoadedFile } from "../policy/load.ts";
import { DAY, formatDay } from "../policy/time.ts";
import type { GrantFile } from "../schema/types.ts";
import type { Pointer } from "../source.ts";
import { dropped, without } from "./lists.ts";
import type { Mutant } from "./mutant.ts";

type Make = (at: Pointer, mutation: string, value: Grant) => Mutant;

export function grantMutants(
  { located, compiled }: LoadedFile<GrantFile, Grant>,
  repository: Repository,
): readonly Mutant[] {
  if (compiled === undefined) return [];
  const mutant: Make = (at, mutation, value) => ({
    mutation,
    place: located.place(at, "key"),
    pointer: at,
    edit: { of: "grant", value },
  });
  return [
    ...dateMutants(compiled, mutant),
    ...identityMutants(compiled, mutant),
    ...accessMutants(compiled, located.value, repository, mutant),
    ...Object.entries(compiled.attributes).flatMap(([name, value]) =>
      attributeMutants(compiled, name, value, repository, mutant),
    ),
  ];
}

function dateMutants(grant: Grant, mutant: Make): readonly Mutant[] {
  return (["issued", "expires"] as const).flatMap((key) =>
    [-DAY, DAY].map((change) => {
      const day = grant[key] + change;
      const mutation = `\`${key}: ${formatDay(grant[key])}\` becomes \`${formatDay(day)}\``;
      return mutant([key], mutation, { ...grant, [key]: day });
    }),
  );
}

function identityMutants(grant: Grant, mutant: Make): readonly Mutant[] {
  const { purpose, principal } = grant;
  const other = purpose === "operations" ? "treatment" : "operations";
  const kind = principal.kind === "person" ? "agent" : "person";
  const { responsible, ...alone } = principal;
  return [
    mutant(["purpose"], `\`purpose: ${purpose}\` becomes \`${other}\``, {
      ...grant,
      purpose: other,
    }),
    mutant(["principal", "kind"], `\`kind: ${principal.kind}\` becomes \`${kind}\``, {
      ...grant,
      principal: { ...principal, kind },
    }),
    ...(responsible === undefined
      ? []
      : [
          mutant(["principal", "responsible"], "nobody answers for it: drop `responsible`", {
            ...grant,
            principal: alone,
          }),
        ]),
  ];
}

function accessMutants(
  grant: Grant,
  written: GrantFile,
  repository: Repository,
  mutant: Make,
): readonly Mutant[] {
  return Object.entries(grant.access).flatMap(([server, policy]) => {
    const index = written.access.findIndex((item) => item.server === server);
    const other = Object.keys(repository.policies).find((name) => name !== policy);
    return [
      mutant(["access", index], `no access to \`${server}\``, {
        ...grant,
        access: dropped(grant.access, server),
      }),
      ...(other === undefined
        ? []
        : [
            mutant(["access", index, "policy"], `\`policy: ${policy}\` becomes \`${other}\``, {
              ...grant,
              access: { ...grant.access, [server]: other },
            }),
          ]),
    ];
  });
}

function attributeMutants(
  grant: Grant,
  name: string,
  value: Scalar | readonly Scalar[],
  { grants }: Repository,
  mutant: Make,
): readonly Mutant[] {
  const with_ = (changed: Scalar | readonly Scalar[]): Grant => ({
    ...grant,
    attributes: { ...grant.attributes, [name]: changed },
  });
  const at = ["attributes", name];
  const members = [value].flat() as Scalar[];
  const more = Object.values(grants)
    .flatMap(({ attributes }) => [attributes[name] ?? []].flat() as Scalar[])
    .find((one) => !members.includes(one));
  return [
    mutant(at, `drop the attribute \`${name}\``, {
      ...grant,
      attributes: dropped(grant.attributes, name),
    }),
    ...(Array.isArray(value) && members.length > 1
      ? members.map((_, index) =>
          mutant(
            [...at, index],
            `one value less in the attribute \`${name}\``,
            with_(without(members, index)),
          ),
        )
      : []),
    ...(more === undefined
      ? []
      : [
          mutant(
            at,
            `a value of another grant in the attribute \`${name}\``,
            with_(Array.isArray(value) ? [...members, more] : more),
          ),
        ]),
  ];
}
