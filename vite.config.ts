import { defineConfig } from 'vite';

/** The pages of the portal, in two runs into folders that the caller names: `--mode client` (script and style sheet), `--mode server` (what renders the HTML). */
export default defineConfig(({ mode }) => ({
  appType: 'custom',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  publicDir: mode === 'client' ? 'dashboards/portal/public' : false,
  build:
    mode === 'client'
      ? {
          emptyOutDir: true,
          target: 'es2020',
          modulePreload: false,
          rolldownOptions: {
            input: ['dashboards/portal/client/main.ts', 'dashboards/portal/styles/portal.css'],
            output: { entryFileNames: '[name]-[hash].js', assetFileNames: '[name]-[hash][extname]' },
          },
        }
      : {
          emptyOutDir: false,
          target: 'node24',
          ssr: 'dashboards/portal/server.tsx',
          rolldownOptions: { output: { entryFileNames: 'server.js' } },
        },
}));
