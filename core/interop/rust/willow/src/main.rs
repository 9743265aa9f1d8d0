//! Answers questions about crate willow25, one a line, for the Go tests of core/interop.
//!
//! A question is an operation and its words; the answer is `ok` and words, `no` where the
//! crate refuses, `panic` where it panics, or `bad` and a reason for a question that isn't
//! one. See [`words`] for how values are written.

mod capabilities;
mod drops;
mod encodings;
mod laws;
mod words;

use std::io::{self, BufRead, Write};
use std::panic::{self, AssertUnwindSafe};

use words::{Answer, Words};

fn answer(question: &str) -> Answer {
    let mut words = Words::new(question);
    let operation = words.next()?;
    let answer = match operation.as_str() {
        "encode" => encodings::encode(&mut words),
        "decode" => encodings::decode(&mut words, false),
        "canonic" => encodings::decode(&mut words, true),
        "capability" => capabilities::capability(&mut words),
        "token" => capabilities::token(&mut words),
        "key" => capabilities::key(&mut words),
        "drop" => drops::drop(&mut words),
        "law" => laws::law(&mut words),
        _ => return Err(format!("there is no operation {operation}")),
    }?;
    words.done()?;
    Ok(answer)
}

fn main() -> io::Result<()> {
    // A panic is an answer; its message on standard error would only hide others.
    panic::set_hook(Box::new(|_| {}));
    let mut out = io::BufWriter::new(io::stdout().lock());
    for question in io::stdin().lock().lines() {
        let question = question?;
        match panic::catch_unwind(AssertUnwindSafe(|| answer(&question))) {
            Ok(Ok(Some(words))) => writeln!(out, "ok {}", words.join(" "))?,
            Ok(Ok(None)) => writeln!(out, "no")?,
            Ok(Err(reason)) => writeln!(out, "bad {reason}")?,
            Err(_) => writeln!(out, "panic")?,
        }
        out.flush()?;
    }
    Ok(())
}
