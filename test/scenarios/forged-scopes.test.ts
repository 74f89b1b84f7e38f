import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiRoutes } from '#contract/routes/index.ts';
import { pageRoutes } from '#contract/routes/pages.ts';
import { needsSession, type Route } from '#contract/routes/route.ts';
import { readSession } from '#contract/routes/session.ts';
import { until } from '#test/services/until.ts';
import { type ApiReader, createApiReader, onlyLamp } from './api-reader.ts';
import { enrolmentsIn } from './enrolments.ts';
import { type Heard, type Knock, knockAt } from './knock.ts';
import { demonstrationWith, type StartedPlatform, startPlatform, temporaryFolder } from './platform.ts';
import { ROLES, type Role, type Trial, type TrialMeans, trialsOf } from './route-trials.ts';

const ROUTES: readonly Route[] = [...apiRoutes, ...pageRoutes];

const START = '2026-12-15T12:10';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let platform: StartedPlatform;
let technician: ApiReader;
let means: TrialMeans;
const tokens = new Map<Role, string | null>([['nobody', null]]);

const accountOf = (role: Role): readonly ['technician' | 'landlord' | 'admin' | 'tenant', string?] =>
  role === 'technician' || role === 'landlord' || role === 'admin' ? [role] : ['tenant', `dwelling-tilleuls-${role.slice(-2)}`];

const freshToken = (role: Role): Promise<string | null> =>
  role === 'nobody' ? Promise.resolve(null) : platform.signIn(...accountOf(role));

const credentialsOf = (role: Role): Readonly<Record<string, string>> => {
  if (role === 'nobody') return {};
  const [kind, dwelling] = accountOf(role);
  const account = platform.accounts.find((one) => one.role === kind && (dwelling === undefined || one.dwelling === dwelling));
  const { email, password, letterCode, digits } = account ?? {};
  return Object.fromEntries(
    Object.entries({ email, password, letterCode, digits }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
};

const knockOf = ({ knock }: Trial, role: Role): Knock => (typeof knock === 'function' ? knock(role) : knock);
const isPage = ({ answer }: Route): boolean => answer.kind === 'page';

const beginNorthOverride = async (label: string): Promise<string> => (await technician.ask(onlyLamp(label), 40)).id;

beforeAll(async () => {
  folder = await temporaryFolder();
  const enrolments = await enrolmentsIn(folder.path, START, ROLES);
  platform = await startPlatform(['--at', START, '--config', await demonstrationWith(folder.path, enrolments.configuration)]);
  for (const role of ROLES) tokens.set(role, await freshToken(role));
  technician = createApiReader(platform, tokens.get('technician') ?? '');
  const doors = await (await fetch(platform.portal)).text();
  const { now } = await technician.street();
  means = {
    credentialsOf,
    cssFile: /\/portail\/([\w.-]+\.css)/.exec(doors)?.[1] ?? '',
    overrides: {
      followed: await beginNorthOverride('REP-01'),
      endedByApi: await beginNorthOverride('REP-02'),
      endedByPage: await beginNorthOverride('REP-03'),
    },
    enrolments: enrolments.requests,
    endsAt: new Date(Date.parse(now) + 3_600_000).toISOString(),
  };
});
afterAll(async () => {
  expect(await platform.process.stop()).toBe(0);
  await folder.remove();
  // Refusals, and readers that leave in the middle of a stream, are no failures.
  expect(platform.process.output()).not.toContain('"event":"request-failed"');
});

/** A refusal says nothing of what was asked: a code, or a page that has none of it. */
const expectNothing = (route: Route, role: Role, trial: Trial, heard: Heard): void => {
  for (const mark of trial.marks) expect(heard.body).not.toContain(mark);
  expect(heard.body).not.toMatch(/REP-\d\d|Appartement \d|kWh|"value"|"token"/);
  expect(heard.setsCookie).toBe(false);
  if (trial.refusedWith !== undefined) expect(heard.status).toBe(trial.refusedWith);
  else if (role !== 'nobody') expect(heard.status).toBe(404);
  else if (isPage(route))
    expect(heard).toMatchObject({ status: 303, body: '', location: expect.stringMatching(/^\/(connexion|chez-moi\/entrer)$/) });
  else expect(heard.status).toBe(401);
  if (!isPage(route))
    expect(Object.keys(JSON.parse(heard.body) as object)).toEqual(expect.arrayContaining(['code', 'what', 'next']));
};

const expectRight = (route: Route, trial: Trial, heard: Heard): void => {
  expect(heard.status).toBe(trial.status);
  for (const mark of trial.marks) expect(heard.body).toContain(mark);
  if (trial.never !== undefined) expect(heard.body).not.toMatch(trial.never);
  if (trial.location !== undefined) expect(heard.location).toMatch(trial.location);
  trial.also?.(heard);
  if (route.answer.kind === 'json')
    expect(() =>
      (route.answer as { schema: { parse(value: unknown): unknown } }).schema.parse(JSON.parse(heard.body)),
    ).not.toThrow();
  if (route.answer.kind === 'events') expect(heard.contentType).toBe('text/event-stream');
  if (isPage(route) && heard.status === 200 && route.name !== 'serveAsset')
    expect(heard.contentType).toBe('text/html; charset=utf-8');
};

const expectEmpty = (trial: Trial, heard: Heard): void => {
  expect(heard.status).toBe(200);
  for (const mark of trial.marks) expect(heard.body).not.toContain(mark);
};

const tryRole = async (route: Route, trial: Trial, role: Role): Promise<void> => {
  const token = trial.endsSession === true ? await freshToken(role) : (tokens.get(role) ?? null);
  const heard = await knockAt(platform.portal, route, { ...knockOf(trial, role), token });
  if (trial.permitted.includes(role)) expectRight(route, trial, heard);
  else if (trial.emptyFor?.includes(role) === true) expectEmpty(trial, heard);
  else expectNothing(route, role, trial, heard);
  if (trial.endsSession !== true || token === null) return;
  expect(await platform.api.call(readSession, token, {})).toMatchObject({ ok: false, status: 401 });
};

/** The forged first: what they try must still be there for the twin. */
const inOrder = (trial: Trial): readonly Role[] =>
  [...(trial.roles ?? ROLES)].sort((a, b) => Number(trial.permitted.includes(a)) - Number(trial.permitted.includes(b)));

describe('every route, tried by every role with a forged scope and with its permitted twin', () => {
  test('no route of the contract is without its trials, and no trial without its route', () => {
    expect(Object.keys(trialsOf(means)).sort()).toEqual(ROUTES.map(({ name }) => name).sort());
    for (const trials of Object.values(trialsOf(means))) expect(trials.some(({ permitted }) => permitted.length > 0)).toBe(true);
  });

  test.each(ROUTES.map((route) => ({ route })))('$route.method $route.path', async ({ route }) => {
    for (const trial of trialsOf(means)[route.name] ?? []) {
      for (const role of inOrder(trial)) {
        await tryRole(route, trial, role).catch((thrown: unknown) => {
          throw new Error(`${role}, ${trial.what}: ${String(thrown)}`, { cause: thrown });
        });
      }
    }
  });

  test('nothing that was forged took hold: the street has the overrides of its technician alone', async () => {
    const { overrides } = await technician.street();
    expect(overrides.map(({ by }) => by)).toEqual(overrides.map(() => 'Technicien'));
    expect(overrides.map(({ levelPercent }) => levelPercent).sort()).toEqual([20, 30, 40]);
  });
});

describe('a session that comes the wrong way', () => {
  const guarded = ROUTES.filter(needsSession);

  test.each(guarded.filter(({ path }) => path.startsWith('/api/')).map((route) => ({ route })))(
    '$route.method $route.path takes no cookie, which a foreign page could borrow',
    async ({ route }) => {
      const trial = trialsOf(means)[route.name]?.find(({ permitted }) => permitted.length > 0);
      const [role] = trial?.permitted ?? [];
      if (trial === undefined || role === undefined) throw new Error(`${route.name} is permitted to nobody`);
      const heard = await knockAt(platform.portal, route, {
        ...knockOf(trial, role),
        token: tokens.get(role) ?? null,
        byCookie: true,
      });
      expect(heard.status).toBe(401);
    },
  );

  test.each(guarded.map((route) => ({ route })))('$route.method $route.path knows no invented session', async ({ route }) => {
    const trial = trialsOf(means)[route.name]?.find(({ permitted }) => permitted.length > 0);
    if (trial === undefined) throw new Error(`${route.name} is permitted to nobody`);
    const heard = await knockAt(platform.portal, route, { ...knockOf(trial, 'technician'), token: 'A'.repeat(43) });
    expectNothing(route, 'nobody', trial, heard);
  });

  test.each(pageRoutes.filter(({ method }) => method === 'POST').map((route) => ({ route })))(
    '$route.path refuses a form that a foreign page sends, and the session lives on',
    async ({ route }) => {
      const [trial] = trialsOf(means)[route.name]?.filter(({ permitted }) => permitted.length > 0) ?? [];
      if (trial === undefined) throw new Error(`${route.name} is permitted to nobody`);
      const token = tokens.get('technician') ?? null;
      const heard = await knockAt(platform.portal, route, {
        ...knockOf(trial, 'technician'),
        token,
        origin: 'https://ailleurs.example',
      });
      expect(heard.status).toBe(403);
      expect(heard.setsCookie).toBe(false);
      expect(await platform.api.call(readSession, token, {})).toMatchObject({ ok: true });
    },
  );
});

describe('what changes is told', () => {
  test('only to sessions that may read it: each role hears of its own street, building or home', async () => {
    const leaving = new AbortController();
    const heard = new Map<Role, Set<string>>();
    const listening = ROLES.filter((role) => role !== 'nobody').map(async (role) => {
      const told = new Set<string>();
      heard.set(role, told);
      for await (const { changed, id } of platform.api.follow(tokens.get(role) ?? '', leaving.signal))
        told.add(`${changed} ${id}`);
    });
    await until(
      'street and building have told of a reading',
      () =>
        heard.get('technician')?.has('street site-republique') === true &&
        heard.get('landlord')?.has('building site-tilleuls') === true,
      25_000,
    );
    leaving.abort();
    await Promise.all(listening);
    expect([...(heard.get('technician') ?? [])]).toEqual(['street site-republique']);
    expect([...(heard.get('landlord') ?? [])]).toEqual(['building site-tilleuls']);
    for (const told of heard.get('tenant of 03') ?? []) expect(told).toBe('home dwelling-tilleuls-03');
    for (const told of heard.get('tenant of 07') ?? []) expect(told).toBe('home dwelling-tilleuls-07');
    expect([...(heard.get('admin') ?? [])]).toEqual([]);
  });
});
