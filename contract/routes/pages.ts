import { z } from 'zod';
import { commissioningPageRoutes } from './commissioning-pages.ts';
import { siteParam } from './fields.ts';
import { changeEvent } from './platform.ts';
import { defineRoute, type Route } from './route.ts';

/** Staff session, over the whole site. */
export const STAFF_COOKIE = 'axone_session';
/** Tenant session, under `/chez-moi` only: it never meets a staff one. */
export const HOME_COOKIE = 'axone_home';
export const LANGUAGE_COOKIE = 'axone_language';

const page = { kind: 'page' } as const;
/** Forms are checked by the page itself, which says what is wrong beside the field and keeps what was typed. */
const formField = z.string().max(300).optional();
const onSite = { kind: 'site', param: 'site' } as const;
const siteParams = z.strictObject({ site: siteParam });
const overrideParams = z.strictObject({ site: siteParam, override: z.string().max(64) });
const lightingRead = { kind: 'permission', anyOf: ['lighting.read'], on: onSite } as const;
const lightingOverride = { kind: 'permission', anyOf: ['lighting.override'], on: onSite } as const;

export const showDoors = defineRoute({
  name: 'showDoors',
  method: 'GET',
  path: '/',
  summary: 'Two doors: professionals, tenants',
  access: { kind: 'public' },
  answer: page,
});

export const serveAsset = defineRoute({
  name: 'serveAsset',
  method: 'GET',
  path: '/portail/:asset',
  summary: 'Style sheet and script of the pages, named by their content',
  access: { kind: 'public' },
  params: z.strictObject({ asset: z.string().max(100) }),
  answer: page,
  requestsPerMinute: 600,
});

export const chooseLanguage = defineRoute({
  name: 'chooseLanguage',
  method: 'GET',
  path: '/langue/:language',
  summary: 'Keep a language for a year and come back to the same page',
  access: { kind: 'public' },
  params: z.strictObject({ language: z.enum(['fr', 'en']) }),
  query: z.strictObject({ retour: z.string().max(300).optional() }),
  answer: page,
});

export const showSignIn = defineRoute({
  name: 'showSignIn',
  method: 'GET',
  path: '/connexion',
  summary: 'Sign-in form for professionals',
  access: { kind: 'public' },
  answer: page,
});

export const signIn = defineRoute({
  name: 'signIn',
  method: 'POST',
  path: '/connexion',
  summary: 'Sign a professional in',
  access: { kind: 'public' },
  body: z.object({ email: formField, password: formField }),
  answer: page,
  requestsPerMinute: 30,
});

export const signOut = defineRoute({
  name: 'signOut',
  method: 'POST',
  path: '/deconnexion',
  summary: 'Sign a professional out',
  access: { kind: 'public' },
  answer: page,
});

export const followStaffPages = defineRoute({
  name: 'followStaffPages',
  method: 'GET',
  path: '/changements',
  summary: 'Invalidations for an open professional page',
  access: { kind: 'session' },
  answer: { kind: 'events', schema: changeEvent },
});

export const showLighting = defineRoute({
  name: 'showLighting',
  method: 'GET',
  path: '/eclairage',
  summary: 'The streets of this session',
  access: { kind: 'session' },
  answer: page,
});

export const showStreet = defineRoute({
  name: 'showStreet',
  method: 'GET',
  path: '/eclairage/armoires/:site',
  summary: 'A living street: cabinet, light points, overrides, events',
  access: lightingRead,
  params: siteParams,
  query: z.object({ cible: z.string().max(80).optional() }),
  answer: page,
});

export const submitOverride = defineRoute({
  name: 'submitOverride',
  method: 'POST',
  path: '/eclairage/armoires/:site/derogations',
  summary: 'Check an override, then begin it',
  access: lightingOverride,
  params: siteParams,
  body: z.object({
    cible: formField,
    niveau: formField,
    fin: formField,
    date: formField,
    heure: formField,
    pourquoi: formField,
    jusqua: formField,
    confirme: formField,
  }),
  answer: page,
});

export const showOverride = defineRoute({
  name: 'showOverride',
  method: 'GET',
  path: '/eclairage/armoires/:site/derogations/:override',
  summary: 'Follow an override to its proof',
  access: lightingRead,
  params: overrideParams,
  answer: page,
});

export const submitOverrideEnd = defineRoute({
  name: 'submitOverrideEnd',
  method: 'POST',
  path: '/eclairage/armoires/:site/derogations/:override/fin',
  summary: 'Return to the program',
  access: lightingOverride,
  params: overrideParams,
  answer: page,
});

export const showEstate = defineRoute({
  name: 'showEstate',
  method: 'GET',
  path: '/patrimoine',
  summary: 'The buildings of this session',
  access: { kind: 'session' },
  answer: page,
});

export const showBuilding = defineRoute({
  name: 'showBuilding',
  method: 'GET',
  path: '/patrimoine/:site',
  summary: 'A building: common parts, and the dwellings as one publishable cell',
  access: { kind: 'permission', anyOf: ['building.read'], on: onSite },
  params: siteParams,
  answer: page,
});

export const showHomeSignIn = defineRoute({
  name: 'showHomeSignIn',
  method: 'GET',
  path: '/chez-moi/entrer',
  summary: 'Sign-in form for tenants: the code of the letter',
  access: { kind: 'public' },
  answer: page,
});

export const homeSignIn = defineRoute({
  name: 'homeSignIn',
  method: 'POST',
  path: '/chez-moi/entrer',
  summary: 'The code, then the 4 digits, then the home',
  access: { kind: 'public' },
  body: z.object({ code: formField, chiffres: formField }),
  answer: page,
  requestsPerMinute: 30,
});

export const homeSignOut = defineRoute({
  name: 'homeSignOut',
  method: 'POST',
  path: '/chez-moi/sortir',
  summary: 'Sign a tenant out',
  access: { kind: 'public' },
  answer: page,
});

export const followHomePages = defineRoute({
  name: 'followHomePages',
  method: 'GET',
  path: '/chez-moi/changements',
  summary: 'Invalidations for a tenant’s open page',
  access: { kind: 'session' },
  answer: followStaffPages.answer,
});

export const showHome = defineRoute({
  name: 'showHome',
  method: 'GET',
  path: '/chez-moi',
  summary: 'A tenant’s home, in euros',
  access: { kind: 'session' },
  answer: page,
});

export const showHomeDetails = defineRoute({
  name: 'showHomeDetails',
  method: 'GET',
  path: '/chez-moi/details',
  summary: 'A tenant’s energy by day, and by half-hour when he chose so',
  access: { kind: 'session' },
  answer: page,
});

/** Every page of the portal. */
export const pageRoutes: readonly Route[] = [
  showDoors,
  serveAsset,
  chooseLanguage,
  showSignIn,
  signIn,
  signOut,
  followStaffPages,
  showLighting,
  showStreet,
  submitOverride,
  showOverride,
  submitOverrideEnd,
  ...commissioningPageRoutes,
  showEstate,
  showBuilding,
  showHomeSignIn,
  homeSignIn,
  homeSignOut,
  followHomePages,
  showHome,
  showHomeDetails,
];
