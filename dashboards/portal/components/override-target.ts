import type { OverrideAnswer, StreetAnswer } from '#contract/routes/lighting.ts';
import type { Language } from '../words/formats.ts';
import { counted, type Words } from '../words/words.ts';

type Target = OverrideAnswer['target'];

/** How a form writes a target: `tout`, `groupe:…`, `point:…`. */
export const targetChoice = (target: Target): string => {
  switch (target.kind) {
    case 'all':
      return 'tout';
    case 'group':
      return `groupe:${target.group}`;
    case 'light-point':
      return `point:${target.lightPoint}`;
  }
};

/** The target that a form's choice means on this street, or null when it is none of its own. */
export const targetOfChoice = (choice: string, street: StreetAnswer): Target | null => {
  if (choice === 'tout') return { kind: 'all' };
  const [kind, id] = choice.split(':');
  const group = street.groups.find((candidate) => candidate.id === id);
  if (kind === 'groupe' && group !== undefined) return { kind: 'group', group: group.id };
  const lightPoint = street.lightPoints.find((candidate) => candidate.id === id);
  if (kind === 'point' && lightPoint !== undefined) return { kind: 'light-point', lightPoint: lightPoint.id };
  return null;
};

/** The light points that a target reaches. */
export const reachedLightPoints = (target: Target, street: StreetAnswer): StreetAnswer['lightPoints'] => {
  switch (target.kind) {
    case 'all':
      return street.lightPoints;
    case 'group':
      return street.lightPoints.filter(({ groups }) => groups.includes(target.group));
    case 'light-point':
      return street.lightPoints.filter(({ id }) => id === target.lightPoint);
  }
};

/** How a target is named on screen. */
export const targetName = (target: Target, street: StreetAnswer, words: Words, language: Language): string => {
  switch (target.kind) {
    case 'all':
      return counted(words.act.all, street.lightPoints.length, language);
    case 'group': {
      const group = street.groups.find(({ id }) => id === target.group);
      return group === undefined ? target.group : counted(words.act.group, group.lightPoints, language, { label: group.label });
    }
    case 'light-point':
      return street.lightPoints.find(({ id }) => id === target.lightPoint)?.label ?? target.lightPoint;
  }
};
