//! How values are written in questions and answers, independently of any encoding that is
//! tested:
//!
//! - bytes: hexadecimal, `.` if there are none; ids and digests as bytes
//! - numbers: decimal
//! - a path: `/`, then each component in hexadecimal and `/`
//! - a range: start and end, `-` for an open end
//! - an area: subspace (`-` for any), path, range of times
//! - a 3d range: ranges of subspaces, paths and times
//! - an entry: namespace, subspace, path, timestamp, payload length, payload digest

use ufotofu::codec::{Decodable, DecodableCanonic};
use ufotofu::producer::clone_from_slice;
use willow25::authorisation::PossiblyAuthorisedEntry;
use willow25::defaults::default_authorised_entry;
use willow25::groupings::private_context::PrivateInterest;
use willow25::prelude::*;

/// The words of an answer, or that the crate refuses; an error is a bad question.
pub type Answer = Result<Option<Vec<String>>, String>;

pub struct Words<'a>(std::str::SplitAsciiWhitespace<'a>);

impl<'a> Words<'a> {
    pub fn new(line: &'a str) -> Self {
        Words(line.split_ascii_whitespace())
    }

    pub fn next(&mut self) -> Result<String, String> {
        self.0
            .next()
            .map(str::to_owned)
            .ok_or_else(|| "too few words".to_owned())
    }

    pub fn done(&mut self) -> Result<(), String> {
        self.0
            .next()
            .map_or(Ok(()), |w| Err(format!("too many words: {w}")))
    }

    pub fn bytes(&mut self) -> Result<Vec<u8>, String> {
        unhex(&self.next()?)
    }

    /// A payload, or that there is none.
    pub fn payload(&mut self) -> Result<Option<Vec<u8>>, String> {
        open(&self.next()?, unhex)
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        array(&self.next()?)
    }

    pub fn number(&mut self) -> Result<u64, String> {
        number(&self.next()?)
    }

    pub fn path(&mut self) -> Result<Path, String> {
        path(&self.next()?)
    }

    pub fn namespace(&mut self) -> Result<NamespaceId, String> {
        Ok(NamespaceId::from_bytes(&self.array()?))
    }

    pub fn subspace(&mut self) -> Result<SubspaceId, String> {
        Ok(SubspaceId::from_bytes(&self.array()?))
    }

    pub fn any_subspace(&mut self) -> Result<Option<SubspaceId>, String> {
        open(&self.next()?, |w| Ok(SubspaceId::from_bytes(&array(w)?)))
    }

    pub fn times(&mut self) -> Result<TimeRange, String> {
        let start = Timestamp::from(self.number()?);
        let end = open(&self.next()?, |w| Ok(Timestamp::from(number(w)?)))?;
        TimeRange::try_new(start, end).map_err(|_| "empty times".to_owned())
    }

    pub fn area(&mut self) -> Result<Area, String> {
        Ok(Area::new(self.any_subspace()?, self.path()?, self.times()?))
    }

    pub fn range(&mut self) -> Result<Range3d, String> {
        let start = self.subspace()?;
        let subspaces = SubspaceRange::try_new(start, self.any_subspace()?);
        let start = self.path()?;
        let paths = PathRange::try_new(start, open(&self.next()?, path)?);
        Ok(Range3d::new(
            subspaces.map_err(|_| "empty subspaces".to_owned())?,
            paths.map_err(|_| "empty paths".to_owned())?,
            self.times()?,
        ))
    }

    pub fn interest(&mut self) -> Result<PrivateInterest, String> {
        Ok(PrivateInterest::new(
            self.namespace()?,
            self.any_subspace()?,
            self.path()?,
        ))
    }

    pub fn entry(&mut self) -> Result<Entry, String> {
        Ok(Entry::builder()
            .namespace_id(self.namespace()?)
            .subspace_id(self.subspace()?)
            .path(self.path()?)
            .timestamp(Timestamp::from(self.number()?))
            .payload_length(self.number()?)
            .payload_digest(PayloadDigest::from(self.array::<32>()?))
            .build())
    }

    /// A capability that the crate decodes and finds valid.
    pub fn write_capability(&mut self) -> Result<WriteCapability, String> {
        whole(&self.bytes()?).ok_or_else(|| "no valid write capability".to_owned())
    }

    /// Capability, signature and entry; `default` is the default ones.
    pub fn authorised(&mut self) -> Result<AuthorisedEntry, String> {
        let first = self.next()?;
        if first == "default" {
            return Ok(default_authorised_entry());
        }
        let capability = whole(&unhex(&first)?).ok_or("no valid write capability")?;
        let signature = SubspaceSignature::from(self.array::<64>()?);
        let token = AuthorisationToken::new(capability, signature);
        PossiblyAuthorisedEntry::new(self.entry()?, token)
            .into_authorised_entry()
            .map_err(|_| "the token doesn't authorise the entry".to_owned())
    }
}

fn open<T>(word: &str, parse: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, String> {
    if word == "-" {
        Ok(None)
    } else {
        parse(word).map(Some)
    }
}

fn unhex(word: &str) -> Result<Vec<u8>, String> {
    let digits = if word == "." { "" } else { word };
    if digits.len() % 2 != 0 || !digits.is_ascii() {
        return Err(format!("not hexadecimal: {word}"));
    }
    (0..digits.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).map_err(|e| e.to_string()))
        .collect()
}

fn array<const N: usize>(word: &str) -> Result<[u8; N], String> {
    unhex(word)?
        .try_into()
        .map_err(|_| format!("not of {N} bytes: {word}"))
}

fn number(word: &str) -> Result<u64, String> {
    word.parse().map_err(|_| format!("not a number: {word}"))
}

fn path(word: &str) -> Result<Path, String> {
    let inner = word
        .strip_prefix('/')
        .ok_or_else(|| format!("not a path: {word}"))?;
    let mut components = Vec::new();
    for component in inner.split_terminator('/') {
        components.push(unhex(component)?);
    }
    let slices: Vec<&[u8]> = components.iter().map(Vec::as_slice).collect();
    Path::from_slices(&slices).map_err(|e| e.to_string())
}

/// What all of `bytes` decode to.
pub fn whole<T: Decodable>(bytes: &[u8]) -> Option<T> {
    let mut producer = clone_from_slice(bytes);
    let value = pollster::block_on(T::decode(&mut producer)).ok()?;
    producer.remaining().is_empty().then_some(value)
}

/// What the front of `bytes` decodes to, and how many of them that took.
pub fn front<T: DecodableCanonic>(bytes: &[u8], canonic: bool) -> Option<(T, usize)> {
    let mut producer = clone_from_slice(bytes);
    let value = if canonic {
        pollster::block_on(T::decode_canonic(&mut producer)).ok()?
    } else {
        pollster::block_on(T::decode(&mut producer)).ok()?
    };
    Some((value, producer.offset()))
}

pub fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return ".".to_owned();
    }
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

pub fn path_word(path: &Path) -> String {
    let mut word = "/".to_owned();
    for component in path.components() {
        if !component.as_bytes().is_empty() {
            word += &hex(component.as_bytes());
        }
        word += "/";
    }
    word
}

pub fn times_words(times: &TimeRange) -> Vec<String> {
    let end = times
        .end()
        .map_or("-".to_owned(), |t| u64::from(*t).to_string());
    vec![u64::from(*times.start()).to_string(), end]
}

pub fn subspace_word(id: Option<&SubspaceId>) -> String {
    id.map_or("-".to_owned(), |id| hex(id.as_bytes()))
}

pub fn area_words(area: &Area) -> Vec<String> {
    let mut words = vec![subspace_word(area.subspace()), path_word(area.path())];
    words.extend(times_words(area.times()));
    words
}

pub fn range_words(range: &Range3d) -> Vec<String> {
    let mut words = vec![
        hex(range.subspaces().start().as_bytes()),
        subspace_word(range.subspaces().end()),
        path_word(range.paths().start()),
        range.paths().end().map_or("-".to_owned(), path_word),
    ];
    words.extend(times_words(range.times()));
    words
}

pub fn entry_words(entry: &impl Entrylike) -> Vec<String> {
    vec![
        hex(entry.namespace_id().as_bytes()),
        hex(entry.subspace_id().as_bytes()),
        path_word(entry.path()),
        u64::from(entry.timestamp()).to_string(),
        entry.payload_length().to_string(),
        hex(entry.payload_digest().as_bytes()),
    ]
}
