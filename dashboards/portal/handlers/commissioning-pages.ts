import { fault } from '#contract/errors.ts';
import {
  bindLightPoint,
  bindMeter,
  blinkDevice,
  type CommissionedDevice,
  type CommissioningAnswer,
  declareDevices,
  readCommissioning,
  releaseLightPoint,
  releaseMeter,
  withdrawDevice,
} from '#contract/routes/commissioning.ts';
import {
  showCommissionedDevice,
  showCommissioning,
  submitBlink,
  submitColumn,
  submitDeclaration,
  submitMeter,
  submitRelease,
  submitWithdrawal,
} from '#contract/routes/commissioning-pages.ts';
import type { ErrorAnswer } from '#contract/routes/fields.ts';
import { type MountedRoute, mount, type PageAnswer, type RouteRequest } from '#contract/routes/route.ts';
import { civilDateOf, civilTimeOf, parseInstant, timeZone } from '#domain/civil-time.ts';
import type { SiteId } from '#domain/identifiers.ts';
import {
  type BindingCheckContent,
  type BindingFields,
  type CommissioningError,
  DEEDS,
  type DeclarationFields,
  type Deed,
} from '../commissioning-content.ts';
import { devicePath } from '../components/device-path.ts';
import { bodyOf, type PageRequest, type PortalContext, pageAnswer, redirectTo, staffToken } from './portal-context.ts';
import { readDeclaration, readFittedAt } from './read-commissioning-form.ts';

type DeviceParams = RouteRequest<typeof showCommissionedDevice>['params'];
type DeviceRequest = PageRequest & { readonly params: DeviceParams };

interface Trouble {
  readonly errors: readonly CommissioningError[];
  readonly refusal: ErrorAnswer | null;
  readonly status: number;
}

interface Seen {
  readonly commissioning: CommissioningAnswer;
  readonly device: CommissionedDevice;
}

const sitePath = (site: SiteId): string => `/eclairage/armoires/${site}/mise-en-service`;
const deedPath = (path: string, what: Deed['what'], object: string): string =>
  `${path}?${new URLSearchParams({ fait: what, objet: object })}`;

const deedOf = ({ fait, objet }: { readonly fait?: string | undefined; readonly objet?: string | undefined }): Deed | null => {
  const what = DEEDS.find((known) => known === fait);
  return what === undefined ? null : { what, object: objet ?? '' };
};

const siteOf = async (context: PortalContext, request: PageRequest, site: SiteId): Promise<CommissioningAnswer> =>
  bodyOf(await context.api.call(readCommissioning, staffToken(request), { params: { site } }));

const seenBy = async (context: PortalContext, request: DeviceRequest): Promise<Seen> => {
  const { site, gateway, device: id } = request.params;
  const commissioning = await siteOf(context, request, site);
  const buses = commissioning.gateways.find((known) => known.id === gateway)?.buses ?? [];
  const device = buses.flatMap(({ devices }) => devices).find((known) => known.device === id);
  if (device === undefined) throw fault('NOT_FOUND');
  return { commissioning, device };
};

/** A meter is fitted now, unless somebody says otherwise. */
const emptyFields = ({ now, timeZone: zone }: CommissioningAnswer, search = ''): BindingFields => ({
  column: '',
  search,
  point: '',
  when: 'now',
  date: civilDateOf(parseInstant(now), timeZone(zone)),
  time: civilTimeOf(parseInstant(now), timeZone(zone)).slice(0, 5),
});

const showDevice = (
  context: PortalContext,
  request: DeviceRequest,
  seen: Seen,
  fields: BindingFields,
  said: { readonly deed?: Deed | null; readonly trouble?: Trouble } = {},
): PageAnswer => {
  const { errors = [], refusal = null, status = 200 } = said.trouble ?? {};
  const content = { page: 'commissioned-device', ...seen, fields, deed: said.deed ?? null, errors, refusal } as const;
  return pageAnswer(context, request, content, { status, returnPath: devicePath(seen.commissioning.site, seen.device) });
};

/** A refusal that a person can do something about; what nobody may see is the usual page. */
const refused = (answer: { readonly ok: false; readonly status: number; readonly error: ErrorAnswer }): Trouble => {
  if (answer.status === 401 || answer.error.code === 'NOT_FOUND') bodyOf(answer);
  return { errors: [], refusal: answer.error, status: answer.status };
};

const wrong = (...errors: CommissioningError[]): Trouble => ({ errors, refusal: null, status: 422 });

const check = (context: PortalContext, request: DeviceRequest, content: Omit<BindingCheckContent, 'page'>): PageAnswer =>
  pageAnswer(
    context,
    request,
    { page: 'binding-check', ...content },
    {
      returnPath: devicePath(content.commissioning.site, content.device),
    },
  );

const bindColumn = async (context: PortalContext, request: RouteRequest<typeof submitColumn>): Promise<PageAnswer> => {
  const seen = await seenBy(context, request);
  const fields = { ...emptyFields(seen.commissioning, request.body.q ?? ''), column: request.body.mat ?? '' };
  const column = seen.commissioning.lightPoints.find(({ id }) => id === fields.column);
  if (column === undefined) return showDevice(context, request, seen, fields, { trouble: wrong('column') });
  if (request.body.confirme !== 'oui')
    return check(context, request, { ...seen, fields, binding: { kind: 'column', label: column.label } });
  const answer = await context.api.call(bindLightPoint, staffToken(request), {
    params: request.params,
    body: { lightPoint: column.id },
  });
  if (answer.ok) return redirectTo(deedPath(devicePath(request.params.site, seen.device), 'column-bound', column.label));
  return showDevice(context, request, seen, fields, { trouble: refused(answer) });
};

const bindMeterTo = async (context: PortalContext, request: RouteRequest<typeof submitMeter>): Promise<PageAnswer> => {
  const seen = await seenBy(context, request);
  const { point: id = '', quand, date = '', heure: time = '', confirme } = request.body;
  const when = quand === 'date' ? 'date' : 'now';
  const fields = { ...emptyFields(seen.commissioning), point: id, when, ...(when === 'date' ? { date, time } : {}) } as const;
  const point = seen.commissioning.points.find((known) => known.id === id);
  const from = readFittedAt(fields, seen.commissioning);
  if (point === undefined || from === null) {
    const errors: CommissioningError[] = [
      ...(point === undefined ? (['point'] as const) : []),
      ...(from === null ? (['date'] as const) : []),
    ];
    return showDevice(context, request, seen, fields, { trouble: wrong(...errors) });
  }
  if (confirme !== 'oui') return check(context, request, { ...seen, fields, binding: { kind: 'meter', point, from } });
  const answer = await context.api.call(bindMeter, staffToken(request), {
    params: request.params,
    // now is when the platform does it, not when this page was read
    body: { point: point.id, ...(fields.when === 'now' ? {} : { from }) },
  });
  if (answer.ok) return redirectTo(deedPath(devicePath(request.params.site, seen.device), 'meter-bound', point.id));
  return showDevice(context, request, seen, fields, { trouble: refused(answer) });
};

/** A gesture that needs no form: done, or said why not. */
const gesture = async (
  context: PortalContext,
  request: DeviceRequest,
  act: () => Promise<{ readonly ok: true } | { readonly ok: false; readonly status: number; readonly error: ErrorAnswer }>,
  next: (seen: Seen) => string,
): Promise<PageAnswer> => {
  const seen = await seenBy(context, request);
  const answer = await act();
  if (answer.ok) return redirectTo(next(seen));
  return showDevice(context, request, seen, emptyFields(seen.commissioning), { trouble: refused(answer) });
};

const declare = async (context: PortalContext, request: RouteRequest<typeof submitDeclaration>): Promise<PageAnswer> => {
  const { site, gateway } = request.params;
  const { bus = '', profil: profile = '', unite = '', voie = '', lignes = '' } = request.body;
  const fields: DeclarationFields = { bus, profile, unit: unite.trim(), channel: voie.trim(), lines: lignes.trim() };
  const again = async ({ errors, refusal, status }: Trouble): Promise<PageAnswer> => {
    const commissioning = await siteOf(context, request, site);
    const content = { page: 'commissioning', commissioning, fields, deed: null, errors, refusal } as const;
    return pageAnswer(context, request, content, { status, returnPath: sitePath(site) });
  };
  const devices = readDeclaration(fields);
  if ('errors' in devices) return again(wrong(...devices.errors));
  const answer = await context.api.call(declareDevices, staffToken(request), {
    params: { site, gateway },
    body: { bus, devices: [...devices] },
  });
  return answer.ok ? redirectTo(deedPath(sitePath(site), 'declared', '')) : again(refused(answer));
};

/** Commissioning on a phone, for a technician's session. */
export const commissioningPages = (context: PortalContext): MountedRoute[] => [
  mount(showCommissioning, async (request) => {
    const commissioning = await siteOf(context, request, request.params.site);
    const said = { fields: null, deed: deedOf(request.query), errors: [], refusal: null } as const;
    return pageAnswer(context, request, { page: 'commissioning', commissioning, ...said });
  }),
  mount(submitDeclaration, (request) => declare(context, request)),
  mount(showCommissionedDevice, async (request) => {
    const seen = await seenBy(context, request);
    const fields = emptyFields(seen.commissioning, request.query.q ?? '');
    return showDevice(context, request, seen, fields, { deed: deedOf(request.query) });
  }),
  mount(submitBlink, (request) =>
    gesture(
      context,
      request,
      () => context.api.call(blinkDevice, staffToken(request), { params: request.params }),
      ({ device }) => devicePath(request.params.site, device),
    ),
  ),
  mount(submitColumn, (request) => bindColumn(context, request)),
  mount(submitMeter, (request) => bindMeterTo(context, request)),
  mount(submitRelease, (request) => {
    const route = request.body.quoi === 'mat' ? releaseLightPoint : releaseMeter;
    const done = () => context.api.call(route, staffToken(request), { params: request.params });
    return gesture(context, request, done, ({ device }) => deedPath(devicePath(request.params.site, device), 'released', ''));
  }),
  mount(submitWithdrawal, (request) => {
    const done = () => context.api.call(withdrawDevice, staffToken(request), { params: request.params });
    return gesture(context, request, done, () => deedPath(sitePath(request.params.site), 'withdrawn', ''));
  }),
];
