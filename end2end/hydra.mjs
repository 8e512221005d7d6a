// A stand-in for Ory Hydra 26.2, as far as Kratos and Genkan ask it, and the application that signs in by it.
//
//   node end2end/hydra.mjs PORT GENKAN
//
// The application begins at /app and ends at /app/callback, which names the account. Challenges are good until the end, as
// those of Hydra 26.2 are, and as long.

import { randomBytes, randomUUID } from 'node:crypto'
import http from 'node:http'

const [port, genkan] = process.argv.slice(2)
const OWN = `http://127.0.0.1:${port}`
const CLIENT = { client_id: 'example-app', client_name: 'Example App', client_uri: `${OWN}/app`, skip_consent: false, metadata: {} }

/** Requests of the application by their challenges. */
const logins = new Map()
const consents = new Map()
const devices = new Map()
/** What a verifier stands for. It counts once. */
const verifiers = new Map()
/** The account of a browser's own sign-in, by its id. */
const sessions = new Map()

const challenge = () => `${randomBytes(870).toString('base64url')}=`
const remember = (map, value, key = challenge()) => {
  map.set(key, value)
  return key
}
const take = key => {
  const value = verifiers.get(key)
  verifiers.delete(key)
  return value
}
const withQuery = (address, pairs) => {
  const url = new URL(address)
  for (const [name, value] of Object.entries(pairs)) url.searchParams.set(name, value)
  return url.href
}

http.createServer(async (request, response) => {
  const url = new URL(request.url, OWN)
  let body = ''
  for await (const part of request) body += part
  const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const go = (to, headers = {}) => response.writeHead(302, { location: to, ...headers }).end()
  const page = words => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!DOCTYPE html><title>App</title><h1>${words}</h1>`)
  const asked = url.searchParams
  const sid = /hydra_session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1]

  switch (`${request.method} ${url.pathname}`) {
    case 'GET /health/ready':
      return json(200, { status: 'ok' })
    case 'GET /app':
      return go(withQuery(`${OWN}/oauth2/auth`, { client_id: CLIENT.client_id, response_type: 'code', scope: 'openid email', redirect_uri: `${OWN}/app/callback`, state: 'example-state-1', ...Object.fromEntries(asked) }))
    case 'GET /app/callback':
      return page(asked.get('error') ?? `Back as ${asked.get('code')}`)
    case 'GET /oauth2/auth': {
      const login = asked.has('login_verifier') && take(asked.get('login_verifier'))
      const consent = asked.has('consent_verifier') && take(asked.get('consent_verifier'))
      const back = asked.get('redirect_uri')
      if (consent) return go(withQuery(back, consent.error ? { error: consent.error } : { code: consent.subject }))
      if (login) {
        sessions.set(login.session_id, login.subject)
        const began = new URL(url)
        began.searchParams.delete('login_verifier')
        const key = remember(consents, { subject: login.subject, login_session_id: login.session_id, request_url: began.href })
        return go(`${genkan}/consent?consent_challenge=${encodeURIComponent(key)}`, { 'set-cookie': `hydra_session=${login.session_id}; Path=/; HttpOnly; SameSite=Lax` })
      }
      if (asked.has('login_verifier') || asked.has('consent_verifier')) return go(withQuery(back, { error: 'access_denied' }))
      const subject = asked.get('prompt') === 'login' ? undefined : sessions.get(sid)
      const context = { ...(asked.has('login_hint') && { login_hint: asked.get('login_hint') }), ...(asked.has('ui_locales') && { ui_locales: asked.get('ui_locales').split(' ') }) }
      const key = remember(logins, { skip: Boolean(subject), subject: subject ?? '', session_id: subject ? sid : randomUUID(), oidc_context: context, request_url: url.href })
      return go(`${genkan}/login?login_challenge=${encodeURIComponent(key)}`)
    }
    case 'GET /oauth2/device/verify': {
      if (asked.has('device_verifier')) return take(asked.get('device_verifier')) ? go(`${genkan}/device/done?client_id=${CLIENT.client_id}`) : json(400, { error: 'invalid_request' })
      const key = remember(devices, { request_url: url.href })
      const code = asked.has('user_code') ? `&user_code=${encodeURIComponent(asked.get('user_code'))}` : ''
      return go(`${genkan}/device?device_challenge=${encodeURIComponent(key)}${code}`)
    }
  }

  const admin = /^\/admin\/oauth2\/auth\/(requests\/(login|consent|device)(\/accept|\/reject)?|sessions\/login)$/.exec(url.pathname)
  if (!admin) return json(404, { error: 'Not Found' })
  const [, , kind, verb] = admin
  if (!kind) {
    for (const [id, subject] of sessions) if (id === asked.get('sid') || subject === asked.get('subject')) sessions.delete(id)
    return response.writeHead(204).end()
  }
  const found = { login: logins, consent: consents, device: devices }[kind].get(asked.get(`${kind}_challenge`))
  if (!found) return json(404, { error: 'Not Found', error_description: 'Unable to locate the requested resource' })
  const answer = verb && JSON.parse(body)
  const redirect = (name, value) => json(200, { redirect_to: withQuery(found.request_url, { [name]: remember(verifiers, value) }) })
  if (!verb) return json(200, { challenge: asked.get(`${kind}_challenge`), requested_scope: ['openid', 'email'], requested_access_token_audience: [], skip: false, client: CLIENT, ...found })
  if (kind === 'device') return answer.user_code === 'BQTRGKZM' ? redirect('device_verifier', found) : json(400, { error: 'invalid_request' })
  if (kind === 'consent') return redirect('consent_verifier', verb === '/reject' ? { error: answer.error } : { subject: found.subject })
  if (found.skip && answer.subject !== found.subject) return json(400, { error: 'invalid_request' })
  return redirect('login_verifier', { subject: answer.subject, session_id: found.session_id })
}).listen(Number(port), '127.0.0.1')
