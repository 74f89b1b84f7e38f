import { enrolGateway } from '#contract/routes/identity.ts';
import { closeSession, openSession } from '#contract/routes/session.ts';
import type { EnrolmentRequests } from './enrolments.ts';
import type { Heard, Knock } from './knock.ts';

export const ROLES = ['nobody', 'technician', 'landlord', 'tenant of 03', 'tenant of 07', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const SIGNED_IN = ROLES.filter((role) => role !== 'nobody');
const TENANTS = ['tenant of 03', 'tenant of 07'] as const;
const STAFF = ['technician', 'landlord', 'admin'] as const;

/** One thing asked of a route, by every role in turn: those who may have it, and all the others. */
export interface Trial {
  readonly what: string;
  readonly knock: Knock | ((role: Role) => Knock);
  /** Who tries it; every role when absent. */
  readonly roles?: readonly Role[];
  /** Roles that may have it: they get `status`, and all the marks. */
  readonly permitted: readonly Role[];
  /** Roles that are answered, with none of it. */
  readonly emptyFor?: readonly Role[];
  readonly status: number;
  /** Words of the right answer that no other answer holds. */
  readonly marks: readonly string[];
  /** What even the right answer never holds. */
  readonly never?: RegExp;
  readonly location?: RegExp;
  /** How others are refused, where it is not 401, 404 or a way to sign in. */
  readonly refusedWith?: number;
  /** Uses up the session it comes with. */
  readonly endsSession?: boolean;
  /** Said of a permitted answer, when its words are not enough. */
  readonly also?: (heard: Heard) => void;
}

export interface TrialMeans {
  readonly credentialsOf: (role: Role) => Readonly<Record<string, string>>;
  readonly cssFile: string;
  /** Overrides in force, each ended by one trial only. */
  readonly overrides: { readonly followed: string; readonly endedByApi: string; readonly endedByPage: string };
  /** Certificate requests of a gateway: one for each role with a claim of its own, and what a forger has. */
  readonly enrolments: EnrolmentRequests;
  /** An end that an override may have. */
  readonly endsAt: string;
}

type TrialsByRoute = Readonly<Record<string, readonly Trial[]>>;

const street = { params: { site: 'site-republique' } };
const building = { params: { site: 'site-tilleuls' } };
const nowhere = { params: { site: 'site-ailleurs' } };
const PEOPLE = /Appartement|Lefèvre|Caron|dwelling-tilleuls|point-tilleuls-d/;

const everybody = (what: string, knock: Knock, status: number, marks: readonly string[], more: Partial<Trial> = {}): Trial => ({
  what,
  knock,
  permitted: ROLES,
  status,
  marks,
  ...more,
});
const nothing = (what: string, knock: Knock, more: Partial<Trial> = {}): Trial => ({
  what,
  knock,
  permitted: [],
  status: 200,
  marks: [],
  ...more,
});
const only = (
  permitted: readonly Role[],
  what: string,
  knock: Trial['knock'],
  marks: readonly string[],
  more: Partial<Trial> = {},
): Trial => ({
  what,
  knock,
  permitted,
  status: 200,
  marks,
  ...more,
});

/** The same three scopes for every route of a street: the technician's own, a site of another kind, one that is not. */
const onStreet = (own: Knock, marks: readonly string[], more: Partial<Trial> = {}): readonly Trial[] => [
  nothing('a building', { ...own, params: { ...own.params, ...building.params } }),
  nothing('a street that is not', { ...own, params: { ...own.params, ...nowhere.params } }),
  only(['technician'], 'the street', { ...own, params: { ...own.params, ...street.params } }, marks, more),
];

const series = (point: string, quantity: string): Knock => ({
  query: { point, quantity, from: '2026-12-13T23:00:00Z', to: '2026-12-16T00:00:00Z' },
});
/** The same points for every route of series: a lamp, common parts, the homes of two tenants, one of somebody else, and none. */
const onSeries = (
  asked: (point: string, quantity: string) => Knock,
  marks: readonly string[],
  registerMarks: readonly string[],
): readonly Trial[] => [
  nothing('a point that is not', asked('point-ailleurs', 'activePowerW')),
  nothing('the home of 01', asked('point-tilleuls-d01', 'energyImportedWh')),
  only(['technician'], 'a lamp', asked('point-republique-l03', 'activePowerW'), marks),
  only(['landlord'], 'the common parts', asked('point-tilleuls-commons', 'activePowerW'), marks),
  ...TENANTS.map((tenant) =>
    only([tenant], `the register of ${tenant}`, asked(`point-tilleuls-d${tenant.slice(-2)}`, 'energyImportedWh'), registerMarks),
  ),
];
const dwelling = (number: string): Knock => ({ params: { dwelling: `dwelling-tilleuls-${number}` } });

const platformTrials = (): TrialsByRoute => ({
  readHealth: [everybody('the state of the services', {}, 200, ['"gateway-republique"'])],
  readReadiness: [everybody('the readiness', {}, 200, ['{"ready":true}'])],
  readOpenApi: [everybody('the interface', {}, 200, ['"3.1'])],
  followChanges: [only(SIGNED_IN, 'a stream of changes', {}, ['retry:'])],
  readQuarantine: [only(['admin'], 'what was refused', {}, ['"messages"'])],
  readJournal: onStreet({}, ['"action"', 'Technicien']),
});

const sessionTrials = ({ credentialsOf }: TrialMeans): TrialsByRoute => ({
  [openSession.name]: [
    {
      ...only(SIGNED_IN, 'a session with one’s own secret', (role) => ({ body: credentialsOf(role) }), ['"token"'], {
        status: 201,
      }),
      refusedWith: 400,
    },
    nothing(
      'the technician’s session with the landlord’s password',
      {
        body: { email: credentialsOf('technician')['email'], password: credentialsOf('landlord')['password'] },
      },
      { refusedWith: 401, roles: ['nobody'] },
    ),
  ],
  readSession: SIGNED_IN.map((role) =>
    only(
      [role],
      `the account of ${role}`,
      {},
      [TENANTS.some((tenant) => tenant === role) ? dwellingOf(role) : `"role":"${role}"`],
      {
        emptyFor: SIGNED_IN.filter((other) => other !== role),
      },
    ),
  ),
  [closeSession.name]: [only(SIGNED_IN, 'the end of one’s own session', {}, [], { status: 204, endsSession: true })],
});

/** The claim is the credential: whoever brings one has it, and no session replaces it. */
const identityTrials = ({ enrolments }: TrialMeans): TrialsByRoute => {
  const own = { params: { gateway: 'gateway-republique' } };
  const refused = { refusedWith: 403 };
  return {
    [enrolGateway.name]: [
      nothing('a certificate without a claim', { ...own, body: { request: enrolments.withoutClaim } }, refused),
      nothing('one with the claim of another gateway', { ...own, body: { request: enrolments.withForeignClaim } }, refused),
      nothing('one of another gateway', { ...own, body: { request: enrolments.ofNeighbour } }, { refusedWith: 400 }),
      nothing('one of a service', { params: { gateway: 'control' }, body: { request: enrolments.ofService } }, refused),
      everybody('one with its claim', own, 201, ['BEGIN CERTIFICATE'], {
        knock: (role) => ({ ...own, body: { request: enrolments.claimed.get(role) } }),
      }),
    ],
  };
};

const dwellingOf = (role: Role): string => `dwelling-tilleuls-${role.slice(-2)}`;

const lightingTrials = ({ overrides, endsAt }: TrialMeans): TrialsByRoute => {
  const body = {
    target: { kind: 'light-point', lightPoint: 'light-point-republique-24' },
    levelPercent: 20,
    endsAt,
    reason: 'essai',
  };
  return {
    listSites: [
      only(['technician'], 'the street', {}, ['site-republique'], {
        emptyFor: SIGNED_IN.filter((role) => role !== 'technician'),
      }),
      only(['landlord'], 'the building', {}, ['site-tilleuls'], { emptyFor: SIGNED_IN.filter((role) => role !== 'landlord') }),
    ],
    readStreet: onStreet({}, ['"REP-24"', '"site-republique"']),
    beginOverride: onStreet({ body }, ['"light-point-republique-24"'], { status: 202 }),
    readOverride: [
      ...onStreet({ params: { override: overrides.followed } }, [overrides.followed]),
      nothing('an override that is not', { params: { ...street.params, override: 'override-0000000000000000' } }),
    ],
    endOverride: onStreet({ params: { override: overrides.endedByApi } }, [overrides.endedByApi]),
  };
};

/** What is done to a device of the street, by who may and by who may not; the device of a step is that of the step before. */
const commissioningTrials = (): TrialsByRoute => {
  const gateway = 'gateway-republique';
  const of = (device: string) => ({ gateway, device });
  const found = { bus: 'bus-extension', devices: [{ device: 'meter-essai', profile: 'eastron-sdm120', unitId: 9 }] };
  const from = '2026-12-15T10:00:00Z';
  return {
    readCommissioning: onStreet({}, ['"extension-6-0"', '"REP-25"']),
    declareDevices: onStreet({ params: { gateway }, body: found }, ['"meter-essai"'], { status: 201 }),
    withdrawDevice: onStreet({ params: of('meter-essai') }, [], { status: 204 }),
    blinkDevice: onStreet({ params: of('extension-6-0') }, ['"extension-6-0"'], { status: 202 }),
    bindLightPoint: onStreet(
      { params: of('extension-6-0'), body: { lightPoint: 'light-point-republique-25' } },
      ['"light-point-republique-25"'],
      { status: 201 },
    ),
    releaseLightPoint: onStreet({ params: of('extension-6-0') }, ['"extension-6-0"']),
    bindMeter: onStreet(
      { params: of('meter-festive'), body: { point: 'point-republique-festive', from } },
      ['"point-republique-festive"'],
      { status: 201 },
    ),
    releaseMeter: onStreet({ params: of('meter-festive') }, ['"meter-festive"']),
  };
};

const housingTrials = (): TrialsByRoute => ({
  readBuilding: [
    nothing('a street', street),
    nothing('a building that is not', nowhere),
    only(['landlord'], 'the building', building, ['"site-tilleuls"', '"commonParts"'], { never: PEOPLE }),
  ],
  ...Object.fromEntries(
    ['readHome', 'readHomeDetails'].map((route) => [
      route,
      [
        nothing('the home of 01', dwelling('01')),
        nothing('a home that is not', dwelling('99')),
        ...TENANTS.map((tenant) =>
          only([tenant], `the home of ${tenant}`, dwelling(tenant.slice(-2)), [`"${dwellingOf(tenant)}"`]),
        ),
      ],
    ]),
  ),
  readSeries: onSeries(series, ['"unit":"W"', '"value":'], ['"unit":"Wh"', '"value":']),
  readLatest: onSeries((point) => ({ query: { point } }), ['"quantity":"activePowerW"'], ['"quantity":"energyImportedWh"']),
  readCoverage: onSeries(series, ['"days":[{"date":'], ['"days":[{"date":']),
  exportSeries: onSeries(series, ['at,value,quality', ',measured,'], ['at,value,quality', ',measured,']),
});

const publicPageTrials = ({ credentialsOf, cssFile }: TrialMeans): TrialsByRoute => ({
  showDoors: [everybody('the doors', {}, 200, ['<h1>'], { never: /REP-\d|kWh|€/ })],
  serveAsset: [
    everybody('the style sheet', { params: { asset: cssFile } }, 200, ['{']),
    nothing('a file of the programme', { params: { asset: '../../package.json' } }, { refusedWith: 404 }),
    nothing('an asset that is not', { params: { asset: 'portal.css.map' } }, { refusedWith: 404 }),
  ],
  chooseLanguage: [
    everybody('English', { params: { language: 'en' }, query: { retour: '/connexion' } }, 303, [], { location: /^\/connexion$/ }),
    everybody('English, on another site', { params: { language: 'en' }, query: { retour: '//ailleurs.example' } }, 303, [], {
      location: /^\/$/,
    }),
  ],
  showSignIn: [everybody('the form', {}, 200, ['name="password"'])],
  signIn: [
    {
      ...only(STAFF, 'a session with one’s own password', (role) => ({ body: formOf(credentialsOf(role)) }), [], { status: 303 }),
      location: /^\/(eclairage|patrimoine)?$/,
      refusedWith: 422,
      also: takesSession,
    },
    nothing(
      'the landlord’s session with the technician’s password',
      {
        body: { email: credentialsOf('landlord')['email'], password: credentialsOf('technician')['password'] },
      },
      { refusedWith: 401, roles: ['nobody'] },
    ),
  ],
  signOut: [everybody('the end of one’s own session', {}, 303, [], { location: /^\/$/, endsSession: true })],
  followStaffPages: [only(SIGNED_IN, 'a stream of changes', {}, ['retry:'])],
  showHomeSignIn: [everybody('the form', {}, 200, ['name="code"'])],
});

const formOf = ({ email, password, letterCode, digits }: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  email === undefined ? { code: letterCode ?? '', chiffres: digits ?? '' } : { email, password: password ?? '' };

const takesSession = (heard: Heard): void => {
  if (!heard.setsCookie) throw new Error('signed in without a session');
};

const technicianPageTrials = ({ overrides }: TrialMeans): TrialsByRoute => {
  const form = { cible: 'point:light-point-republique-23', niveau: '30', fin: '1h', pourquoi: 'essai', confirme: 'oui' };
  const followUp = /^\/eclairage\/armoires\/site-republique\/derogations\/override-/;
  return {
    showLighting: [
      only(['technician'], 'the streets', {}, ['/eclairage/armoires/site-republique"'], {
        emptyFor: SIGNED_IN.filter((role) => role !== 'technician'),
      }),
    ],
    showStreet: onStreet({}, ['REP-24', 'Rue de la République']),
    submitOverride: onStreet({ body: form }, [], { status: 303, location: followUp }),
    showOverride: onStreet({ params: { override: overrides.followed } }, ['REP-01']),
    submitOverrideEnd: onStreet({ params: { override: overrides.endedByPage } }, [], { status: 303, location: followUp }),
  };
};

const commissioningPageTrials = (): TrialsByRoute => {
  const of = (device: string) => ({ gateway: 'gateway-republique', device });
  const meter = { point: 'point-republique-festive', quand: 'now', confirme: 'oui' };
  const back = /^\/eclairage\/armoires\/site-republique\/mise-en-service/;
  const done = { status: 303, location: back };
  return {
    showCommissioning: onStreet({}, ['Mise en service', 'extension-6-0']),
    submitDeclaration: onStreet(
      { params: { gateway: 'gateway-republique' }, body: { bus: 'bus-extension', profil: 'eastron-sdm120', unite: '10' } },
      [],
      done,
    ),
    showCommissionedDevice: onStreet({ params: of('extension-6-1') }, ['REP-26']),
    submitBlink: onStreet({ params: of('extension-6-1') }, [], done),
    submitColumn: onStreet(
      { params: of('extension-6-1'), body: { mat: 'light-point-republique-26', confirme: 'oui' } },
      [],
      done,
    ),
    submitMeter: onStreet({ params: of('meter-festive-next'), body: meter }, [], done),
    submitRelease: onStreet({ params: of('extension-6-1'), body: { quoi: 'mat' } }, [], done),
    submitWithdrawal: onStreet({ params: of('bus-extension-10') }, [], done),
  };
};

const landlordPageTrials = (): TrialsByRoute => ({
  showEstate: [
    only(['landlord'], 'the buildings', {}, ['/patrimoine/site-tilleuls"'], {
      emptyFor: SIGNED_IN.filter((role) => role !== 'landlord'),
      never: PEOPLE,
    }),
  ],
  showBuilding: [
    nothing('a street', street),
    nothing('a building that is not', nowhere),
    only(['landlord'], 'the building', building, ['Résidence Les Tilleuls', 'kWh'], { never: PEOPLE }),
  ],
});

const tenantPageTrials = ({ credentialsOf }: TrialMeans): TrialsByRoute => ({
  homeSignIn: [
    {
      ...only(TENANTS, 'a session with one’s own letter', (role) => ({ body: formOf(credentialsOf(role)) }), [], { status: 303 }),
      location: /^\/chez-moi$/,
      refusedWith: 422,
      also: takesSession,
    },
    nothing(
      'the session of 07 with the digits of 03',
      {
        body: {
          code: credentialsOf('tenant of 07')['letterCode'],
          chiffres: otherDigits(credentialsOf('tenant of 07')['digits']),
        },
      },
      { refusedWith: 401, roles: ['nobody'] },
    ),
  ],
  homeSignOut: [everybody('the end of one’s own session', {}, 303, [], { location: /^\/$/, endsSession: true })],
  followHomePages: [only(SIGNED_IN, 'a stream of changes', {}, ['retry:'])],
  showHome: [
    only(TENANTS, 'a home', {}, ['Hier'], { never: /kWh/ }),
    only(['tenant of 07'], 'the home whose tenant chose half-hours', {}, ['Aujourd’hui, jusqu’à'], {
      emptyFor: ['tenant of 03'],
    }),
  ],
  showHomeDetails: [
    only(TENANTS, 'a home', {}, ['kWh']),
    only(['tenant of 07'], 'the home whose tenant chose half-hours', {}, ['toutes les 30 minutes'], {
      emptyFor: ['tenant of 03'],
    }),
  ],
});

const otherDigits = (digits = '0000'): string => (digits === '0000' ? '1111' : '0000');

/** For each route of the contract, what is tried on it. */
export const trialsOf = (means: TrialMeans): TrialsByRoute => ({
  ...platformTrials(),
  ...sessionTrials(means),
  ...identityTrials(means),
  ...lightingTrials(means),
  ...commissioningTrials(),
  ...housingTrials(),
  ...publicPageTrials(means),
  ...technicianPageTrials(means),
  ...commissioningPageTrials(),
  ...landlordPageTrials(),
  ...tenantPageTrials(means),
});
