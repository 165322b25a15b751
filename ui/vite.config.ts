// How the pages are built. From: src/. To: MUTT_UI_OUT, or dist/.
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './scripts/csp.mjs';

const api = { '/api': { target: process.env.MUTT_URL ?? 'http://127.0.0.1:8515' } };

export default defineConfig({
  plugins: [react(), contentSecurityPolicy()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', proxy: api },
  preview: { host: '127.0.0.1', proxy: api },
  build: {
    outDir: process.env.MUTT_UI_OUT ?? 'dist',
    emptyOutDir: true,
    // Nothing is inlined: the policy allows fonts and scripts from files alone.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
  },
});
