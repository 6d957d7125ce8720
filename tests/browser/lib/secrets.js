// Holds what went over the wire, and what a device keeps, against what must never leave a page.
import assert from 'node:assert/strict'

const FIELDS = ['csrf', 'ballot', 'slip', 'spoil'] // all that a booth may send
const TRACKER = /^[A-Za-z0-9+/]{43}$/
const BALLOT = ['election_uuid', 'election_hash', 'credential', 'answers', 'signature']
const ANSWER = ['choices', 'individual_proofs', 'overall_proof', 'blank_proof']

// REQUESTS: [{method, url, headers, body}]. Every seed, code and opening is looked for as shown and without its groups; a booth sends sealed
// ballots and nothing else.
export function checkNothingSecret(requests, { seeds, codes, openings }) {
  const secrets = [...seeds, ...codes, ...openings].flatMap(secret => [secret, secret.replace(/[\s-]/g, '')])
  assert.ok(requests.length && secrets.length)
  let ballots = 0
  for (const { method, url, headers, body } of requests) {
    const said = [url, headers, body, plain(body), plain(url)].join('\n')
    for (const secret of secrets) assert.ok(!said.includes(secret), `${url} carries a secret`)
    assert.ok(!/[?&]slip=/.test(url), `${url} carries a slip`)
    if (method !== 'POST' || !/\/booth$/.test(new URL(url, 'http://house').pathname)) continue
    const fields = new URLSearchParams(body)
    for (const name of fields.keys()) assert.ok(FIELDS.includes(name), `a booth sends ${name}`)
    if (fields.has('spoil')) {
      assert.match(fields.get('spoil'), TRACKER)
      assert.ok(!fields.has('ballot'), 'what is opened is not sent')
      continue
    }
    if (fields.has('slip') && !fields.has('ballot')) continue // its holder's page is asked for
    ballots++
    const ballot = JSON.parse(fields.get('ballot'))
    assert.deepEqual(Object.keys(ballot), BALLOT)
    for (const answer of ballot.answers) for (const name of Object.keys(answer)) assert.ok(ANSWER.includes(name), `an answer says ${name}`)
  }
  assert.ok(ballots, 'no ballot was sent at all')
}

// Nothing of it is kept on the device either.
export async function checkNothingKept(page, secrets) {
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href]))
  for (const secret of secrets) assert.ok(!kept.includes(secret) && !kept.includes(secret.replace(/-/g, '')), 'the device keeps a secret')
}

function plain(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return ''
  }
}
