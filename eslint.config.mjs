// Typed lint. Biome formats; this file says what code may not do. The bans of clocks, timers, process.env and acting
// globals each keep a planted violation in test/architecture/lint-bans.test.ts.
import tseslint from 'typescript-eslint';

const SOURCES = ['**/*.ts', '**/*.tsx'];
const MAINS = ['main.ts', '**/main.ts'];
const TESTS = ['test/**/*.ts', 'test/**/*.tsx'];
const CLOCKS = ['adapters/clock/**/*.ts', 'dashboards/portal/client/browser-clock.ts'];

const CLOCK_BANS = [
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.name='Date']",
    message: 'Time is given, never taken: use the clock port (civilNow).',
  },
  {
    selector:
      "MemberExpression[object.name='Date'][property.name='now'], MemberExpression[object.name='Temporal'][property.name='Now']",
    message: 'Time is given, never taken: use the clock port (civilNow).',
  },
  {
    selector: "MemberExpression[object.name='performance'][property.name=/^(now|timeOrigin)$/]",
    message: 'Time is given, never taken: use the clock port (monotonicNow).',
  },
  {
    selector: "MemberExpression[object.name='process'][property.name=/^(hrtime|uptime)$/]",
    message: 'Time is given, never taken: use the clock port (monotonicNow).',
  },
  {
    selector: 'MemberExpression[object.name=/^(globalThis|window|self|global)$/][property.name=/^(setTimeout|setInterval)$/]',
    message: 'Timers belong to the clock port (after, sleep).',
  },
];

const ENVIRONMENT_BANS = [
  {
    selector: "MemberExpression[object.name='process'][property.name='env']",
    message: 'Only a main.ts reads the environment; pass what it read.',
  },
  {
    selector: "VariableDeclarator[init.name='process'] > ObjectPattern > Property[key.name='env']",
    message: 'Only a main.ts reads the environment; pass what it read.',
  },
];

const RANDOM_BAN = [
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'The trade is pure: pass a seeded source.',
  },
];

const TEST_BANS = [
  {
    selector: 'MemberExpression[object.name=/^(test|it|describe|suite)$/][property.name=/^(skip|only|todo|fails|skipIf|runIf)$/]',
    message: 'A test runs or does not exist.',
  },
  {
    selector: "MemberExpression[object.name='vi'][property.name=/^(mock|doMock|hoisted|stubGlobal)$/]",
    message: 'No module mocking: pass a fake as a dependency.',
  },
];

const TIMER_GLOBALS = ['setTimeout', 'setInterval'].map((name) => ({
  name,
  message: 'Timers belong to the clock port (after, sleep).',
}));

const ACTING_GLOBALS = [
  'fetch',
  'process',
  'performance',
  'console',
  'crypto',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'WebSocket',
  'navigator',
  'document',
  'window',
  'localStorage',
].map((name) => ({ name, message: 'domain and contract are pure: nothing that acts or varies.' }));

const CLOCK_IMPORTS = {
  paths: [
    { name: 'node:timers', message: 'Timers belong to the clock port.' },
    { name: 'timers', message: 'Timers belong to the clock port.' },
    { name: 'node:timers/promises', importNames: ['setTimeout', 'setInterval'], message: 'Timers belong to the clock port.' },
    { name: 'timers/promises', message: 'Timers belong to the clock port.' },
    { name: 'node:perf_hooks', message: 'Time is given: use the clock port (monotonicNow).' },
    { name: 'node:process', importNames: ['env', 'hrtime', 'uptime'], message: 'Only a main.ts reads the environment.' },
  ],
};

/** An error is handled, reported or passed on. Where there is nothing to do, a comment in the block says why, as `no-empty` asks of `catch`. */
const noSwallowedRejection = {
  meta: { type: 'problem', schema: [], messages: { swallowed: 'An error is handled, reported or passed on, never swallowed.' } },
  create: (context) => ({
    "CallExpression[callee.property.name='catch'] > ArrowFunctionExpression > BlockStatement[body.length=0]": (node) => {
      if (context.sourceCode.getCommentsInside(node).length === 0) context.report({ node, messageId: 'swallowed' });
    },
  }),
};

export default tseslint.config(
  {
    ignores: ['node_modules/**', 'dist/**', 'data/**', '**/generated/**', 'test/architecture/violations/**', 'test/fixtures/**'],
  },
  {
    files: SOURCES,
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { house: { rules: { 'no-swallowed-rejection': noSwallowedRejection } } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An in-memory adapter answers a port of promises without waiting for anything.
      '@typescript-eslint/require-await': 'off',
      // Our objects are closures made by create…: their methods do not use `this`.
      '@typescript-eslint/unbound-method': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'house/no-swallowed-rejection': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-globals': ['error', ...TIMER_GLOBALS],
      'no-restricted-imports': ['error', CLOCK_IMPORTS],
      'no-restricted-syntax': ['error', ...CLOCK_BANS, ...ENVIRONMENT_BANS],
    },
  },
  {
    files: ['domain/**/*.ts', 'contract/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...ACTING_GLOBALS],
      'no-restricted-syntax': ['error', ...CLOCK_BANS, ...ENVIRONMENT_BANS, ...RANDOM_BAN],
    },
  },
  {
    files: CLOCKS,
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': ['error', ...ENVIRONMENT_BANS],
    },
  },
  {
    files: MAINS,
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    files: TESTS,
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-syntax': ['error', ...TEST_BANS],
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
