/** The only timers and clock of the browser side. */
export const elapsedMs = (): number => performance.now();

export const after = (delayMs: number, call: () => void): (() => void) => {
  const timer = setTimeout(call, delayMs);
  return () => clearTimeout(timer);
};

export const every = (periodMs: number, call: () => void): (() => void) => {
  const timer = setInterval(call, periodMs);
  return () => clearInterval(timer);
};
