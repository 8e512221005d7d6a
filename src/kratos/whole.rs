//! Traits that fields cannot carry: lists of objects, what only the operator sets, and whatever an identity has beyond its
//! schema.
//!
//! Kratos takes a profile as a whole, so what no field carries is lost when the rest is saved; and of a schema with a list of
//! objects it takes no form at all, field by field (1.3.1: "expected array, but got object"). Where either is the case the
//! flow keeps all that is not in its fields, and how to read those, and Kratos gets the traits as one JSON value.

use serde_json::{Map, Number, Value};

use super::flow::Flow;
use super::node::Input;
use super::schema::{Schema, is_trait, list_of};

/// What has to be known to make one value of the fields of a form.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Whole {
    /// What no field carries.
    rest: Map<String, Value>,
    /// The traits that are no text, by their names.
    kinds: Vec<(String, Kind)>,
}

/// How the text of a field becomes a JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Truth,
    List,
    ListOfNumbers,
    /// Anything, as JSON.
    Object,
    /// Never in a field.
    ListOfObjects,
}

impl Kind {
    /// What the parts of a schema that describe a trait say it is, where it is no text. `items` are those of its items.
    pub(super) fn of(parts: &[&Value], items: &[&Value]) -> Option<Self> {
        const NUMBERS: [&str; 2] = ["integer", "number"];
        if is(parts, &["array"]) {
            let has_properties = items.iter().any(|part| part.get("properties").is_some());
            return Some(if is(items, &["object"]) || has_properties {
                Self::ListOfObjects
            } else if is(items, &NUMBERS) {
                Self::ListOfNumbers
            } else {
                Self::List
            });
        }
        if is(parts, &NUMBERS) {
            Some(Self::Number)
        } else if is(parts, &["boolean"]) {
            Some(Self::Truth)
        } else {
            None
        }
    }
}

/// Whether one of the parts has one of these types.
fn is(parts: &[&Value], names: &[&str]) -> bool {
    let of_part = |part: &&Value| match part.get("type") {
        Some(Value::String(name)) => names.contains(&name.as_str()),
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_str)
            .any(|name| names.contains(&name)),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => false,
    };
    parts.iter().any(of_part)
}

/// No schema has objects in objects so often. A browser may send any name, and what is as deep as it says is written and let go
/// of by functions that call themselves.
const MAX_DEPTH: usize = 32;

/// Lets the form take along what its fields cannot carry, if there is any, and takes the fields away that Kratos makes of it.
pub(super) fn attach(flow: &mut Flow, schema: &Schema) {
    let traits = flow.identity.as_ref().map(|identity| &identity.traits);
    let traits = traits.and_then(Value::as_object);
    let rest = traits.map(|traits| beyond_fields(schema, "traits", traits));
    let mut rest = Value::Object(rest.unwrap_or_default());
    // Of a list that is not there Kratos makes an object, and refuses that.
    for (name, kind) in &schema.kinds {
        if *kind == Kind::ListOfObjects
            && let Some(list @ Value::Null) = place(&mut rest, name)
        {
            *list = Value::Array(Vec::new());
        }
    }
    let Value::Object(rest) = rest else {
        return;
    };
    if rest.is_empty() {
        return;
    }
    // What is said of them is said all the same, of the form as a whole.
    flow.nodes.retain(|node| {
        let is_made_up = |input: &Input| is_trait(input) && input.details.is_made_up;
        !node.messages.is_empty() || !node.input().is_some_and(is_made_up)
    });
    if flow.inputs().any(|(_, input)| is_trait(input)) {
        flow.whole = Some(Whole {
            rest,
            kinds: schema.kinds.clone(),
        });
    }
}

/// The part of the traits that no field carries.
fn beyond_fields(schema: &Schema, path: &str, traits: &Map<String, Value>) -> Map<String, Value> {
    let mut rest = Map::new();
    for (name, value) in traits {
        let path = format!("{path}.{name}");
        let kept = match schema.kind(&path) {
            // The identity is as it is now. The form of a browser may be old or made up.
            _ if schema.is_read_only(&path) => Some(value.clone()),
            Some(Kind::ListOfObjects) => Some(value.clone()),
            Some(Kind::Number | Kind::Truth | Kind::List | Kind::ListOfNumbers | Kind::Object) => {
                None
            }
            None if !schema.knows(&path) => Some(value.clone()),
            None => value
                .as_object()
                .map(|inner| beyond_fields(schema, &path, inner))
                .filter(|inner| !inner.is_empty())
                .map(Value::Object),
        };
        if let Some(kept) = kept {
            rest.insert(name.clone(), kept);
        }
    }
    rest
}

/// Whether a field is one of the schema's own, or an item of one of its lists.
pub(super) fn has_field(schema: &Schema, input: &Input) -> bool {
    let is_own = |name: &str| schema.knows(name) && schema.kind(name) != Some(Kind::ListOfObjects);
    is_own(&input.name) || is_own(list_of(input))
}

impl Whole {
    /// The traits as one JSON value: what no field carries, and the fields. `fields` are names and values, in order.
    pub(super) fn with<'a>(self, fields: impl Iterator<Item = (&'a str, String)>) -> String {
        let Self { rest, kinds } = self;
        let kind = |name: &str| {
            let known = kinds.iter().find(|(known, _)| known == name);
            known.map(|(_, kind)| *kind)
        };
        let mut traits = Value::Object(rest);
        for (name, text) in fields {
            let Some(place) = place(&mut traits, name) else {
                continue;
            };
            match kind(name) {
                Some(Kind::List) => push(place, Value::String(text)),
                Some(Kind::ListOfNumbers) => push(place, number(text)),
                Some(Kind::Number) => *place = number(text),
                Some(Kind::Truth) => *place = Value::Bool(text == "true"),
                Some(Kind::Object) => {
                    *place = serde_json::from_str(&text).unwrap_or(Value::String(text));
                }
                Some(Kind::ListOfObjects) => {}
                None => *place = Value::String(text),
            }
        }
        traits.to_string()
    }
}

/// Where a trait of this name is, or is to be. `None` for what is no trait.
fn place<'a>(traits: &'a mut Value, name: &str) -> Option<&'a mut Value> {
    let path = name.strip_prefix("traits.")?;
    if path.split('.').nth(MAX_DEPTH).is_some() {
        return None;
    }
    let mut place = traits;
    for part in path.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[part];
    }
    Some(place)
}

fn push(place: &mut Value, item: Value) {
    match place {
        Value::Array(items) => items.push(item),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            *place = Value::Array(vec![item]);
        }
    }
}

/// What is no number stays as it is, for Kratos to complain.
fn number(text: String) -> Value {
    let written = || serde_json::from_str(&text).ok();
    // JSON has no number with a plus or a zero in front, but Kratos takes them in a form.
    let whole = || Some(Number::from(text.parse::<i64>().ok()?));
    let broken = || Number::from_f64(text.parse().ok()?);
    match written().or_else(whole).or_else(broken) {
        Some(number) => Value::Number(number),
        None => Value::String(text),
    }
}
