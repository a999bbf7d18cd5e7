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

/** `0.003`, `3.16e-4` */
export function lrText(lr: number): string {
  return lr >= 1e-3 ? String(Number(lr.toPrecision(4))) : Number(lr.toPrecision(4)).toExponential();
}

/** `0 s`, `340 ms`, `1.2 s`, `3 min 20 s`, `2 h 5 min` */
export function timeText(seconds: number): string {
  const ms = 1000 * seconds;
  if (ms === 0) return '0 s';
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
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
