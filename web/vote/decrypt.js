// web/vote/decrypt.js -- a trustee opens the own part of the sum of all ballots, after this device has looked itself whether it is that.
// The key is used here and forgotten. Which sum it has opened is kept: who opens two tells what lies between them, perhaps one vote.
import { base64Of, hashOf } from './bytes.js'
import { Problem } from './page.js'
import { forgetSeed, seedGiven, watchSeed } from './seed.js'

// By the key's public side, which is of one ballot alone, whatever the server calls that. No secret.
const placeOf = model => `opened|${model.verification_key}`
const tallyHash = model => base64Of(hashOf(model.encrypted_tally))

function openedBefore(model) {
  try {
    return localStorage.getItem(placeOf(model))
  } catch { // a browser that keeps nothing
    return null
  }
}

function keepOpened(model) {
  try {
    localStorage.setItem(placeOf(model), tallyHash(model))
  } catch { /* the same */ }
}

function mustBeSame(model) {
  const before = openedBefore(model)
  if (before !== null && before !== tallyHash(model)) throw new Problem('tally_other')
}

export async function decrypt(part, helper) {
  if (!crypto.subtle) {
    part.root.querySelector('[data-step="loading"]').hidden = true
    throw new Problem('insecure')
  }
  const model = await part.model()
  if (model.done) return part.show('done')
  if (!model.is_my_turn) return part.show('none') // the page says why
  watchSeed()
  let ready
  part.actions.submit_seed = async () => {
    mustBeSame(model)
    const typed = await seedGiven()
    const progress = part.at('progress')
    part.show('working')
    const tell = (done, all) => { progress.value = done / all }
    const archive = await part.ask(`${part.base}/archive.bel`, { raw: true })
    const { counted, code, trustees } = await helper.ask('look', { archive, fingerprint: model.fingerprint, tally: model.encrypted_tally }, tell)
    const made = await helper.ask('decrypt', { group: model.group, typed, privateKey: model.private_key, verificationKey: model.verification_key,
      fingerprint: model.fingerprint, tally: model.encrypted_tally, trustees, owner: model.owner }, tell)
    if (!made) throw new Problem('seed_other')
    forgetSeed()
    ready = { made, counted }
    part.at('to_open').textContent = part.text('to_open', counted)
    part.say('tally_code', code)
    part.show('confirm')
  }
  // That every ballot of an archive holds doesn't say that none has been left out of it: how many they are, people know.
  part.actions.open = async () => {
    mustBeSame(model) // in another window, meanwhile
    keepOpened(model)
    part.show('working')
    await part.post({ partial_decryption: ready.made })
    part.at('counted').textContent = part.text('counted', ready.counted)
    ready = null
    part.show('done')
  }
  part.show('seed')
}
