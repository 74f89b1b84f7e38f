import type { Gap, Telemetry } from '#contract/messages/telemetry.ts';
import { isElapsedStamp } from './elapsed-stamp.ts';

/** What a batch carries, before it has its number. */
export interface BatchContent {
  readonly readings: Telemetry['readings'];
  readonly events?: Telemetry['events'];
  readonly reports?: Telemetry['reports'];
}

export interface BatchNumber {
  readonly boot: number;
  readonly seq: number;
}

/** What is known of a record without the batch itself. */
export interface RecordOutline extends BatchNumber {
  /** First of the numbers it stands for. */
  readonly from: number;
  readonly kept: NonNullable<Gap['kept']> | 'all';
  readonly readings: number;
  /** Some of its instants wait for the clock. */
  readonly isElapsed: boolean;
}

const NUMBER = /^\{"boot":(\d+),"seq":(\d+)[,}]/;
const ELAPSED = /^\{"boot":\d+,"seq":\d+,"elapsed":true[,}]/;
const NUMBER_BYTES = 64;

export const holdsElapsedStamp = ({ readings, events = [], reports = [] }: BatchContent): boolean =>
  [...readings, ...events, ...reports].some(({ at }) => isElapsedStamp(at));

/** A batch as it is kept on disk and sent the first time: its number comes first, so that opening a long log parses little. */
export const encodeBatch = ({ boot, seq }: BatchNumber, content: BatchContent, gap?: Gap): Uint8Array => {
  const { readings, events, reports } = content;
  return new TextEncoder().encode(
    JSON.stringify({
      boot,
      seq,
      ...(holdsElapsedStamp(content) ? { elapsed: true } : {}),
      readings,
      ...(events === undefined || events.length === 0 ? {} : { events }),
      ...(reports === undefined || reports.length === 0 ? {} : { reports }),
      ...(gap === undefined ? {} : { gap }),
    }),
  );
};

/** Null when the record is not a batch of ours. */
export const batchNumberOf = (payload: Uint8Array): BatchNumber | null => {
  const [, boot, seq] = NUMBER.exec(new TextDecoder().decode(payload.subarray(0, NUMBER_BYTES))) ?? [];
  return boot === undefined || seq === undefined ? null : { boot: Number(boot), seq: Number(seq) };
};

/** How often a part is found in a text. */
export const occurrences = (text: string, part: string): number => {
  let count = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) count += 1;
  return count;
};

/** Null when the record is not a batch of ours. Parses the whole only where there is a gap. */
export const outlineOf = (payload: Uint8Array): RecordOutline | null => {
  const number = batchNumberOf(payload);
  if (number === null) return null;
  const text = new TextDecoder().decode(payload);
  const gap = text.includes('"gap":{') ? parseBatch(payload).gap : undefined;
  return {
    ...number,
    from: gap?.from ?? number.seq,
    kept: gap === undefined ? 'all' : (gap.kept ?? 'nothing'),
    readings: occurrences(text, '{"point":'),
    isElapsed: ELAPSED.test(text),
  };
};

/** The text to publish when it is sent again, or late. */
export const historicalText = (payload: Uint8Array): string =>
  new TextDecoder().decode(payload).replace(NUMBER, (number) => `${number.slice(0, -1)},"historical":true${number.slice(-1)}`);

export const parseBatch = (payload: Uint8Array): Telemetry => JSON.parse(new TextDecoder().decode(payload)) as Telemetry;
