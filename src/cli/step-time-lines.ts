import { timeText } from '../report/format.js';
import { mean } from '../report/statistics.js';
import type { StepTimeObserver } from '../step-time/measure.js';
import { warningText } from './output.js';

/** With this share of the processors taken by others, times say little about the code. */
const disturbing = 0.1;

/** A line for every measurement, and a warning where others disturbed it. */
export function stepTimeLines(rounds: number, say: (line: string) => void): StepTimeObserver {
  let [done, all] = [0, 0];
  return {
    planned(settings) {
      all = rounds * settings.length;
      const count = `${settings.length} ${settings.length === 1 ? 'setting' : 'settings'}`;
      say(`timing ${count}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`);
    },
    timed({ setting }, round, { calls, busy }) {
      done += 1;
      const count = `${String(done).padStart(String(all).length)}/${all}`;
      const time = timeText(mean(calls.map(({ step_ms }) => step_ms)) / 1000);
      say(`${count}  round ${round}  ${setting}: ${time} a step`);
      if (busy > disturbing) say(warningText(`others took ${Math.round(100 * busy)}% of the processors meanwhile`));
    },
  };
}
