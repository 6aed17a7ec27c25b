/** A list with one place changed. */

export function without<T>(list: readonly T[], index: number): readonly T[] {
  return list.filter((_, i) => i !== index);
}

export function replaced<T>(list: readonly T[], index: number, item: T): readonly T[] {
  return list.map((old, i) => (i === index ? item : old));
}

/** The record without one name. */
export function dropped<T>(
  record: Readonly<Record<string, T>>,
  name: string,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name));
}
