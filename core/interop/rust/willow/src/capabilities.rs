//! Capabilities, authorisation tokens and signatures.

use ed25519_dalek::SigningKey;
use signature::Verifier;
use ufotofu::codec::EncodableExt;
use ufotofu::codec_relative::{RelativeDecodable, RelativeEncodable, RelativeEncodableExt};
use ufotofu::producer::clone_from_slice;
use willow25::authorisation::PriorAuthedEntryEntryPair;
use willow25::authorisation::raw::{PossiblyValidReadCapability, PossiblyValidWriteCapability};
use willow25::defaults::{default_authorisation_token_signature, default_authorised_entry};
use willow25::prelude::*;

use crate::words::{Answer, Words, area_words, entry_words, front, hex, whole};

pub fn encoding(value: &impl EncodableExt) -> Vec<u8> {
    pollster::block_on(value.new_vec_storing_encoding())
}

/// The crate has one type for each access mode, told apart by the second bit.
fn is_write(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|b| b & 0x40 != 0)
}

macro_rules! describe {
    ($type:ty, $valid:ident, $bytes:expr, $canonic:expr) => {{
        let Some((capability, taken)) = front::<$type>($bytes, $canonic) else {
            return Ok(None);
        };
        let mut words = vec![
            taken.to_string(),
            hex(&encoding(&capability)),
            if capability.is_owned() {
                "owned"
            } else {
                "communal"
            }
            .to_owned(),
            capability.delegations().len().to_string(),
            hex(capability.granted_namespace().as_bytes()),
            hex(capability.receiver().as_bytes()),
        ];
        words.extend(area_words(&capability.granted_area()));
        words.push(
            if capability.$valid().is_ok() {
                "valid"
            } else {
                "invalid"
            }
            .to_owned(),
        );
        Ok(Some(words))
    }};
}

macro_rules! delegate {
    ($type:ty, $bytes:expr, $words:expr) => {{
        let mut capability: $type = whole($bytes).ok_or("no valid capability")?;
        let secret = SubspaceSecret::from_bytes(&$words.array()?);
        let receiver = $words.subspace()?;
        match capability.try_delegate(&secret, $words.area()?, receiver) {
            Ok(()) => Ok(Some(vec![hex(&encoding(&capability))])),
            Err(_) => Ok(None),
        }
    }};
}

pub fn capability(words: &mut Words) -> Answer {
    match words.next()?.as_str() {
        "decode" => describe(&words.bytes()?, false),
        "canonic" => describe(&words.bytes()?, true),
        "communal" => {
            let write = words.next()? == "write";
            let (namespace, user) = (words.namespace()?, words.subspace()?);
            Ok(Some(vec![hex(&if write {
                encoding(&WriteCapability::new_communal(namespace, user))
            } else {
                encoding(&ReadCapability::new_communal(namespace, user))
            })]))
        }
        "owned" => {
            let write = words.next()? == "write";
            let (secret, user) = (
                NamespaceSecret::from_bytes(&words.array()?),
                words.subspace()?,
            );
            Ok(Some(vec![hex(&if write {
                encoding(&WriteCapability::new_owned(&secret, user))
            } else {
                encoding(&ReadCapability::new_owned(&secret, user))
            })]))
        }
        "delegate" => {
            let bytes = words.bytes()?;
            if is_write(&bytes) {
                delegate!(WriteCapability, &bytes, words)
            } else {
                delegate!(ReadCapability, &bytes, words)
            }
        }
        what => Err(format!("capabilities can't {what}")),
    }
}

fn describe(bytes: &[u8], canonic: bool) -> Answer {
    if is_write(bytes) {
        describe!(
            PossiblyValidWriteCapability,
            into_write_capability,
            bytes,
            canonic
        )
    } else {
        describe!(
            PossiblyValidReadCapability,
            into_read_capability,
            bytes,
            canonic
        )
    }
}

/// The words of an entry with its token: capability, signature, entry.
pub fn authorised_words(entry: &AuthorisedEntry) -> Vec<String> {
    let token = entry.authorisation_token();
    let mut words = vec![
        hex(&encoding(token.capability())),
        hex(&encoding(token.signature())),
    ];
    words.extend(entry_words(entry));
    words
}

pub fn token(words: &mut Words) -> Answer {
    match words.next()?.as_str() {
        "default" => {
            let mut answer = authorised_words(&default_authorised_entry());
            answer.push(hex(&encoding(&default_authorisation_token_signature())));
            Ok(Some(answer))
        }
        "sign" => {
            let capability = words.write_capability()?;
            let secret = SubspaceSecret::from_bytes(&words.array()?);
            Ok(
                AuthorisationToken::new_for_entry(&words.entry()?, &capability, &secret)
                    .ok()
                    .map(|token| vec![hex(&encoding(token.signature()))]),
            )
        }
        "authorises" => {
            let capability: Option<WriteCapability> = whole(&words.bytes()?);
            let signature = SubspaceSignature::from(words.array::<64>()?);
            let entry = words.entry()?;
            let token = capability.map(|c| AuthorisationToken::new(c, signature));
            Ok(token
                .filter(|t| t.does_authorise(&entry))
                .map(|_| Vec::new()))
        }
        "encode" => {
            let prior = words.authorised()?;
            let (entry, token) = words.authorised()?.into_parts();
            let rel = PriorAuthedEntryEntryPair::new(prior, entry);
            if !token.can_be_encoded_relative_to(&rel) {
                return Ok(None);
            }
            let bytes = pollster::block_on(token.new_vec_storing_relative_encoding(&rel));
            Ok(Some(vec![hex(&bytes)]))
        }
        "decode" => {
            let bytes = words.bytes()?;
            let rel = PriorAuthedEntryEntryPair::new(words.authorised()?, words.entry()?);
            let mut producer = clone_from_slice(&bytes[..]);
            let token = AuthorisationToken::relative_decode(&rel, &mut producer);
            Ok(pollster::block_on(token).ok().map(|token| {
                vec![
                    producer.offset().to_string(),
                    hex(&encoding(token.capability())),
                    hex(&encoding(token.signature())),
                ]
            }))
        }
        what => Err(format!("tokens can't {what}")),
    }
}

pub fn key(words: &mut Words) -> Answer {
    match words.next()?.as_str() {
        "public" => {
            let secret = SigningKey::from_bytes(&words.array()?);
            Ok(Some(vec![hex(secret.verifying_key().as_bytes())]))
        }
        "communal" => Ok(words.namespace()?.is_communal().then(Vec::new)),
        "verify" => {
            let key = words.subspace()?;
            let message = words.bytes()?;
            let signature = SubspaceSignature::from(words.array::<64>()?);
            Ok(key.verify(&message, &signature).is_ok().then(Vec::new))
        }
        what => Err(format!("keys can't {what}")),
    }
}
