import { plural, timeText } from '../../format.js';
import { mean } from '../../statistics/mean.js';
import { disturbingShare } from '../../run/others-share.js';
import type { StepTimeObserver } from '../../step-time/time-folder.js';
import { warningText } from './output.js';

/** A line for every measurement, with what others took of the processors where that disturbs; the first time a warning. */
export function stepTimeLines(say: (line: string) => void): Required<StepTimeObserver> {
  let [done, all, warned] = [0, 0, false];
  return {
    timingPlanned({ settings, rounds, kept }) {
      [done, all, warned] = [kept, rounds * settings.length, false];
      const count = plural(settings.length, 'setting');
      const earlier = kept === 0 ? '' : `; ${kept} of ${all} measurements were made before`;
      say(`timing ${count}, ${plural(rounds, 'round')}${earlier}`);
    },
    settingTimed({ setting }, round, { calls, busy }) {
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
