import { InvalidArgumentError, Option } from 'commander';

/** `--jobs N`: how many runs are trained at once. */
export function jobsOption(): Option {
  return new Option('--jobs <n>', 'runs to train at once, sharing the CPU; their times are then not compared')
    .default(1)
    .argParser((text) => {
      if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0, such as 2.');
      return Number(text);
    });
}
