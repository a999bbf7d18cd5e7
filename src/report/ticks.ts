/**
 * Round numbers in a range for an axis: 1, 2 or 5 times a power of ten apart, as many as fit into `count`.
 * @returns The numbers in ascending order, with the texts that have just the digits they need.
 */
export function ticks(from: number, to: number, count: number): { value: number; text: string }[] {
  const step = [1, 2, 5, 10].map((factor) => factor * 10 ** Math.floor(Math.log10((to - from) / count)));
  const chosen = step.find((size) => Math.floor(to / size) - Math.ceil(from / size) < count) ?? step[3]!;
  const digits = Math.max(0, -Math.floor(Math.log10(chosen) + 1e-9));
  const first = Math.ceil(from / chosen - 1e-9);
  const last = Math.floor(to / chosen + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const value = (first + i) * chosen;
    return { value, text: digits === 0 ? value.toLocaleString('en-US') : value.toFixed(digits) };
  });
}
