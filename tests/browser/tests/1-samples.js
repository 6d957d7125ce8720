// Every page of src/**/views from its sample model, in both languages: what the demo world can't be made to show stands here.
import assert from 'node:assert/strict'
import { test } from '../lib/runner.js'

test('every sample page is accessible and fits, at 320, 360 and 1280 px, in normal and large type', async t => {
  const samples = await t.worlds.samples()
  assert.ok(samples.names.length > 40)
  const faults = [], left = [...samples.names]
  await Promise.all([1, 2].map(async () => {
    const visitor = await t.visitor(samples)
    for (let name = left.shift(); name; name = left.shift()) {
      await visitor.go(`/${name}`)
      await visitor.checkLooks(name).catch(error => faults.push(error.message))
    }
  }))
  assert.deepEqual(faults, [])
})
