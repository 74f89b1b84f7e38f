import { readFile } from 'node:fs/promises';
import { fault } from '#contract/errors.ts';
import {
  type GatewayOverview,
  readGatewayHealth,
  readGatewayMetrics,
  serveGatewayStyle,
  showGateway,
  traceFrames,
} from '#contract/routes/gateway.ts';
import { type MountedRoute, mount } from '#contract/routes/route.ts';
import type { FrameCapture } from './capture-frames.ts';
import { metricsText } from './metrics-text.ts';
import { statusPage } from './status-page.ts';

/** What the routes need of a gateway. */
export interface WatchedGateway {
  overview(): GatewayOverview;
  capture(options: { readonly bus?: string; readonly durationMs: number; readonly signal: AbortSignal }): Promise<FrameCapture>;
}

/** At once: each holds its frames in memory until it ends. */
const MOST_CAPTURES = 2;
const RETRY_SECONDS = 10;

const asset = (contentType: string, text: string) =>
  ({ kind: 'asset', contentType, bytes: new TextEncoder().encode(text), immutable: false }) as const;

/** The local page of a gateway, its figures and its trace. They tell what passes on a bus: for loopback only. */
export const createStatusRoutes = async (
  gateway: WatchedGateway,
  /** Aborted when the server stops: a trace in course then ends. */
  stopping: AbortSignal,
): Promise<readonly MountedRoute[]> => {
  const style = await readFile(new URL('./status-page.css', import.meta.url), 'utf8');
  let captures = 0;
  return [
    mount(readGatewayHealth, async () => gateway.overview()),
    mount(readGatewayMetrics, async () => asset('text/plain; version=0.0.4; charset=utf-8', metricsText(gateway.overview()))),
    mount(showGateway, async () => ({ kind: 'html' as const, status: 200, html: statusPage(gateway.overview()) })),
    mount(serveGatewayStyle, async () => asset('text/css; charset=utf-8', style)),
    mount(traceFrames, async ({ query, signal: left }) => {
      if (captures >= MOST_CAPTURES) throw fault('RATE_LIMITED', { seconds: RETRY_SECONDS });
      captures += 1;
      try {
        const { seconds, bus } = query;
        const signal = AbortSignal.any([left, stopping]);
        const capture = await gateway.capture({ durationMs: seconds * 1000, signal, ...(bus === undefined ? {} : { bus }) });
        return { frames: [...capture.frames], isFull: capture.isFull };
      } finally {
        captures -= 1;
      }
    }),
  ];
};
