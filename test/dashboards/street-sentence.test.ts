import { describe, expect, test } from 'vitest';
import { eventLines } from '#dashboards/portal/components/event-list.tsx';
import { streetSentence } from '#dashboards/portal/components/street-sentence.ts';
import { wordsOf } from '#dashboards/portal/words/words.ts';
import { lightPoint, quietStreet, silentStreet, streetAnswer } from './portal-answers.ts';

const fr = wordsOf('fr');

describe('the sentence of a street', () => {
  test('says that all lamps are lit as asked', () => {
    expect(streetSentence(quietStreet(), fr, 'fr')).toBe(
      '22:41, nuit. Les 24 lampes sont allumées. Elles font ce qui est demandé.',
    );
  });

  test('counts what departs, what is unknown and what is overridden', () => {
    expect(streetSentence(streetAnswer(), fr, 'fr')).toBe(
      '22:41, nuit. 22 lampes allumées sur 24. 2 ne font pas ce qui est demandé. 1 est inconnue. 1 dérogation en cours.',
    );
  });

  test('says when nobody knows', () => {
    expect(streetSentence(silentStreet(), fr, 'fr')).toBe('22:41, nuit. Nous ne savons pas ce que font les lampes.');
  });

  test.each([
    ['2026-11-24T09:00:00Z', '2026-11-23T15:51:00Z', '2026-11-24T07:04:00Z', 'jour'],
    ['2026-11-24T14:00:00Z', '2026-11-24T15:50:00Z', '2026-11-25T07:06:00Z', 'jour'],
    ['2026-11-24T16:00:00Z', '2026-11-24T15:50:00Z', '2026-11-25T07:06:00Z', 'nuit'],
    ['2026-11-25T05:00:00Z', '2026-11-24T15:50:00Z', '2026-11-25T07:06:00Z', 'nuit'],
    ['2026-11-25T05:00:00Z', '2026-11-25T15:49:00Z', '2026-11-25T07:06:00Z', 'nuit'],
  ])('at %s, with the sun setting at %s and rising at %s, it is %s', (now, sunsetAt, sunriseAt, said) => {
    expect(streetSentence(quietStreet({ now, sunsetAt, sunriseAt }), fr, 'fr')).toMatch(new RegExp(`, ${said}\\.`));
  });
});

describe('the events of a street', () => {
  test('a level changed on the spot then restored is one story', () => {
    expect(eventLines(streetAnswer().events, fr, 1).map(({ word, labels }) => [word, ...labels])).toEqual([
      ['departedThenRestored', 'REP-04'],
      ['device-became-silent', 'REP-15'],
      ['lamp-failed', 'REP-13'],
      ['gateway-started'],
    ]);
  });

  test('the same thing to several lamps in one minute is one line', () => {
    const events = [1, 2, 3].map((number) => ({
      event: 'device-became-silent',
      at: '2026-11-24T21:10:05Z',
      lightPoint: lightPoint(number).id,
      label: lightPoint(number).label,
      detail: {},
    }));
    expect(eventLines(events, fr, 1)).toMatchObject([{ word: 'device-became-silent', labels: ['REP-01', 'REP-02', 'REP-03'] }]);
  });

  test('an event without words is not shown as a code', () => {
    const event = { event: 'something-new', at: '2026-11-24T21:10:05Z', lightPoint: null, label: null, detail: {} };
    expect(eventLines([event], fr, 1)).toEqual([]);
  });
});
