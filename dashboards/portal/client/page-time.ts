import { elapsedMs } from './browser-clock.ts';

let receivedAtMs = elapsedMs();

/** Said when a newer page was received. */
export const markReceived = (): void => {
  receivedAtMs = elapsedMs();
};

export const pageAgeMs = (): number => elapsedMs() - receivedAtMs;

/** Civil time of the platform, in milliseconds: the instant of the page, carried on at the platform's own speed. */
export const civilNowMs = (): number => {
  const { now, speed } = document.body.dataset;
  return Number(now) + pageAgeMs() * Number(speed);
};

/** `23:30` in the site's zone, whatever the browser's. */
export const siteTime = (atMs: number): string =>
  new Intl.DateTimeFormat('en-GB', {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: document.body.dataset['zone'] ?? 'Europe/Paris',
  }).format(atMs);

/** `mer. 25 nov. 08:06` unless it is today in the site's zone. */
export const siteMoment = (atMs: number): string => {
  const timeZone = document.body.dataset['zone'] ?? 'Europe/Paris';
  const locale = document.body.dataset['language'] === 'en' ? 'en-GB' : 'fr-FR';
  const date = (ms: number) =>
    new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short', timeZone }).format(ms);
  const time = siteTime(atMs);
  return date(atMs) === date(civilNowMs()) ? time : `${date(atMs)} ${time}`;
};
