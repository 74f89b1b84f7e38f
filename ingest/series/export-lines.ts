import type { TimeSeriesStore } from '#contract/ports/time-series-store.ts';
import type { LinesAnswer } from '#contract/routes/route.ts';
import { type EXPORT_FORMATS, EXPORT_LIMIT } from '#contract/routes/series.ts';
import { type SeriesLine, walkLines } from './read-values.ts';
import type { SeriesChoice } from './series-selection.ts';

type Format = (typeof EXPORT_FORMATS)[number];

const CSV_HEADING = 'at,value,quality,coverage,flags\r\n';

/** RFC 4180: nothing here holds a comma, a quote or a line break. A missing value is an empty cell. */
const csvLine = ({ write }: SeriesChoice, { at, value, quality, coverage, flags = [] }: SeriesLine): string =>
  `${write(at)},${value ?? ''},${quality},${coverage ?? ''},${flags.join(' ')}\r\n`;

const jsonLine = ({ write }: SeriesChoice, { at, ...line }: SeriesLine): string =>
  `${JSON.stringify({ at: write(at), ...line })}\n`;

/** Lines that go to the network as they are read: memory holds a page, whatever the length of the series. */
const LINES_A_CHUNK = 1_000;

async function* chunksOf(store: TimeSeriesStore, choice: SeriesChoice, format: Format): AsyncGenerator<string, void> {
  let chunk: string[] = format === 'csv' ? [CSV_HEADING] : [];
  for await (const line of walkLines(store, choice, EXPORT_LIMIT)) {
    chunk.push(format === 'csv' ? csvLine(choice, line) : jsonLine(choice, line));
    if (chunk.length < LINES_A_CHUNK) continue;
    yield chunk.join('');
    chunk = [];
  }
  yield chunk.join('');
}

export const exportAnswer = (store: TimeSeriesStore, choice: SeriesChoice, format: Format): LinesAnswer => ({
  contentType: format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/jsonl; charset=utf-8',
  fileName: `${choice.reference.point}-${choice.quantity}-${choice.step}.${format}`,
  lines: chunksOf(store, choice, format),
});
