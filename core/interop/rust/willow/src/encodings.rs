//! Every encoding of the crate that isn't of capabilities. `area` and `range` are the
//! crate's own, the specification has none that aren't relative to others.

use ufotofu::codec::EncodableExt;
use ufotofu::codec_relative::{
    RelativeDecodable, RelativeDecodableCanonic, RelativeEncodable, RelativeEncodableExt,
};
use ufotofu::producer::clone_from_slice;
use willow25::groupings::private_context::PrivateAreaContext;
use willow25::paths::path_extends_path::CodecPathExtendsPath;
use willow25::paths::private_context::PrivatePathContext;
use willow25::prelude::*;

use crate::words::{Answer, Words, area_words, entry_words, front, hex, path_word, range_words};

fn absolute<T: EncodableExt>(value: &T) -> Answer {
    Ok(Some(vec![hex(&pollster::block_on(
        value.new_vec_storing_encoding(),
    ))]))
}

fn relative<R, T: RelativeEncodable<R>>(value: &T, rel: &R) -> Answer {
    if !value.can_be_encoded_relative_to(rel) {
        return Ok(None);
    }
    Ok(Some(vec![hex(&pollster::block_on(
        value.new_vec_storing_relative_encoding(rel),
    ))]))
}

fn private_path(words: &mut Words) -> Result<PrivatePathContext, String> {
    PrivatePathContext::new(words.path()?, words.path()?).map_err(|e| e.to_string())
}

fn private_area(words: &mut Words) -> Result<PrivateAreaContext, String> {
    PrivateAreaContext::new(words.interest()?, words.area()?).map_err(|e| e.to_string())
}

/// `encode KIND [what it is relative to] VALUE`
pub fn encode(words: &mut Words) -> Answer {
    match words.next()?.as_str() {
        "path" => absolute(&words.path()?),
        "path-rel-path" => {
            let rel = words.path()?;
            relative(&words.path()?, &rel)
        }
        "path-extends-path" => {
            let rel = words.path()?;
            relative(&CodecPathExtendsPath(words.path()?), &rel)
        }
        "private-path" => {
            let rel = private_path(words)?;
            relative(&words.path()?, &rel)
        }
        "entry" => absolute(&words.entry()?),
        "area" => absolute(&words.area()?),
        "area-in-area" => {
            let rel = words.area()?;
            relative(&words.area()?, &rel)
        }
        "private-area" => {
            let rel = private_area(words)?;
            relative(&words.area()?, &rel)
        }
        "range" => absolute(&words.range()?),
        kind => Err(format!("there is no encoding {kind}")),
    }
}

/// The words of what was decoded, after the number of bytes that it took.
fn decoded<T>(value: Option<(T, usize)>, write: impl Fn(&T) -> Vec<String>) -> Answer {
    Ok(value.map(|(value, taken)| {
        let mut words = vec![taken.to_string()];
        words.extend(write(&value));
        words
    }))
}

fn front_relative<R, T: RelativeDecodable<R>>(bytes: &[u8], rel: &R) -> Option<(T, usize)> {
    let mut producer = clone_from_slice(bytes);
    let value = pollster::block_on(T::relative_decode(rel, &mut producer)).ok()?;
    Some((value, producer.offset()))
}

fn either_relative<R, T: RelativeDecodableCanonic<R>>(
    bytes: &[u8],
    rel: &R,
    canonic: bool,
) -> Option<(T, usize)> {
    if !canonic {
        return front_relative(bytes, rel);
    }
    let mut producer = clone_from_slice(bytes);
    let value = pollster::block_on(T::relative_decode_canonic(rel, &mut producer)).ok()?;
    Some((value, producer.offset()))
}

fn one_path(path: &Path) -> Vec<String> {
    vec![path_word(path)]
}

/// `decode KIND BYTES [what they are relative to]`, and `canonic` the same
pub fn decode(words: &mut Words, canonic: bool) -> Answer {
    let kind = words.next()?;
    let bytes = words.bytes()?;
    match kind.as_str() {
        "path" => decoded(front::<Path>(&bytes, canonic), one_path),
        "path-rel-path" => decoded(either_relative(&bytes, &words.path()?, canonic), one_path),
        "path-extends-path" => {
            let value = either_relative(&bytes, &words.path()?, canonic);
            decoded(value, |p: &CodecPathExtendsPath| one_path(&p.0))
        }
        "private-path" if !canonic => {
            decoded(front_relative(&bytes, &private_path(words)?), one_path)
        }
        "entry" => decoded(front::<Entry>(&bytes, canonic), entry_words),
        "area" => decoded(front::<Area>(&bytes, canonic), area_words),
        "area-in-area" => decoded(either_relative(&bytes, &words.area()?, canonic), area_words),
        "private-area" if !canonic => {
            decoded(front_relative(&bytes, &private_area(words)?), area_words)
        }
        "range" => decoded(front::<Range3d>(&bytes, canonic), range_words),
        _ => Err(format!("there is no such decoder of {kind}")),
    }
}
