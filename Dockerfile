# One image; docker-compose.yml chooses the command of each service.
FROM node:24-bookworm-slim AS install
WORKDIR /opt/axone
COPY package.json package-lock.json ./
RUN npm ci

FROM install AS build
COPY . .
RUN node --input-type=module --eval "import { buildPortal } from './dashboards/portal/build.ts'; await buildPortal(process.cwd());"

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/axone
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
# vite.config.ts and the lock file are part of the stamp by which the portal knows that its pages are those of its sources.
COPY main.ts vite.config.ts ./
COPY domain domain
COPY contract contract
COPY adapters adapters
COPY gateway gateway
COPY ingest ingest
COPY control control
COPY dashboards dashboards
COPY simulators simulators
COPY cli cli
COPY deploy deploy
COPY --from=build /opt/axone/dist dist
# State goes to /var/lib/axone only; the programme itself cannot be changed by the user that runs it.
RUN useradd --system --uid 10001 --home-dir /var/lib/axone --shell /usr/sbin/nologin axone \
  && for folder in control ingest gateway simulators registry; do \
       install --directory --mode=0700 --owner=axone --group=axone "/var/lib/axone/$folder"; \
     done
USER axone
EXPOSE 8080
CMD ["node", "main.ts"]
