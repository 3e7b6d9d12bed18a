//! Log lines: one JSON object each, to the console, where Workers Logs reads them.
use serde_json::{Map, Value};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt::Debug;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use worker::{console_error, console_log, console_warn};

/// Sends every event from now on to the console.
pub fn install() {
    if tracing::subscriber::set_global_default(Console).is_err() {
        console_error!("a second log was refused");
    }
}

type Fields = Map<String, Value>;

struct Span {
    fields: Fields,
    handles: usize,
}

thread_local! {
    static NEXT_SPAN: Cell<u64> = const { Cell::new(1) };
    static SPANS: RefCell<HashMap<u64, Span>> = RefCell::default();
    /// The spans we are in, outermost first.
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A `tracing` subscriber for one thread, which is what an isolate is. The
/// platform stamps each line with the time, so we do not.
struct Console;

impl Subscriber for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = Fields::new();
        attributes.record(&mut Writer(&mut fields));
        let id = NEXT_SPAN.get();
        NEXT_SPAN.set(id + 1);
        SPANS.with_borrow_mut(|spans| spans.insert(id, Span { fields, handles: 1 }));
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        SPANS.with_borrow_mut(|spans| {
            if let Some(span) = spans.get_mut(&id.into_u64()) {
                values.record(&mut Writer(&mut span.fields));
            }
        });
    }

    fn record_follows_from(&self, _id: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Fields::new();
        line.insert("level".to_owned(), event.metadata().level().as_str().into());
        line.insert("target".to_owned(), event.metadata().target().into());
        for span in entered() {
            line.extend(span);
        }
        event.record(&mut Writer(&mut line));
        write(*event.metadata().level(), &Value::Object(line).to_string());
    }

    fn enter(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
    }

    fn exit(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| {
            if let Some(place) = entered.iter().rposition(|open| *open == id.into_u64()) {
                entered.remove(place);
            }
        });
    }

    fn clone_span(&self, id: &Id) -> Id {
        SPANS.with_borrow_mut(|spans| {
            if let Some(span) = spans.get_mut(&id.into_u64()) {
                span.handles += 1;
            }
        });
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        SPANS.with_borrow_mut(|spans| match spans.get_mut(&id.into_u64()) {
            Some(span) if span.handles > 1 => {
                span.handles -= 1;
                false
            }
            _ => spans.remove(&id.into_u64()).is_some(),
        })
    }
}

/// The fields of the spans we are in, outermost first.
fn entered() -> Vec<Fields> {
    let ids = ENTERED.with_borrow(Clone::clone);
    SPANS.with_borrow(|spans| {
        ids.iter().filter_map(|id| spans.get(id)).map(|span| span.fields.clone()).collect()
    })
}

fn write(level: Level, line: &str) {
    match level {
        Level::ERROR => console_error!("{line}"),
        Level::WARN => console_warn!("{line}"),
        _ => console_log!("{line}"),
    }
}

/// Writes fields into JSON. Only numbers, truths and texts keep their kind.
struct Writer<'a>(&'a mut Fields);

impl Writer<'_> {
    fn put(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }
}
