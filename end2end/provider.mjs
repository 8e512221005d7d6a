// An OpenID provider to try social sign-in with: a second system of accounts, as Google is one for others.
//
//   node end2end/provider.mjs PORT GENKAN     where to listen, and where Genkan is
//
// Every address that a user types is an account there. The user chooses what Kratos gets to know.
// Nothing is stored: each sign-in asks again.

import { createServer } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import Provider from 'oidc-provider'

const [port, genkan] = process.argv.slice(2)

// Not "localhost", which is Genkan's: browsers share cookies among the ports of a host.
const HOST = '127.0.0.1'

// Everybody has the same name.
const NAME = { family_name: '鈴木', given_name: '花子', nickname: 'はなこ' }

const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

const provider = new Provider(`http://${HOST}:${port}`, {
  // See kratos/profiles/oidc.yml.
  clients: [
    {
      client_id: 'genkan',
      client_secret: 'development-only',
      redirect_uris: [`${genkan}/self-service/methods/oidc/callback/example`],
    },
  ],
  jwks: { keys: [{ ...privateKey, use: 'sig', alg: 'RS256' }] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: Object.keys(NAME) },
  // Kratos reads the ID token and asks no further.
  conformIdTokenClaims: false,
  findAccount: (_, email) => ({ accountId: email, claims: () => ({ sub: email, email, email_verified: true, ...NAME }) }),
  interactions: { url: (_, { uid }) => `/ask/${uid}` },
  features: { devInteractions: { enabled: false }, rpInitiatedLogout: { enabled: false } },
  // The browser never sends a cookie of this path back, so no session lasts. Codes and tokens do not
  // need one.
  cookies: { keys: ['development-only'], long: { path: '/never' } },
  expiresWithSession: () => false,
})

/** What can go wrong when Kratos asks who came back, by the first part of the account's name: "garbage-taro@example.com". */
const TROUBLES = {
  failure: context => {
    context.status = 500
    context.body = { error: 'server_error', error_description: 'The <b>database</b> is gone.' }
  },
  garbage: context => {
    context.status = 200
    context.body = '<!doctype html><h1>Bad gateway</h1>'
  },
  hangup: context => {
    context.respond = false
    context.req.socket.destroy()
  },
  silence: context => {
    context.respond = false
  },
}

provider.use(async (context, next) => {
  await next()
  if (context.oidc?.route !== 'token') return
  const [name] = (context.oidc.entities.AuthorizationCode?.accountId ?? '').split('-')
  if (Object.hasOwn(TROUBLES, name)) TROUBLES[name](context)
})

/** The one page: who are you, and what may Genkan know of you? */
const page = uid => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>Example ID</title>
</head>
<body style="margin: 0 auto; max-width: 30em; padding: 1em; font-family: sans-serif; line-height: 1.7">
  <h1>Example ID</h1>
  <p>Genkan asks who you are. This is a provider for trying out: any address is an account, and there are no passwords.</p>
  <form method="post" action="/ask/${uid}">
    <p><label>Your account: <input name="account" type="email" required autofocus></label></p>
    <p><label><input name="scope" type="checkbox" value="email" checked> Tell Genkan my email address</label></p>
    <p><label><input name="scope" type="checkbox" value="profile" checked> Tell Genkan my name</label></p>
    <p>
      <button>Allow</button>
      <button name="refused" value="true" formnovalidate>Refuse</button>
    </p>
  </form>
</body>
</html>
`

/** What was answered there. */
async function answer(request, response) {
  const { params } = await provider.interactionDetails(request, response)
  const form = new URLSearchParams(await text(request))
  if (form.has('refused')) {
    const refusal = { error: 'access_denied', error_description: 'The person refused.' }
    return provider.interactionFinished(request, response, refusal)
  }
  const accountId = form.get('account').trim().toLowerCase()
  const grant = new provider.Grant({ accountId, clientId: params.client_id })
  grant.addOIDCScope(['openid', ...form.getAll('scope')].join(' '))
  // Asked for and not given is an answer too; without it the page would come again.
  for (const scope of ['email', 'profile']) if (!form.getAll('scope').includes(scope)) grant.rejectOIDCScope(scope)
  const consent = { grantId: await grant.save() }
  return provider.interactionFinished(request, response, { login: { accountId }, consent })
}

async function text(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const others = provider.callback()

const server = createServer(async (request, response) => {
  const uid = /^\/ask\/([\w-]+)$/.exec(request.url)?.[1]
  if (!uid) return others(request, response)
  try {
    if (request.method === 'POST') return await answer(request, response)
    await provider.interactionDetails(request, response)
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page(uid))
  } catch (error) {
    // Most likely an old page, or one of before a restart.
    console.error(error)
    response.writeHead(400, { 'content-type': 'text/plain' }).end('This page is too old. Start again at Genkan.\n')
  }
})

server.listen(Number(port), HOST)
