// Digital Bazaar's libraries verify a certificate of the ledger, as it is served, with the issuer's own documents.
//
//   node tests/conformance/certificate_check.mjs FOLDER NOW
//
// In FOLDER: credential.json, did.json and status.json as served; NOW is when it is looked at.
// Exit codes as of cross_check.mjs.

import {readFileSync} from 'node:fs';
import {attempt, DataIntegrityProof, finish, loader, statusList, SUITES, told, verify} from './libraries.mjs';

const [folder, now] = process.argv.slice(2);
const [credential, didDocument, listed] = ['credential', 'did', 'status'].map(
  name => JSON.parse(readFileSync(`${folder}/${name}.json`)));

const documentLoader = loader(url => {
  if(url === listed.id) {
    return listed;
  }
  if(url === didDocument.id) {
    return didDocument;
  }
  const method = didDocument.verificationMethod.find(each => each.id === url);
  return method && {'@context': 'https://w3id.org/security/multikey/v1', ...method};
});

async function checkStatus(value) {
  const result = await statusList.checkStatus({
    credential: value, documentLoader, verifyBitstringStatusListCredential: false
  });
  const verified = result.verified && result.results.every(each => each.status === false);
  return {verified, error: result.error ?? (verified ? undefined : new Error('the status is set'))};
}

const status = ({credential: value}) => checkStatus(value);
for(const suite of Object.keys(SUITES)) {
  const theyVerify = value => verify({credential: value, suite, documentLoader, checkStatus: status, now});
  await attempt(suite, async () => {
    const {verified, why} = await theyVerify(credential);
    told(`${suite}: the certificate`, verified, why);
    const list = await verify({credential: listed, suite, documentLoader, now});
    told(`${suite}: its status list`, list.verified, list.why);
    const other = structuredClone(credential);
    other.credentialSubject.identifier[0].identityHash += ' ';
    told(`${suite}: another name is rejected`, (await theyVerify(other)).verified === false);
    const index = Number(credential.credentialStatus.statusListIndex);
    const bits = await statusList.decodeList({encodedList: listed.credentialSubject.encodedList});
    bits.setStatus(index, true);
    const {encodedList} = listed.credentialSubject;
    listed.credentialSubject.encodedList = await bits.encode();
    told(`${suite}: it is rejected with its bit set`, (await theyVerify(credential)).verified === false);
    listed.credentialSubject.encodedList = encodedList;
  });
}
finish();
