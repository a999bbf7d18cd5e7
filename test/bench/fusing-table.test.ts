import { expect, it } from 'vitest';
import { fusingTable } from '../../bench/fusing-table.js';
import type { FusingRow } from '../../bench/fusing.js';

it('says after how long faster steps have earned back what compiling them takes', () => {
  const row = (optimizer: string, way: string, round: number, step_ms: number, startup_s: number): FusingRow => ({
    ...{ case: 'eighth', optimizer, way, round, step_ms, startup_s },
    ...{ measured_at: '', commit: '', library: '', device: '', threads: 2 },
  });
  const lines = fusingTable([
    ...[row('adamw', 'off', 1, 190, 1), row('adamw', 'on', 1, 160, 3)],
    ...[row('adamw', 'on', 2, 160, 3), row('adamw', 'off', 2, 210, 1)],
    ...[row('soap', 'off', 1, 200, 3), row('soap', 'on', 1, 200, 5)],
  ]);
  // 2 s more at the start, 40 ms less a step: 50 steps of 160 ms.
  expect(lines.at(-2)).toMatch(/^eighth +adamw +200\.0 +160\.0 +0\.80 +1\.0 +3\.0 +50 +8$/);
  expect(lines.at(-1)).toMatch(/^eighth +soap +200\.0 +200\.0 +1\.00 +3\.0 +5\.0 +never +–$/);
});
