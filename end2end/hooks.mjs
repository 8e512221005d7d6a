// The service of the profile "hooks": Kratos asks it before each sign-up, sign-in and change.
//
//   node end2end/hooks.mjs PORT
//
// What it answers depends on the nickname, which is all that it looks at. Numbers and texts are its own, so no catalogue has
// them. The format: https://www.ory.sh/docs/kratos/hooks/configure-hooks

import { createServer } from 'node:http'

const [port] = process.argv.slice(2)

const REFUSALS = {
  'refused at the field': [
    { instance_ptr: '#/traits/nickname', messages: [{ id: 9990001, text: 'Somebody else has this nickname.', type: 'error' }] },
  ],
  'refused at the form': [
    { instance_ptr: '#/', messages: [{ id: 9990002, text: 'We are closed on Mondays.', type: 'error', context: { day: 'Monday' } }] },
  ],
  'refused at both': [
    { instance_ptr: '#/traits/nickname', messages: [{ id: 9990001, text: 'Somebody else has this nickname.', type: 'error' }] },
    { instance_ptr: '#/', messages: [{ id: 9990003, text: 'Two things are wrong.', type: 'error' }] },
  ],
  // A number that Kratos itself uses, for something else.
  'refused with a known number': [
    { instance_ptr: '#/', messages: [{ id: 4000006, text: 'Not today.', type: 'error' }] },
  ],
  'refused with markup': [
    { instance_ptr: '#/', messages: [{ id: 9990004, text: '<b>Bold</b> & "quoted"', type: 'error' }] },
  ],
}

async function body(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString())
}

const server = createServer(async (request, response) => {
  if (request.method === 'GET') return response.end('ready\n')
  const { nickname } = (await body(request)).traits
  const messages = Object.hasOwn(REFUSALS, nickname) ? REFUSALS[nickname] : undefined
  const status = messages ? 400 : nickname === 'the service fails' ? 500 : 200
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(messages ? { messages } : {}))
})

server.listen(Number(port), '127.0.0.1')
