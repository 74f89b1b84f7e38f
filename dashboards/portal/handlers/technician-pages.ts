import { fault } from '#contract/errors.ts';
import { beginOverride, endOverride, listSites, readOverride, readStreet } from '#contract/routes/lighting.ts';
import {
  followStaffPages,
  showLighting,
  showOverride,
  showStreet,
  submitOverride,
  submitOverrideEnd,
} from '#contract/routes/pages.ts';
import { type MountedRoute, mount, type PageAnswer, type RouteRequest } from '#contract/routes/route.ts';
import type { SiteId } from '#domain/identifiers.ts';
import { targetOfChoice } from '../components/override-target.ts';
import type { OverrideDraft } from '../page-content.ts';
import { bodyOf, type PageRequest, type PortalContext, pageAnswer, redirectTo, staffToken } from './portal-context.ts';
import { emptyActingFields, readActingForm, type SubmittedActing } from './read-acting-form.ts';

const streetPath = (site: SiteId): string => `/eclairage/armoires/${site}`;

const streetOf = async (context: PortalContext, request: PageRequest, site: SiteId) =>
  bodyOf(await context.api.call(readStreet, staffToken(request), { params: { site } }));

const lighting = async (context: PortalContext, request: PageRequest): Promise<PageAnswer> => {
  const { sites } = bodyOf(await context.api.call(listSites, staffToken(request), {}));
  const lit = sites.filter(({ kind }) => kind === 'lighting');
  const streets = await Promise.all(lit.map(({ id }) => streetOf(context, request, id)));
  return pageAnswer(context, request, { page: 'lighting', streets });
};

const submittedOf = ({ body }: RouteRequest<typeof submitOverride>): SubmittedActing => ({
  fields: {
    target: body.cible ?? '',
    level: body.niveau?.trim() ?? '',
    end: body.fin ?? '',
    date: body.date ?? '',
    time: body.heure ?? '',
    reason: body.pourquoi?.trim() ?? '',
  },
  namedEnd: body.jusqua ?? '',
});

type SubmitRequest = RouteRequest<typeof submitOverride>;
type Street = Awaited<ReturnType<typeof streetOf>>;

const send = async (
  context: PortalContext,
  request: SubmitRequest,
  street: Street,
  draft: OverrideDraft,
): Promise<PageAnswer> => {
  const target = targetOfChoice(draft.fields.target, street);
  if (target === null) throw fault('NOT_FOUND');
  const answer = await context.api.call(beginOverride, staffToken(request), {
    params: { site: street.site },
    body: { target, levelPercent: draft.levelPercent, endsAt: draft.endsAt, reason: draft.fields.reason },
  });
  if (answer.ok) return redirectTo(`${streetPath(street.site)}/derogations/${answer.body.id}`);
  if (answer.status === 401 || answer.status === 404) bodyOf(answer);
  const content = { page: 'street', street, fields: draft.fields, errors: [], refusal: answer.error } as const;
  return pageAnswer(context, request, content, { status: answer.status, returnPath: streetPath(street.site) });
};

/** Without a script the first post shows the order; the second, or the one of a button that named it, sends it. */
const submit = async (context: PortalContext, request: SubmitRequest): Promise<PageAnswer> => {
  const street = await streetOf(context, request, request.params.site);
  const submitted = submittedOf(request);
  const draft = readActingForm(submitted, street);
  const returnPath = streetPath(street.site);
  if (!('endsAt' in draft)) {
    const content = { page: 'street', street, fields: submitted.fields, errors: draft, refusal: null } as const;
    return pageAnswer(context, request, content, { status: 422, returnPath });
  }
  if (request.body.confirme !== 'oui')
    return pageAnswer(context, request, { page: 'override-check', street, draft }, { returnPath });
  return send(context, request, street, draft);
};

const follow = async (context: PortalContext, request: RouteRequest<typeof showOverride>): Promise<PageAnswer> => {
  const [street, answer] = await Promise.all([
    streetOf(context, request, request.params.site),
    context.api.call(readOverride, staffToken(request), { params: request.params }),
  ]);
  return pageAnswer(context, request, { page: 'override', street, override: bodyOf(answer) });
};

/** The street, its overrides and their follow-up, for a technician's session. */
export const technicianPages = (context: PortalContext): MountedRoute[] => [
  mount(showLighting, async (request) => lighting(context, request)),
  mount(showStreet, async (request) => {
    const street = await streetOf(context, request, request.params.site);
    const { cible } = request.query;
    const known = cible !== undefined && targetOfChoice(cible, street) !== null;
    const fields = emptyActingFields(street, known ? cible : 'tout');
    return pageAnswer(context, request, { page: 'street', street, fields, errors: [], refusal: null });
  }),
  mount(submitOverride, async (request) => submit(context, request)),
  mount(showOverride, async (request) => follow(context, request)),
  mount(submitOverrideEnd, async (request) => {
    const { site, override } = request.params;
    bodyOf(await context.api.call(endOverride, staffToken(request), { params: { site, override } }));
    return redirectTo(`${streetPath(site)}/derogations/${override}`);
  }),
  mount(followStaffPages, async (request) => {
    const token = staffToken(request);
    if (token === null) throw fault('SIGN_IN_REQUIRED');
    return context.api.follow(token, request.signal);
  }),
];
