import { cpus } from 'node:os';

/** With this share of the processors taken by others, times say little about the code. */
export const disturbingShare = 0.1;

/** Begins to watch the processors. @returns Tells which share of their time, 0 to 1, other processes have taken since. */
export function watchOthers(): () => number {
  const inUse = () => {
    const all = cpus().map(({ times }) => times);
    return {
      busy: all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, 0),
      all: all.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0),
    };
  };
  const before = inUse();
  const ownBefore = process.cpuUsage();
  return () => {
    const now = inUse();
    const { user, system } = process.cpuUsage(ownBefore);
    const total = now.all - before.all;
    if (total === 0) return 0;
    return Math.max(0, (now.busy - before.busy - (user + system) / 1000) / total);
  };
}
