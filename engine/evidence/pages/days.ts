/** The calls of each day, drawn; the numbers stand in a file beside it. */
import { timeline } from "../../render/charts.ts";
import type { Facts } from "../facts.ts";

export function days(id: string, { review }: Facts): string {
  const { days: rows, totals } = review.report.activity;
  const words = {
    id,
    title: "Calls by day",
    description: `${totals.calls.now.toLocaleString("en")} calls on ${rows.length} days; what was denied stands on top.`,
  };
  const points = rows.map(({ day, calls, denied }) => ({
    label: day.slice(5),
    value: calls,
    part: denied,
  }));
  return `<figure class="chart"><figcaption>Calls by day; those denied on top. Numbers: <a href="data/days.csv">data/days.csv</a></figcaption>
${timeline(words, points)}</figure>`;
}
