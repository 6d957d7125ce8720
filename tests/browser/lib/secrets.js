// Holds what went over the wire against what must never leave a page.
import assert from 'node:assert/strict'

// REQUESTS: [{url, headers, body}]; every seed and code is looked for as shown and without its groups.
export function checkNothingSecret(requests, { seeds, codes, openings }) {
  assert.ok(requests.length)
  const secrets = [...seeds, ...codes, ...openings].flatMap(secret => [secret, secret.replace(/[\s-]/g, '')])
  assert.ok(secrets.length)
  for (const { url, headers, body } of requests) {
    const said = [url, headers, body, safely(body), safely(url)].join('\n')
    for (const secret of secrets) assert.ok(!said.includes(secret), `${url} carries a secret`)
  }
}

function safely(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '))
  } catch {
    return ''
  }
}
