/** What asks a training to finish its step and end: Ctrl-C, or a system that wants the machine back. */
export const stopSignals = ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const;

export function isStopSignal(name: NodeJS.Signals): boolean {
  return (stopSignals as readonly string[]).includes(name);
}
