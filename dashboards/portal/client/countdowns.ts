import { every } from './browser-clock.ts';
import { civilNowMs } from './page-time.ts';

const NO_BREAK = '\u00A0';

const written = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}${NO_BREAK}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${NO_BREAK}min`;
  const rest = minutes % 60;
  return `${Math.floor(minutes / 60)}${NO_BREAK}h${rest === 0 ? '' : `${NO_BREAK}${String(rest).padStart(2, '0')}`}`;
};

const DAYS_MS = 48 * 60 * 60_000;

/** Keeps every countdown true between two readings of the page; beyond two days the server's words stay. */
export const runCountdowns = (): void => {
  every(1_000, () => {
    for (const element of document.querySelectorAll<HTMLElement>('[data-countdown]')) {
      const left = Number(element.dataset['countdown']) - civilNowMs();
      const figure = element.querySelector('.value-figure');
      if (figure !== null && left < DAYS_MS) figure.textContent = written(left);
    }
  });
};
