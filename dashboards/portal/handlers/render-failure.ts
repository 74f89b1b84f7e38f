import type { Fault } from '#contract/errors.ts';
import type { FailureKind } from '../page-content.ts';
import type { Language } from '../words/formats.ts';
import { frameOf, type PortalContext } from './portal-context.ts';

const failureOf = ({ code, status }: Fault): FailureKind => {
  if (status === 404 || code === 'REQUEST_INVALID') return 'not-found';
  if (code === 'FORGED_ORIGIN') return 'forged';
  if (status === 429) return 'slowed';
  return status === 503 ? 'unavailable' : 'other';
};

/** The page of an error. What is refused and what does not exist look the same. */
export const renderFailure = (context: PortalContext, problem: Fault, language: Language): string => {
  const { renderPage, assets } = context.portal();
  const frame = frameOf(context, language, '/', { kind: 'visitor' });
  return renderPage(frame, { page: 'failure', failure: failureOf(problem), code: problem.code }, assets);
};
