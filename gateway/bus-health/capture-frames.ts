import type { Clock } from '#contract/ports/clock.ts';
import type { TracedFrame } from '#contract/routes/gateway.ts';
import type { LineTrace } from './line-trace.ts';

export interface FrameCapture {
  readonly frames: readonly TracedFrame[];
  /** It ended before its time, at its limit. */
  readonly isFull: boolean;
}

export interface CaptureOptions {
  readonly buses: readonly { readonly id: string; readonly trace: LineTrace }[];
  readonly durationMs: number;
  readonly clock: Clock;
  /** The one who asked went away. */
  readonly signal: AbortSignal;
}

/** About a megabyte of the longest frames. */
const MOST_FRAMES = 2000;

/** Listens to the lines until the time is over, the capture is full or nobody wants it any more. */
export const captureFrames = async ({ buses, durationMs, clock, signal }: CaptureOptions): Promise<FrameCapture> => {
  const frames: TracedFrame[] = [];
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const stops = buses.map(({ id, trace }) =>
    trace.listen((frame) => {
      if (frames.length < MOST_FRAMES) frames.push({ ...frame, bus: id });
      else end();
    }),
  );
  const timer = clock.after(durationMs, end);
  const leave = (): void => end();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) end();
  await ended;
  timer.cancel();
  signal.removeEventListener('abort', leave);
  for (const stop of stops) stop();
  return { frames, isFull: frames.length === MOST_FRAMES };
};
