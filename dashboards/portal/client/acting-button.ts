import { every } from './browser-clock.ts';
import { civilNowMs, siteMoment } from './page-time.ts';

const HOUR_MS = 60 * 60_000;

const field = (form: HTMLFormElement, name: string): string => {
  const value = new FormData(form).get(name);
  return typeof value === 'string' ? value : '';
};

/** The end that is chosen now, in milliseconds; null for a date, which the server reads in the site's zone. */
const chosenEndMs = (form: HTMLFormElement): number | null => {
  switch (field(form, 'fin')) {
    case '1h':
      return civilNowMs() + HOUR_MS;
    case '2h':
      return civilNowMs() + 2 * HOUR_MS;
    case 'lever':
      return Number(form.querySelector<HTMLInputElement>('[name=fin]:checked')?.dataset['end']);
    default:
      return null;
  }
};

const spokenEnd = (form: HTMLFormElement, endMs: number | null): string =>
  endMs === null ? `${field(form, 'date').split('-').reverse().join('/')} ${field(form, 'heure')}` : siteMoment(endMs);

const spokenLevel = (form: HTMLFormElement): string =>
  `${field(form, 'niveau')}${document.body.dataset['language'] === 'en' ? '' : '\u00A0'}%`;

const writeButton = (form: HTMLFormElement, button: HTMLButtonElement, confirmation: HTMLInputElement): void => {
  const target = form.querySelector<HTMLSelectElement>('[name=cible]')?.selectedOptions[0]?.dataset['name'] ?? '';
  const ready = /^\d{1,3}$/.test(field(form, 'niveau')) && field(form, 'fin') !== '';
  confirmation.value = ready ? 'oui' : '';
  if (!ready) return;
  const endMs = chosenEndMs(form);
  const hidden = form.querySelector<HTMLInputElement>('[name=jusqua]');
  if (hidden !== null) hidden.value = endMs === null ? '' : new Date(Math.round(endMs)).toISOString();
  const text = (form.dataset['submit'] ?? '')
    .replace('{target}', target)
    .replace('{level}', spokenLevel(form))
    .replace('{end}', spokenEnd(form, endMs));
  if (button.textContent !== text) button.textContent = text;
};

const chooseTarget = (form: HTMLFormElement, link: HTMLElement): void => {
  const select = form.querySelector<HTMLSelectElement>('[name=cible]');
  if (select === null) return;
  select.value = link.dataset['target'] ?? select.value;
  form.querySelector<HTMLInputElement>('[name=niveau]')?.focus();
  form.dispatchEvent(new Event('input'));
};

/** The button says what it will do, so it may do it at once: no page in between. */
export const nameActingButton = (): void => {
  const form = document.querySelector<HTMLFormElement>('#agir-formulaire');
  const button = document.querySelector<HTMLButtonElement>('#agir-envoyer');
  if (form === null || button === null) return;
  const confirmation = document.createElement('input');
  confirmation.type = 'hidden';
  confirmation.name = 'confirme';
  form.append(confirmation);
  const write = (): void => writeButton(form, button, confirmation);
  form.addEventListener('input', write);
  form.addEventListener('submit', write);
  every(1_000, write);
  write();
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>('a[data-target]') : null;
    if (link === null) return;
    event.preventDefault();
    chooseTarget(form, link);
  });
};
