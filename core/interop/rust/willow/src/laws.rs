//! What the crate makes of orders, groupings and joins.

use std::num::NonZeroU64;

use ufotofu::prelude::*;
use willow25::prelude::*;
use willow25::storage::MemoryStore;

use crate::capabilities::authorised_words;
use crate::words::{Answer, Words, area_words, path_word, range_words};

fn word(value: impl ToString) -> Answer {
    Ok(Some(vec![value.to_string()]))
}

pub fn law(words: &mut Words) -> Answer {
    match words.next()?.as_str() {
        "compare-paths" => word(words.path()?.cmp(&words.path()?) as i8),
        "prefix" => word(words.path()?.is_prefix_of(&words.path()?)),
        "path-after" => Ok(words
            .path()?
            .greater_but_not_prefixed()
            .map(|p| vec![path_word(&p)])),
        "compare-entries" => word(words.entry()?.cmp_recency(&words.entry()?) as i8),
        "prunes" => word(words.entry()?.prunes(&words.entry()?)),
        "area-includes-entry" => word(words.area()?.includes(&words.entry()?)),
        "area-includes-area" => word(words.area()?.includes_grouping(&words.area()?)),
        "area-and-area" => Ok(words
            .area()?
            .intersection(&words.area()?)
            .ok()
            .map(|a| area_words(&a))),
        "range-includes-entry" => word(words.range()?.includes(&words.entry()?)),
        "range-and-range" => Ok(words
            .range()?
            .intersection(&words.range()?)
            .ok()
            .map(|r| range_words(&r))),
        "range-of-area" => Ok(Some(range_words(&Range3d::from(words.area()?)))),
        "interest-and-interest" => {
            let intersection = interest(words)?.intersection(&interest(words)?);
            Ok(intersection.ok().map(|aoi| {
                let mut words = area_words(aoi.area());
                words.extend([aoi.max_count().to_string(), aoi.max_size().to_string()]);
                words
            }))
        }
        "join" => pollster::block_on(join(words)),
        what => Err(format!("there is no law {what}")),
    }
}

/// An area of interest: area, greatest count, greatest size. The crate's unlimited count is
/// the greatest number.
fn interest(words: &mut Words) -> Result<AreaOfInterest, String> {
    let area = words.area()?;
    let count = NonZeroU64::new(words.number()?).ok_or("the count is zero")?;
    Ok(AreaOfInterest::new(area, count, words.number()?))
}

/// Inserts authorised entries of a namespace into a store, in order, and tells of each
/// whether it went in, then all that are there.
async fn join(words: &mut Words<'_>) -> Answer {
    let namespace = words.namespace()?;
    let mut store = MemoryStore::new();
    let mut answer = Vec::new();
    for _ in 0..words.number()? {
        let inserted = store.insert_entry(words.authorised()?).await;
        answer.push(matches!(inserted, Ok(true)).to_string());
    }
    let mut entries: Vec<AuthorisedEntry> = Vec::new();
    store
        .get_area(
            &namespace,
            &Area::full(),
            &mut (&mut entries).into_consumer(),
        )
        .await
        .map_err(|_| "the store fails")?;
    answer.extend(entries.iter().flat_map(authorised_words));
    Ok(Some(answer))
}
