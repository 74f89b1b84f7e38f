# One image; docker-compose.yml chooses the command of each service.
FROM node:24-bookworm-slim AS install
WORKDIR /opt/axone
COPY package.json package-lock.json ./
RUN npm ci

FROM install AS build
COPY . .
RUN npx vite build --outDir dist/portal || exit 1

FROM node:24-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/axone
COPY package.json package-lock.json ./
RUN npm ci --omit=dev && npm cache clean --force
COPY main.ts tsconfig.json ./
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
  && install --directory --owner=axone --group=axone /var/lib/axone /var/lib/axone/registry
USER axone
VOLUME /var/lib/axone
EXPOSE 8080
CMD ["node", "main.ts"]
