// web/vote/keys.js -- a trustee makes the own key, keeps it on paper or in a file, and goes through the steps with the others:
// certificate (1), shares (3), the own part of the joint key (5). The seed is in a variable of this page alone, and on the paper.
import { Problem, picture, save, showGroups } from './page.js'
import { randomBytes, textOf } from './bytes.js'
import { isMeant } from './credential.js'
import { forgetSeed, seedGiven, watchSeed } from './seed.js'
import { groupSeed, randomSeed } from './trustee.js'

const EVERY = 8000 // milliseconds between two looks
const PUBLISHED = ['ready', 'open', 'closed', 'counted'] // states in which the ballot has its key

export async function keys(part, helper) {
  if (!crypto.subtle) {
    part.root.querySelector('[data-step="loading"]').hidden = true
    throw new Problem('insecure')
  }
  let model, seed = null, asked = 0, compared = null // group of the key that is asked for; the number that was read out
  const given = () => ({ group: model.group, seed, certificates: model.certs, vinput: model.vinput,
    context: { size: model.size, threshold: model.threshold, index: model.index } })

  async function look() {
    model = await part.model()
    part.say('title', model.poll.title)
    part.say('number', model.poll.number)
    part.say('name', model.name)
    showPeople(part, model.trustees)
    await goOn()
  }

  async function goOn() {
    const { step } = model
    if (step === 'done') {
      part.show('done')
      return lookPublished()
    }
    if (model.waits) return part.show('wait')
    if (step === 1) return seed ? null : part.show('make')
    if (!seed) return part.step === 'seed' ? null : part.show('seed')
    const code = step === 3 ? await helper.ask('compare', given()) : compared
    if (code !== compared) { // not yet read out, or not these certificates: what is asked for again may differ
      part.say('compare', code)
      return part.show('compare')
    }
    part.show('working')
    await part.post({ step, message: await helper.ask(step === 3 ? 'share' : 'finish', given()) })
    await look()
  }

  // What voters will seal with, once it is published: is it what we made together?
  async function lookPublished() {
    if (!part.at('published').hidden || !PUBLISHED.includes(model.poll.state.key)) return
    const text = async name => textOf(new Uint8Array(await part.ask(`${part.base}/${name}`, { raw: true })))
    const [election, trustees] = [await text('election.json'), await text('trustees.json')]
    const code = await helper.ask('published', { election, trustees, own: { seed, index: model.index, certificates: model.certs } })
      .catch(() => { throw new Problem('published') })
    if (compared && compared !== code) throw new Problem('published')
    part.say('published_code', code)
    part.at('published').hidden = false
  }

  // --- the own key ---

  const group = document.getElementById('vote-group')
  part.actions.make = () => {
    seed = randomSeed()
    showGroups(part.at('seed'), groupSeed(seed))
    picture(part.at('seed_picture'), seed)
    part.show('keep')
  }
  // Whoever has a paper or a file can say what stands on it.
  part.actions.kept = () => {
    asked = randomBytes(1)[0] % 4
    part.at('check_group').textContent = part.text('check_group', asked + 1)
    part.show('check')
    group.focus()
  }
  part.actions.keep_again = () => {
    group.value = ''
    part.show('keep')
  }
  part.actions.save = button => save(`${button.dataset.name}-${model.poll.number}.txt`,
    [model.poll.title, model.poll.number, model.name, groupSeed(seed), ''].join('\r\n'))
  part.actions.submit_check = async () => {
    if (!isMeant(group.value, groupSeed(seed).split(' ')[asked])) throw new Problem('seed_group', asked + 1)
    part.show('working')
    await part.post({ step: 1, message: await helper.ask('certify', given()) })
    group.value = ''
    part.say('seed', '')
    part.at('seed_picture').replaceChildren()
    await look()
  }
  watchSeed()
  part.actions.submit_seed = async () => {
    const found = await helper.ask('seed', { group: model.group, typed: await seedGiven(), certificate: model.certs[model.index - 1] })
    if (!found) throw new Problem('seed_other')
    seed = found
    forgetSeed()
    await goOn()
  }

  // --- with the others ---

  part.actions.same = async () => {
    compared = part.at('compare').textContent
    await goOn()
  }
  // leaving with a key that was made and is nowhere
  window.addEventListener('beforeunload', event => {
    if (part.step === 'keep' || part.step === 'check') event.preventDefault()
  })

  part.actions.refresh = look
  await look()
  setInterval(() => {
    if ((part.step === 'wait' || part.step === 'done') && !document.hidden) part.attempt(look)
  }, EVERY)
}

// PEOPLE: [{name, certificate, polynomial, share}], each true once it is there
function showPeople(part, people) {
  part.at('others').hidden = false
  part.at('people').replaceChildren(...people.map(({ name, certificate, polynomial, share }) => {
    const row = document.createElement('li')
    const who = document.createElement('b')
    who.textContent = name
    row.append(who, ' ', part.text(share ? 'has_all' : polynomial ? 'has_shares' : certificate ? 'has_key' : 'has_none'))
    return row
  }))
}
