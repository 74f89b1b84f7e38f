import type { FastifyReply } from 'fastify';
import type { CookieChange, PageAnswer } from '#contract/routes/route.ts';

const changeCookies = (reply: FastifyReply, cookies: readonly CookieChange[], secure: boolean): void => {
  for (const { name, value, path, maxAgeSeconds } of cookies) {
    const options = { path, httpOnly: true, sameSite: 'lax', secure } as const;
    if (value === null) reply.clearCookie(name, options);
    else reply.setCookie(name, value, maxAgeSeconds === undefined ? options : { ...options, maxAge: maxAgeSeconds });
  }
};

/** Sends a page, a redirection (303, so that a reload never posts again) or an asset. */
export const replyPage = (reply: FastifyReply, answer: PageAnswer, secure: boolean): FastifyReply => {
  switch (answer.kind) {
    case 'html':
      changeCookies(reply, answer.cookies ?? [], secure);
      return reply.code(answer.status).type('text/html; charset=utf-8').send(answer.html);
    case 'redirect':
      changeCookies(reply, answer.cookies ?? [], secure);
      return reply.redirect(answer.to, 303);
    case 'asset':
      return reply
        .type(answer.contentType)
        .header('cache-control', answer.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
        .send(Buffer.from(answer.bytes));
  }
};
