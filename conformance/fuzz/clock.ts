// How long something takes, on a machine where others work too. It waits for nothing.

/** Milliseconds by the clock or of this process's processor time, whichever is less: the one counts what others did. */
export function timed(run: () => unknown): number {
  const cpu = process.cpuUsage();
  const before = performance.now();
  run();
  const wallMs = performance.now() - before;
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1_000;
  // Processor time may be counted in steps that are longer than what is measured.
  return cpuMs > 0 && cpuMs < wallMs ? cpuMs : wallMs;
}
