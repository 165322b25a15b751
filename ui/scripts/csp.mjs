// `vite preview` serves the built pages under the policy that MUTT serves them with, so what the
// policy forbids is seen before they are in the binary.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const policy = (nonce) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');

export function contentSecurityPolicy() {
  return {
    name: 'mutt-content-security-policy',
    configurePreviewServer(server) {
      const { root, build } = server.config;
      const page = async (response) => {
        const nonce = randomBytes(16).toString('base64');
        const html = await readFile(join(root, build.outDir, 'index.html'), 'utf8');
        response.setHeader('Content-Type', 'text/html; charset=utf-8');
        response.setHeader('Content-Security-Policy', policy(nonce));
        response.end(html.replaceAll('__CSP_NONCE__', nonce));
      };
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://preview').pathname;
        if (path.startsWith('/api/') || extname(path) !== '') return next();
        return page(response).catch(next);
      });
    },
  };
}
