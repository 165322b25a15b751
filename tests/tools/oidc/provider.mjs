// A provider of OpenID Connect for tests: who comes says by the cookie `person` who they are.
// From: PORT, REDIRECT, SECRET and PEOPLE (JSON: name -> groups) of the environment.
import http from 'node:http';
import Provider from 'oidc-provider';

const { PORT, REDIRECT, SECRET, PEOPLE } = process.env;
const people = JSON.parse(PEOPLE);
const issuer = `http://127.0.0.1:${PORT}`;
const provider = new Provider(issuer, {
  clients: [{ client_id: 'mutt', client_secret: SECRET, redirect_uris: [REDIRECT] }],
  claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: `id-of-${id}`, preferred_username: id, groups: people[id] }),
  }),
});

async function interaction(request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === 'login') {
    const person = /person=(\w+)/.exec(request.headers.cookie ?? '')?.[1];
    const result = person in people
      ? { login: { accountId: person } }
      : { error: 'access_denied', error_description: 'nobody' };
    return provider.interactionFinished(request, response, result);
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope('openid profile email');
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

const others = provider.callback();
http.createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) return others(request, response);
  return interaction(request, response).catch((error) => {
    response.statusCode = 500;
    response.end(String(error));
  });
}).listen(Number(PORT), '127.0.0.1', () => console.log('ready'));
