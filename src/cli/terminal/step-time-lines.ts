import { timeText } from '../../format.js';
import { mean } from '../../statistics/mean.js';
import type { StepTimeObserver } from '../../step-time/measure.js';
import { disturbingShare } from '../../run/others-share.js';
import { warningText } from './output.js';

/** A line for every measurement, with what others took of the processors where that disturbs; the first time a warning. */
export function stepTimeLines(rounds: number, say: (line: string) => void): StepTimeObserver {
  let [done, all, warned] = [0, 0, false];
  return {
    planned(settings, kept) {
      [done, all] = [kept, rounds * settings.length];
      const count = `${settings.length} ${settings.length === 1 ? 'setting' : 'settings'}`;
      const earlier = kept === 0 ? '' : `; ${kept} of ${all} measurements were made before`;
      say(`timing ${count}, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}${earlier}`);
    },
    timed({ setting }, round, { calls, busy }) {
      done += 1;
      const count = `${String(done).padStart(String(all).length)}/${all}`;
      const time = timeText(mean(calls.map(({ step_ms }) => step_ms)) / 1000);
      const others = busy > disturbingShare ? `; others took ${Math.round(100 * busy)}% of the processors` : '';
      say(`${count}  round ${round}  ${setting}: ${time} a step${others}`);
      if (others === '' || warned) return;
      say(warningText('the machine is busy: such times are not fit to be compared or published'));
      warned = true;
    },
  };
}
