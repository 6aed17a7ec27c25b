/** The smallest and the largest of numbers, of which there may be more than a call takes arguments. */
export function extentOf(numbers: readonly number[]): {
  readonly least: number;
  readonly most: number;
} {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) {
    least = Math.min(least, number);
    most = Math.max(most, number);
  }
  return { least, most };
}
