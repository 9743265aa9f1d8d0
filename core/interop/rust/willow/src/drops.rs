//! The drop format: entries without payload, or with all of it.

use bab_rs::CHUNK_SIZE;
use ufotofu::prelude::*;
use ufotofu::producer::{CloneFromOwnedSlice, clone_from_owned_slice};
use willow25::drop_format::{DropDecoder, DropEncoder, DropSliceMetadata};

use crate::capabilities::authorised_words;
use crate::words::{Answer, Words, hex};

pub fn drop(words: &mut Words) -> Answer {
    match words.next()?.as_str() {
        "write" => pollster::block_on(write(words)),
        "read" => pollster::block_on(read(words.bytes()?)),
        what => Err(format!("drops can't {what}")),
    }
}

/// `write N` and N times an authorised entry and its payload, `-` for none
async fn write(words: &mut Words<'_>) -> Answer {
    let mut bytes = Vec::new();
    let mut encoder: DropEncoder<_, CloneFromOwnedSlice<Vec<u8>, u8>> =
        DropEncoder::new((&mut bytes).into_consumer());
    for _ in 0..words.number()? {
        let entry = words.authorised()?;
        let payload = words.payload()?;
        let chunks = payload.as_ref().map_or(0, |p| p.len().div_ceil(CHUNK_SIZE));
        let metadata = DropSliceMetadata::new(entry, 0, chunks as u64, 0, false);
        let metadata = metadata.map_err(|e| format!("{e:?}"))?;
        let payload = clone_from_owned_slice(payload.unwrap_or_default());
        if encoder.consume_item((metadata, payload)).await.is_err() {
            return Ok(None);
        }
    }
    if encoder.consume_final(()).await.is_err() {
        return Ok(None);
    }
    core::mem::drop(encoder);
    Ok(Some(vec![hex(&bytes)]))
}

/// Each authorised entry, the number of chunks that are there, and their bytes
async fn read(bytes: Vec<u8>) -> Answer {
    let producer: CloneFromOwnedSlice<Vec<u8>, u8> = clone_from_owned_slice(bytes);
    let mut decoder = DropDecoder::new(producer);
    let mut words = Vec::new();
    loop {
        match decoder.produce().await {
            Err(_) => return Ok(None),
            Ok(Right(())) => return Ok(Some(words)),
            Ok(Left((metadata, mut slice))) => {
                let mut payload = Vec::new();
                loop {
                    match slice.produce().await {
                        Ok(Left(byte)) => payload.push(byte),
                        Ok(Right(())) => break,
                        Err(_) => return Ok(None),
                    }
                }
                words.extend(authorised_words(metadata.entry()));
                words.extend([metadata.chunk_count().to_string(), hex(&payload)]);
            }
        }
    }
}
