// How benchmarks print what they measured.

/** The value below which `share` of those in `sorted` are. */
export const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;

/** With as many digits as mean something. */
export const figure = (number) => number.toFixed(number < 10 ? 2 : number < 100 ? 1 : 0);

/** As Markdown, aligned. */
export function table([head, ...rows]) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, it) => (it ? cell.padStart(widths[it]) : cell.padEnd(widths[it]))).join(" | ")} |`;
  console.log(line(head));
  console.log(line(widths.map((width, it) => (it ? `${"-".repeat(width - 1)}:` : "-".repeat(width)))));
  for (const row of rows) console.log(line(row));
}
