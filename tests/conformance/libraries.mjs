// What both checks share: Digital Bazaar's libraries, what they may load, and how results are told.

import {readFileSync} from 'node:fs';

export const CREDENTIALS = 'https://www.w3.org/ns/credentials/v2';
export const EXAMPLES = 'https://www.w3.org/ns/credentials/examples/v2';
export const OPEN_BADGES = 'https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json';

const NOTHING_CHECKED = 77;
const contexts = new Map([
  [EXAMPLES, {'@context': {'@vocab': 'https://www.w3.org/ns/credentials/examples#'}}],
  [OPEN_BADGES, JSON.parse(readFileSync(
    new URL('../../verifier/contexts/open-badges-3.0.3.json', import.meta.url)))]
]);

export let vc, statusList, httpClient, Ed25519Multikey, DataIntegrityProof;
let didKey, rdfc, jcs;
try {
  didKey = await import('@digitalbazaar/did-method-key');
  Ed25519Multikey = await import('@digitalbazaar/ed25519-multikey');
  rdfc = (await import('@digitalbazaar/eddsa-rdfc-2022-cryptosuite')).cryptosuite;
  jcs = await import('@digitalbazaar/eddsa-jcs-2022-cryptosuite');
  vc = await import('@digitalbazaar/vc');
  statusList = await import('@digitalbazaar/vc-bitstring-status-list');
  ({httpClient} = await import('@digitalbazaar/http-client'));
  ({DataIntegrityProof} = await import('@digitalbazaar/data-integrity'));
} catch(error) {
  console.log(error.message);
  console.log('the npm packages are missing: npm install --prefix tests/conformance');
  process.exit(NOTHING_CHECKED);
}

export const SUITES = {
  'eddsa-rdfc-2022': {sign: () => rdfc, verify: () => rdfc},
  'eddsa-jcs-2022': {sign: jcs.createSignCryptosuite, verify: jcs.createVerifyCryptosuite}
};

const driver = didKey.driver();
driver.use({multibaseMultikeyHeader: 'z6Mk', fromMultibase: Ed25519Multikey.from});

// `find` gives the document at an address that only the caller knows, or undefined.
export function loader(find) {
  return async url => {
    const document = contexts.get(url) ?? await find(url) ??
      (url.startsWith('did:key:') ? await driver.get({url}) : undefined);
    return document ?
      {contextUrl: null, documentUrl: url, document} : vc.defaultDocumentLoader(url);
  };
}

export async function verify({credential, suite, documentLoader, checkStatus, now}) {
  const {verified, error} = await vc.verifyCredential({
    credential: JSON.parse(JSON.stringify(credential)),
    suite: new DataIntegrityProof({cryptosuite: SUITES[suite].verify()}),
    documentLoader, checkStatus, now
  });
  return {verified, why: error?.errors?.map(each => each.message).join('; ') ?? error?.message};
}

let passed = 0;
let failed = 0;

export function told(title, right, detail) {
  right ? passed++ : failed++;
  console.log(`${right ? 'ok  ' : 'FAIL'} ${title}${right || !detail ? '' : `: ${detail}`}`);
}

export async function attempt(title, action) {
  try {
    await action();
  } catch(error) {
    told(title, false, error.message);
  }
}

export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
