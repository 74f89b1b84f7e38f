import { after, elapsedMs, every } from './browser-clock.ts';
import { allowCommands } from './commands.ts';
import { morph } from './morph.ts';
import { civilNowMs, markReceived, pageAgeMs, siteTime } from './page-time.ts';

const SHORTEST_BETWEEN_READS_MS = 2_000;
/** Two heartbeats of 25 s missed: the link is lost. A calm night is not. */
const SILENCE_MS = 50_000;
const OLD_MS = 60_000;
const RECONNECT_MS = 5_000;

let heardAtMs = elapsedMs();
let readAtMs = -SHORTEST_BETWEEN_READS_MS;
let waiting = false;
let online = true;

const showOnline = (isOnline: boolean): void => {
  if (isOnline === online) return;
  online = isOnline;
  const bar = document.getElementById('offline');
  const since = document.getElementById('offline-since');
  if (since !== null && !isOnline) since.textContent = siteTime(civilNowMs());
  if (bar !== null) bar.hidden = isOnline;
  allowCommands(isOnline);
};

const replacePage = (html: string): void => {
  const newer = new DOMParser().parseFromString(html, 'text/html');
  const living = document.querySelector('main');
  const content = newer.querySelector('main');
  if (living === null || content === null) return;
  markReceived();
  document.body.dataset['now'] = newer.body.dataset['now'] ?? '';
  document.title = newer.title;
  morph(living, content);
  const readAt = document.getElementById('read-at');
  if (readAt !== null) readAt.textContent = newer.getElementById('read-at')?.textContent ?? '';
};

/** Reads this page again, through the same permission check as the first time. */
const readAgain = async (): Promise<void> => {
  readAtMs = elapsedMs();
  let response: Response;
  try {
    response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
  } catch {
    showOnline(false);
    return;
  }
  if (response.redirected || response.status === 401 || response.status === 404) {
    // Never a reload: it would send a form again.
    location.replace(location.pathname + location.search);
    return;
  }
  if (!response.ok) {
    showOnline(false);
    return;
  }
  replacePage(await response.text());
  heardAtMs = elapsedMs();
  showOnline(true);
};

const readSoon = (): void => {
  if (waiting) return;
  waiting = true;
  const wait = Math.max(0, SHORTEST_BETWEEN_READS_MS - (elapsedMs() - readAtMs));
  after(wait, () => {
    waiting = false;
    void readAgain();
  });
};

const hear = (): void => {
  heardAtMs = elapsedMs();
  if (!online) readSoon();
};

let stream: EventSource | null = null;
const listen = (path: string): void => {
  stream?.close();
  stream = new EventSource(path);
  // What changed before the stream was open was told to nobody.
  stream.onopen = () => {
    hear();
    readSoon();
  };
  stream.addEventListener('heartbeat', hear);
  stream.onmessage = () => {
    hear();
    readSoon();
  };
  // The server left, or the session ended: reading the page again says which.
  stream.onerror = () => {
    readSoon();
    if (stream?.readyState === EventSource.CLOSED) after(RECONNECT_MS, () => listen(path));
  };
};

/** A page that was asleep reads itself again before any order may leave. */
const resume = (): void => {
  if (document.visibilityState !== 'visible' || pageAgeMs() < OLD_MS) return;
  allowCommands(false);
  void readAgain().then(() => allowCommands(online));
};

export const keepAlive = (path: string): void => {
  listen(path);
  every(1_000, () => {
    if (online && elapsedMs() - heardAtMs > SILENCE_MS) {
      showOnline(false);
      listen(path);
    }
    if (!online && elapsedMs() - readAtMs > RECONNECT_MS) readSoon();
  });
  document.addEventListener('visibilitychange', resume);
  window.addEventListener('pageshow', resume);
};
