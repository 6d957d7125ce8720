// The checks themselves must be able to fail.
import assert from 'node:assert/strict'
import { test } from '../lib/runner.js'

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
