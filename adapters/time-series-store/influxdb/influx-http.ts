import { HttpError, InfluxDB, setLogger } from '@influxdata/influxdb-client';
import { type Fault, fault, reasonOf } from '#contract/errors.ts';
import { authorizationOf, type InfluxGeneration, writePath } from './generations.ts';
import { writeEachLine } from './refused-lines.ts';

export interface InfluxServer {
  /** Such as `http://127.0.0.1:8086`, or `https://…`. */
  readonly url: string;
  /** 1.x by default. What is written by 2.x and 3.x differs by its path and its credentials alone. */
  readonly generation?: InfluxGeneration;
  /** Of 1.x. */
  readonly username?: string;
  readonly password?: string;
  /** Of 2.x and 3.x. */
  readonly token?: string;
  /** Of 2.x. */
  readonly organisation?: string;
}

/** InfluxDB counts nanoseconds in 64 bits: instants beyond 2262 are asked as this one. */
const LATEST_MS = 9_200_000_000_000;
export const clampedMs = (at: number): number => Math.max(-LATEST_MS, Math.min(LATEST_MS, at));

/** A row by column name; `time` in milliseconds. */
export type InfluxRow = Readonly<Record<string, string | number | boolean | null>>;

export interface InfluxSeries {
  readonly tags: Readonly<Record<string, string>>;
  readonly rows: readonly InfluxRow[];
}

/** One list of series per statement of the text. */
export type InfluxAnswer = readonly (readonly InfluxSeries[])[];

export interface InfluxHttp {
  /** InfluxQL, several statements apart by `;`, with bind parameters (`$name`). Rejects with `STORE_UNAVAILABLE` or `STORE_REFUSED`. */
  query(text: string, parameters?: Readonly<Record<string, string | number>>, database?: string): Promise<InfluxAnswer>;
  /** Line protocol with milliseconds. Resolves when the server has it on disk. Rejects with `STORE_UNAVAILABLE` or `STORE_REFUSED`. */
  write(database: string, lines: readonly string[]): Promise<void>;
  ping(): Promise<void>;
}

const LINES_A_REQUEST = 5_000;
const TIMEOUT_MS = 30_000;

interface RawSeries {
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values?: readonly (readonly (string | number | boolean | null)[])[];
}
interface RawAnswer {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: readonly RawSeries[] }[];
}

const namedRows = ({ tags = {}, columns, values = [] }: RawSeries): InfluxSeries => ({
  tags,
  rows: values.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))),
});

const unavailable = (reason: string, cause?: unknown): Fault => fault('STORE_UNAVAILABLE', { reason }, cause);

const errorOf = (body: string | undefined): string | null => {
  try {
    const parsed = JSON.parse(body ?? '') as { error?: unknown };
    return typeof parsed.error === 'string' ? parsed.error : null;
  } catch {
    return null;
  }
};

/** 400 names what it did not take, and may have kept the rest; 413 took nothing; any other answer is about the server. */
const writeFault = (database: string, thrown: unknown): Fault => {
  if (!(thrown instanceof HttpError)) return unavailable(reasonOf(thrown), thrown);
  const reason = errorOf(thrown.body) ?? thrown.message;
  const isRefusal = thrown.statusCode === 400 || thrown.statusCode === 413;
  return isRefusal
    ? fault('STORE_REFUSED', { what: `lines for ${database}`, reason }, thrown)
    : unavailable(`${thrown.statusCode} ${reason}`, thrown);
};

const chunksOf = (lines: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(lines.length / LINES_A_REQUEST) }, (_, index) =>
    lines.slice(index * LINES_A_REQUEST, (index + 1) * LINES_A_REQUEST),
  );

/** Writes through the maker's client by the path of the generation, /query by fetch: InfluxQL is what 1.x, 2.x and 3.x have in common. */
export const createInfluxHttp = (server: InfluxServer): InfluxHttp => {
  const { url } = server;
  const authorization = authorizationOf(server);
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(url).hostname);
  // the client also prints its errors: they are thrown here, and said by whoever catches them
  setLogger({ error: () => undefined, warn: () => undefined });
  const client = new InfluxDB({ url, timeout: TIMEOUT_MS });

  const post = async (body: URLSearchParams): Promise<RawAnswer> => {
    const request = { method: 'POST', body, headers: authorization, signal: AbortSignal.timeout(TIMEOUT_MS) };
    const response = await fetch(`${url}/query`, request).catch((thrown: unknown) => {
      throw unavailable(reasonOf(thrown instanceof Error && thrown.cause !== undefined ? thrown.cause : thrown), thrown);
    });
    const text = await response.text();
    if (response.status === 400) throw fault('STORE_REFUSED', { what: 'a query', reason: errorOf(text) ?? text });
    if (!response.ok) throw unavailable(`${response.status} ${errorOf(text) ?? text}`);
    return JSON.parse(text) as RawAnswer;
  };

  /** Above the client's own batch size its flush swallows the refusal, so the batch is ours and its flush is awaited. */
  const writeChunk = async (database: string, lines: readonly string[]): Promise<void> => {
    const api = client.getWriteApi('', '', 'ms', {
      batchSize: LINES_A_REQUEST + 1,
      flushInterval: 0,
      maxRetries: 0,
      maxBatchBytes: Number.MAX_SAFE_INTEGER,
      headers: authorization,
      ...(isLoopback ? { gzipThreshold: Number.MAX_SAFE_INTEGER } : {}),
    });
    api.path = writePath(server, database);
    api.writeRecords([...lines]);
    try {
      await api.flush();
    } catch (thrown) {
      throw writeFault(database, thrown);
    } finally {
      api.dispose();
    }
  };

  return {
    async query(text, parameters = {}, database) {
      const body = new URLSearchParams({ q: text, epoch: 'ms', params: JSON.stringify(parameters) });
      if (database !== undefined) body.set('db', database);
      const answer = await post(body);
      const mistake = answer.error ?? answer.results?.find(({ error }) => error !== undefined)?.error;
      if (mistake !== undefined) throw fault('STORE_REFUSED', { what: 'a query', reason: mistake });
      return (answer.results ?? []).map(({ series = [] }) => series.map(namedRows));
    },
    async write(database, lines) {
      for (const chunk of chunksOf(lines))
        await writeChunk(database, chunk).catch((thrown: unknown) =>
          writeEachLine(chunk, thrown, (part) => writeChunk(database, part)),
        );
    },
    async ping() {
      const response = await fetch(`${url}/ping`, { headers: authorization, signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
        (thrown: unknown) => {
          throw unavailable(reasonOf(thrown), thrown);
        },
      );
      if (!response.ok) throw unavailable(`ping answered ${response.status}`);
    },
  };
};
