/** Nats a token, three digits behind the point: finer differences than that are noise between seeds. */
export function lossText(loss: number): string {
  return loss.toFixed(3);
}

/** `0.62×` */
export function ratioText(ratio: number): string {
  return `${ratio.toFixed(2)}×`;
}

/** `12,800` */
export function countText(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

/** `−1.25`, with a typeset minus; `0.00` has no sign, also where a negative number rounds to it. */
export function decimalText(value: number, digits: number): string {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) > 0 ? `−${text}` : text;
}

/** The same of a difference: `+1.25`, `−1.25`, `0.00`. */
export function signedText(value: number, digits: number): string {
  const text = decimalText(value, digits);
  return value > 0 && Number(text) > 0 ? `+${text}` : text;
}

/** `1 run`, `12 runs`; `1 task is`, `3 tasks are` where the plural is not an s. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/** `0.003`, `3.16e-4` */
export function lrText(lr: number): string {
  return lr >= 1e-3 ? String(Number(lr.toPrecision(4))) : Number(lr.toPrecision(4)).toExponential();
}

/** A number as text; of two that are shown side by side, the second in the unit of the first. */
export type NumberText = (value: number, like?: number) => string;

/** `3.427 ± 0.011`, `49.2 s ± 0.3 s`; the mean alone where there is no deviation. */
export function deviationText({ mean, sd }: { readonly mean: number; readonly sd: number }, text: NumberText): string {
  return Number.isNaN(sd) ? text(mean) : `${text(mean)} ± ${text(sd, mean)}`;
}

/**
 * `0 s`, `340 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min`
 * @param like In the unit, and with the digits, of this time.
 */
export function timeText(seconds: number, like = seconds): string {
  const ms = 1000 * seconds;
  if (like === 0) return seconds === 0 ? '0 s' : timeText(seconds);
  if (like < 0.00995) return `${ms.toFixed(1)} ms`;
  if (like < 0.9995) return `${ms.toFixed(0)} ms`;
  if (like < 99.95) return `${seconds.toFixed(1)} s`;
  if (Math.round(like) < 3600) return inTwoUnits(Math.round(seconds), 'min', 's');
  return inTwoUnits(Math.round(seconds / 60), 'h', 'min');
}

/** Sixty of the smaller unit make one of the larger. */
function inTwoUnits(count: number, larger: string, smaller: string): string {
  const whole = Math.floor(count / 60);
  return `${whole === 0 ? '' : `${whole} ${larger} `}${count % 60} ${smaller}`;
}

/** The same of milliseconds. */
export function millisecondsText(ms: number, like = ms): string {
  return timeText(ms / 1000, like / 1000);
}

/** `3.4 MB`; a MB is a million bytes. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)} ${units[power]}`;
}

/** `1.2 G` floating-point operations; negative where something takes fewer than what it is compared with. */
export function operationsText(operations: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P'];
  const size = Math.abs(operations);
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  const value = size / 1000 ** power;
  const digits = power === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1);
  return `${operations < 0 && Number(digits) > 0 ? '−' : ''}${digits}${units[power]!}`;
}

/** Breaks lines between words; a word that is longer than a line stays whole. */
export function wrapText(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join('\n');
}
