import type { Access, Route } from '#contract/routes/route.ts';
import { parameterNames } from '../request-address.ts';

const ACCESS_KINDS: readonly string[] = ['public', 'claim', 'session', 'permission'];

const isAccess = (access: Access | undefined): access is Access => {
  if (access === undefined || !ACCESS_KINDS.includes(access.kind)) return false;
  return access.kind !== 'permission' || access.anyOf.length > 0;
};

/** Throws a `TypeError` for a route that says not who may use it, or whose resource is in no parameter: such a route is never served. */
export const checkRoute = (route: Route): void => {
  const { access } = route as { access?: Access };
  if (!isAccess(access)) throw new TypeError(`Route ${route.name} does not say who may use it`);
  if (access.kind !== 'permission') return;
  if ((access.on.kind === 'site' || access.on.kind === 'dwelling') && !parameterNames(route.path).includes(access.on.param))
    throw new TypeError(`Route ${route.name} has no parameter :${access.on.param} to check its permission on`);
  if (access.on.kind === 'point' && route.query === undefined)
    throw new TypeError(`Route ${route.name} has no query to find the measurement point ${access.on.query} in`);
};
