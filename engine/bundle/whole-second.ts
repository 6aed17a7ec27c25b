/** Times in signed texts have no fraction: one instant, one text. `at` in epoch milliseconds. */
export function wholeSecond(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
