// The import rule of the house (docs/architecture.md, ADR 0002), executable. Each clause keeps a planted violation in
// test/architecture/violations/<clause>/ that test/architecture/import-rule.test.ts requires to be reported.
const SERVICES = '^(gateway|ingest|control|dashboards|simulators)/';
const ABOVE_CONTRACT = '^(adapters|cli|gateway|ingest|control|dashboards|simulators|test)/|^main\\.ts$';
const PURE = 'node_modules/(zod|temporal-polyfill|temporal-spec|temporal-utils|suncalc|@noble/hashes)/';
const NPM = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown'];
const TECHNOLOGY = [
  'mqtt',
  'mqtt-packet',
  'aedes[^/]*',
  'mqemitter',
  'better-sqlite3',
  'kysely',
  'pg',
  'highs',
  '@influxdata',
  'node-cron',
  'pino',
  'prom-client',
  'openid-client',
  'nodemailer',
  '@node-rs',
  '@peculiar',
  'reflect-metadata',
  'fastify',
  'fastify-[^/]*',
  '@fastify',
].join('|');

module.exports = {
  forbidden: [
    {
      name: 'domain-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: `^contract/|${ABOVE_CONTRACT}` },
    },
    {
      name: 'domain-and-contract-do-no-io',
      severity: 'error',
      from: { path: '^(domain|contract)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'domain-and-contract-need-pure-packages-only',
      severity: 'error',
      from: { path: '^(domain|contract)/' },
      to: { dependencyTypes: NPM, pathNot: PURE },
    },
    { name: 'contract-imports-domain-only', severity: 'error', from: { path: '^contract/' }, to: { path: ABOVE_CONTRACT } },
    {
      name: 'adapters-import-contract-and-domain-only',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^(cli|gateway|ingest|control|dashboards|simulators|test)/|^main\\.ts$' },
    },
    {
      name: 'services-do-not-import-each-other',
      severity: 'error',
      from: { path: '^(gateway|ingest|control|dashboards|simulators)/' },
      to: { path: SERVICES, pathNot: '^$1/' },
    },
    {
      name: 'only-main-chooses-adapters',
      severity: 'error',
      from: { path: '^(cli|deploy|gateway|ingest|control|dashboards|simulators)/', pathNot: '/main\\.ts$' },
      to: { path: '^adapters/' },
    },
    { name: 'nobody-imports-a-main', severity: 'error', from: {}, to: { path: '(^|/)main\\.ts$' } },
    {
      name: 'root-main-enters-a-service-by-its-index',
      severity: 'error',
      from: { path: '^main\\.ts$' },
      to: { path: SERVICES, pathNot: '/index\\.ts$' },
    },
    {
      name: 'simulators-know-no-rule',
      severity: 'error',
      from: { path: '^simulators/' },
      to: { path: '^domain/(?!(units|identifiers|civil-time)\\.ts)' },
    },
    {
      name: 'a-technology-stays-in-its-adapter',
      severity: 'error',
      from: { pathNot: '^(adapters|test)/' },
      to: { path: `node_modules/(${TECHNOLOGY})/` },
    },
    {
      name: 'modbus-stays-at-the-field',
      severity: 'error',
      from: { pathNot: '^(gateway/modbus|simulators/modbus-server|test)/' },
      to: { path: 'node_modules/(modbus-serial|serialport|@serialport)/' },
    },
    {
      name: 'grafana-stays-in-its-room',
      severity: 'error',
      from: { pathNot: '^(dashboards/grafana|test)/' },
      to: { path: 'node_modules/@grafana/' },
    },
    { name: 'nobody-imports-tests', severity: 'error', from: { pathNot: '^test/' }, to: { path: '^test/' } },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'every-import-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    // Never exclude node_modules here: it would silently disable every clause about packages.
    exclude: { path: '^(dist|data)/|^test/architecture/violations/' },
    enhancedResolveOptions: {
      conditionNames: ['types', 'import', 'node'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs'],
      exportsFields: ['exports'],
    },
  },
};
