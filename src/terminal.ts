/** Whether lines on a stream can be drawn over: bars are for a terminal that knows how, and for people who look at it. */
export function canRedraw(stream: { isTTY?: boolean }, env = process.env): boolean {
  const isCi = env.CI !== undefined && env.CI !== '' && env.CI !== 'false';
  return stream.isTTY === true && env.TERM !== 'dumb' && !isCi;
}
