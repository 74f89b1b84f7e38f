import { fault } from '#contract/errors.ts';
import { needsSession, type ResourceSource, type Route } from '#contract/routes/route.ts';
import type { Instant } from '#domain/civil-time.ts';
import { dwellingId, type PointId, pointId, siteId } from '#domain/identifiers.ts';
import { isPermitted, type Principal, type Resource } from '#domain/people/permission.ts';

export interface AccessQuestion {
  readonly route: Route;
  readonly principal: Principal | null;
  readonly params: unknown;
  readonly query: unknown;
  readonly now: Instant;
  readonly resolvePoint: (point: PointId) => Promise<Resource | null>;
}

const field = (fields: unknown, name: string): string => String((fields as Readonly<Record<string, unknown>>)[name]);

const resourceOf = async (source: ResourceSource, question: AccessQuestion): Promise<Resource | null> => {
  switch (source.kind) {
    case 'site':
      return { kind: 'site', site: siteId(field(question.params, source.param)) };
    case 'dwelling':
      return { kind: 'dwelling', dwelling: dwellingId(field(question.params, source.param)) };
    case 'point':
      return question.resolvePoint(pointId(field(question.query, source.query)));
    case 'platform':
      return { kind: 'platform' };
  }
};

/** Throws `SIGN_IN_REQUIRED` without a session, and the same `NOT_FOUND` for what is denied as for what does not exist. */
export const checkAccess = async (question: AccessQuestion): Promise<void> => {
  const { route, principal, now } = question;
  if (!needsSession(route)) return;
  if (principal === null) throw fault('SIGN_IN_REQUIRED');
  if (route.access.kind !== 'permission') return;
  const resource = await resourceOf(route.access.on, question);
  const permitted =
    resource !== null && route.access.anyOf.some((permission) => isPermitted(principal, permission, resource, now));
  if (!permitted) throw fault('NOT_FOUND');
};
