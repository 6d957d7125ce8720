// A list of tests, run one after the other in the order of the files; the world and the browser are shared.
const tests = []

// test('a sentence', async t => …)   t: {world, samples, visitor(…)}; see run.js
export function test(name, work) {
  tests.push({ name, work })
}

export async function runTests({ only, around, onFailure }) {
  const counts = { passed: 0, failed: 0 }
  for (const { name, work } of tests) {
    if (only && !name.includes(only)) continue
    const began = Date.now()
    let failure = null
    await around(async t => {
      try {
        await withLimit(work(t), name)
        t.checkFaults()
      } catch (error) {
        failure = error
        await onFailure(t, name)
      }
    })
    const took = `(${((Date.now() - began) / 1000).toFixed(1)} s)`
    if (failure) {
      counts.failed++
      console.log(`not ok - ${name} ${took}\n${String(failure.stack || failure).replace(/^/gm, '    ')}`)
    } else {
      counts.passed++
      console.log(`ok - ${name} ${took}`)
    }
  }
  return counts
}

const LIMIT_SECONDS = 400 // a whole ballot on a busy machine takes three minutes

function withLimit(promise, name) {
  let timer
  const limit = new Promise((_, refuse) => {
    timer = setTimeout(() => refuse(new Error(`${name}: not done after ${LIMIT_SECONDS} s`)), LIMIT_SECONDS * 1000)
  })
  return Promise.race([promise, limit]).finally(() => clearTimeout(timer))
}
