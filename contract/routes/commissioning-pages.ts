import { z } from 'zod';
import { deviceField } from '#contract/messages/fields.ts';
import { gatewayParam, siteParam } from './fields.ts';
import { defineRoute, type Route } from './route.ts';

const page = { kind: 'page' } as const;
const access = { kind: 'permission', anyOf: ['field.commission'], on: { kind: 'site', param: 'site' } } as const;
const siteParams = z.strictObject({ site: siteParam });
const gatewayParams = z.strictObject({ site: siteParam, gateway: gatewayParam });
const deviceParams = z.strictObject({ site: siteParam, gateway: gatewayParam, device: deviceField });
/** The page says what is wrong beside the field, and keeps what was typed. */
const formField = z.string().max(300).optional();
/** What was just done, said once at the top of the page it leads to. */
const said = { fait: z.string().max(40).optional(), objet: z.string().max(80).optional() };

export const showCommissioning = defineRoute({
  name: 'showCommissioning',
  method: 'GET',
  path: '/eclairage/armoires/:site/mise-en-service',
  summary: 'Addresses on the buses of a site, and what each is bound to',
  access,
  params: siteParams,
  query: z.object(said),
  answer: page,
});

export const submitDeclaration = defineRoute({
  name: 'submitDeclaration',
  method: 'POST',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway',
  summary: 'Declare one address, or the lines of a scan',
  access,
  params: gatewayParams,
  body: z.object({
    bus: formField,
    profil: formField,
    unite: formField,
    voie: formField,
    lignes: z.string().max(20_000).optional(),
  }),
  answer: page,
});

export const showCommissionedDevice = defineRoute({
  name: 'showCommissionedDevice',
  method: 'GET',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway/:device',
  summary: 'One address: make it blink, say which column or which point it is',
  access,
  params: deviceParams,
  query: z.object({ ...said, q: z.string().max(80).optional() }),
  answer: page,
});

export const submitBlink = defineRoute({
  name: 'submitBlink',
  method: 'POST',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway/:device/clignoter',
  summary: 'Make a light blink',
  access,
  params: deviceParams,
  answer: page,
  requestsPerMinute: 30,
});

export const submitColumn = defineRoute({
  name: 'submitColumn',
  method: 'POST',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway/:device/mat',
  summary: 'Check a binding to a column, then do it',
  access,
  params: deviceParams,
  body: z.object({ mat: formField, q: formField, confirme: formField }),
  answer: page,
});

export const submitMeter = defineRoute({
  name: 'submitMeter',
  method: 'POST',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway/:device/compteur',
  summary: 'Check the binding of a meter, then do it',
  access,
  params: deviceParams,
  body: z.object({ point: formField, quand: formField, date: formField, heure: formField, confirme: formField }),
  answer: page,
});

export const submitRelease = defineRoute({
  name: 'submitRelease',
  method: 'POST',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway/:device/detacher',
  summary: 'Undo a binding',
  access,
  params: deviceParams,
  body: z.object({ quoi: z.enum(['mat', 'compteur']) }),
  answer: page,
});

export const submitWithdrawal = defineRoute({
  name: 'submitWithdrawal',
  method: 'POST',
  path: '/eclairage/armoires/:site/mise-en-service/:gateway/:device/retirer',
  summary: 'Withdraw an address that is bound to nothing',
  access,
  params: deviceParams,
  answer: page,
});

export const commissioningPageRoutes: readonly Route[] = [
  showCommissioning,
  submitDeclaration,
  showCommissionedDevice,
  submitBlink,
  submitColumn,
  submitMeter,
  submitRelease,
  submitWithdrawal,
];
