// The checks themselves must be able to fail.
import assert from 'node:assert/strict'
import { test } from '../lib/runner.js'
import { checkNothingSecret } from '../lib/secrets.js'

test('a page that is too wide, unlabelled or noisy is noticed', async t => {
  const visitor = await t.visitor(await t.worlds.samples())
  await visitor.go('/start.zh-CN.html')
  await visitor.page.evaluate(() => {
    document.querySelector('main').insertAdjacentHTML('beforeend', '<p id="wide">x</p><input type="text" name="nameless">')
    document.getElementById('wide').style.width = '5000px'
  })
  await assert.rejects(visitor.checkNoSideScroll(), /scrolls sideways/)
  await assert.rejects(visitor.checkAccessibility(), /label/)
  await visitor.page.evaluate(() => {
    const script = document.createElement('script')
    script.textContent = 'window.ran = true'
    document.body.append(script) // refused by the content security policy
  })
  await visitor.page.evaluate(() => console.error('noise'))
  assert.equal(await visitor.page.evaluate(() => window.ran), undefined)
  assert.equal(visitor.faults.length, 2, JSON.stringify(visitor.faults))
  visitor.faults.length = 0
})

test('a request that carries a seed, a code or a choice is noticed', async () => {
  const answers = [{ choices: [], individual_proofs: [], overall_proof: [] }]
  const sealed = { election_uuid: '', election_hash: '', credential: '', answers, signature: {} }
  const ballot = change => ({ method: 'POST', url: '/ballots/1/booth', headers: '{}',
    body: new URLSearchParams({ csrf: 'x', ballot: JSON.stringify({ ...sealed, ...change }) }).toString() })
  const secrets = { seeds: ['aJinc hxhUjh fEDF2 cFYrVv'], codes: ['S2bAo-dzCUhL-MDCMJ-iYELyj'], openings: ['seed.100.x'] }
  const check = request => checkNothingSecret([ballot(), request], secrets)
  check(ballot())
  for (const bad of [{ method: 'GET', url: '/x?code=S2bAodzCUhLMDCMJiYELyj', headers: '', body: '' },
    { method: 'POST', url: '/x', headers: '', body: 'a=aJinc+hxhUjh+fEDF2+cFYrVv' },
    { method: 'GET', url: '/', headers: '{"referer":"/audit#seed.100.x"}', body: '' },
    { ...ballot(), body: `${ballot().body}&choice=1` }, ballot({ choice: [1] }), ballot({ answers: [{ ...answers[0], plain: [1, 0] }] })]) assert.throws(() => check(bad), undefined, JSON.stringify(bad))
  assert.throws(() => checkNothingSecret([], secrets))
})
