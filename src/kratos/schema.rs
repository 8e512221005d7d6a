//! Identity schemas: what is known of a trait beyond its node, as far as a field depends on it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::flow::{Flow, Submission};
use super::form::Traits;
use super::node::{Attributes, Input, InputKind, Node, scalar};
use super::whole::{self, Kind};

/// How deep a schema may be nested. Kratos refuses one that has no end.
const MAX_DEPTH: u8 = 16;

/// What is known of a trait beyond its node.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Details {
    /// The only values there are. Empty where there are others.
    pub options: Vec<Choice>,
    /// Whether a number has no fraction.
    pub is_whole: bool,
    /// Whether a number may be less than nothing, as far as the schema thought of it.
    pub is_signed: bool,
    /// The schema's title for the object that the trait is a part of.
    pub within: Option<String>,
    /// The schema's title, where Kratos gives the field another: of several branches it takes the last one's.
    pub title: Option<String>,
    /// Whether the schema has no such trait: Kratos makes a field up to hang a web hook's message on.
    pub is_made_up: bool,
    /// Where in a list the field stands, if it stands in one.
    pub in_list: Option<InList>,
    /// Whether Kratos may mail or text a code to the value. `None` where the schema is not known.
    pub messaged: Option<bool>,
}

/// One of the values that a trait can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    /// The schema's words for it.
    pub title: Option<String>,
}

impl From<String> for Choice {
    fn from(value: String) -> Self {
        Self { value, title: None }
    }
}

/// Kratos describes a list by a node for each item, `traits.tags.0`, and one of the list's own name. It takes items
/// back under the list's own name only, as often as there are items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InList {
    /// One of the items, counted from one.
    Item { list: String, number: usize },
    /// The field for another item, after so many.
    More { after: usize },
}

/// An identity schema: its traits by the names that nodes have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Schema {
    id: String,
    traits: HashMap<String, Details>,
    /// Traits that are objects with anything in them.
    objects: Vec<String>,
    /// The traits that are no text.
    pub(super) kinds: Vec<(String, Kind)>,
    /// The traits that Kratos may send a code to.
    messaged: HashSet<String>,
}

impl Schema {
    /// Reads Kratos' list. What is no schema is left out.
    pub(super) fn read_all(list: &Value) -> Vec<Self> {
        let items = list.as_array().into_iter().flatten();
        items
            .filter_map(|item| {
                let mut schema = Self {
                    id: item.get("id")?.as_str()?.to_owned(),
                    traits: HashMap::new(),
                    objects: Vec::new(),
                    kinds: Vec::new(),
                    messaged: HashSet::new(),
                };
                let root = item.get("schema")?;
                schema.walk(root, root, "", None, 0);
                schema.find_messaged(root, root, "", 0);
                Some(schema)
            })
            .collect()
    }

    /// Finds the traits of a part of the schema, under the names that Kratos gives their nodes. Branches that hold
    /// under conditions only (`if`, `oneOf`) are left out.
    fn walk(&mut self, root: &Value, part: &Value, path: &str, within: Option<&str>, depth: u8) {
        if depth == MAX_DEPTH {
            return;
        }
        let reference = part.get("$ref").and_then(Value::as_str);
        let referred = reference.and_then(|place| root.pointer(place.strip_prefix('#')?));
        let all = part.get("allOf").and_then(Value::as_array);
        for same in referred.into_iter().chain(all.into_iter().flatten()) {
            self.walk(root, same, path, within, depth + 1);
        }
        if path.starts_with("traits.") {
            let details = self.traits.entry(path.to_owned()).or_default();
            let options = part.get("enum").and_then(Value::as_array);
            let options = options.into_iter().flatten().cloned().filter_map(scalar);
            details.options.extend(options.map(Choice::from));
            let choices = titled(part);
            let title = part.get("title").and_then(Value::as_str);
            if !choices.is_empty() {
                details.title = title.map(str::to_owned);
            }
            details.options.extend(choices);
            // The items of a list are fields like any other.
            let item = part.get("items").and_then(|items| items.get("enum"));
            let items = item.and_then(Value::as_array).into_iter().flatten();
            let items = items.cloned().filter_map(scalar);
            details.options.extend(items.map(Choice::from));
            details.is_whole |= part.get("type").is_some_and(|it| it == "integer");
            let minimum = part.get("minimum").and_then(Value::as_f64);
            details.is_signed |= minimum.is_some_and(|minimum| minimum < 0.0);
            details.within = within.map(str::to_owned);
            let items = part.get("items").map(|items| {
                let place = items.get("$ref").and_then(Value::as_str);
                let referred = place.and_then(|place| root.pointer(place.strip_prefix('#')?));
                referred.unwrap_or(items)
            });
            let mut kind = Kind::of(part, items);
            if is_free_object(part) {
                self.objects.push(path.to_owned());
                kind = Some(Kind::Object);
            }
            self.kinds.extend(kind.map(|kind| (path.to_owned(), kind)));
        }
        let title = part.get("title").and_then(Value::as_str);
        let title = title.filter(|_| path.starts_with("traits."));
        let properties = part.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            self.walk(root, property, &below(path, name), title, depth + 1);
        }
    }

    /// Finds the traits that Kratos may send a code to. A branch that holds under a condition counts: which one holds
    /// depends on the value.
    fn find_messaged(&mut self, root: &Value, part: &Value, path: &str, depth: u8) {
        if depth == MAX_DEPTH {
            return;
        }
        let parts = branches(root, part, Reach::Possible);
        let is_trait = path.starts_with("traits.");
        let items = parts.iter().filter_map(|part| part.get("items"));
        let items = items.flat_map(|items| branches(root, items, Reach::Possible));
        if is_trait && parts.iter().copied().chain(items).any(is_messaged) {
            self.messaged.insert(path.to_owned());
        }
        for part in parts {
            let properties = part.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                self.find_messaged(root, property, &below(path, name), depth + 1);
            }
        }
    }

    /// What a trait is, where it is no text.
    pub(super) fn kind(&self, name: &str) -> Option<Kind> {
        let known = self.kinds.iter().find(|(known, _)| known == name);
        known.map(|(_, kind)| *kind)
    }

    /// Whether it has this very trait.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.traits.contains_key(name)
    }

    /// The traits that a field can carry, and whether Kratos may send a code to each.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, bool)> {
        let parents: HashSet<&str> = self
            .traits
            .keys()
            .filter_map(|name| Some(name.rsplit_once('.')?.0))
            .collect();
        let names = self.traits.keys().map(String::as_str);
        names
            .filter(move |name| !parents.contains(name))
            .map(|name| (name, self.messaged.contains(name)))
    }

    fn has_all_of(&self, flow: &Flow) -> bool {
        flow.inputs()
            .filter(|(_, input)| is_trait(input))
            .all(|(_, input)| self.traits.contains_key(list_of(input)))
    }
}

/// The name of a property of the object of this name.
fn below(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}

/// How far [`branches`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The branches that may hold, depending on the value.
    Possible,
}

/// The parts of a schema that describe the same value: the part itself, then what it refers to by `$ref` and `allOf`, each
/// once (<https://json-schema.org/understanding-json-schema/structuring>).
fn branches<'a>(root: &'a Value, part: &'a Value, reach: Reach) -> Vec<&'a Value> {
    let mut found: Vec<&Value> = vec![part];
    let mut next = 0;
    while let Some(part) = found.get(next).copied() {
        next += 1;
        let place = part.get("$ref").and_then(Value::as_str);
        let referred = place.and_then(|place| root.pointer(place.strip_prefix('#')?));
        let lists: &[&str] = match reach {
            Reach::Possible => &["allOf", "anyOf", "oneOf"],
        };
        let lists = lists.iter().filter_map(|name| part.get(name)?.as_array());
        let single: &[&str] = match reach {
            Reach::Possible => &["if", "then", "else"],
        };
        let single = single.iter().filter_map(|name| part.get(name));
        for branch in referred.into_iter().chain(lists.flatten()).chain(single) {
            if !found.iter().any(|known| std::ptr::eq(*known, branch)) {
                found.push(branch);
            }
        }
    }
    found
}

/// Whether Kratos sends a code to a new value of what this part describes: to confirm it, or to sign in by it
/// (<https://www.ory.com/docs/kratos/manage-identities/identity-schema>).
fn is_messaged(part: &Value) -> bool {
    // Kratos reads nothing that stands beside `$ref`.
    let extension = part.get("ory.sh/kratos");
    let Some(extension) = extension.filter(|_| part.get("$ref").is_none()) else {
        return false;
    };
    let is_sent_by = |place: &str| {
        let via = extension.pointer(place).and_then(Value::as_str);
        via.is_some_and(|via| matches!(via, "email" | "sms"))
    };
    let code = extension.pointer("/credentials/code");
    is_sent_by("/verification/via") || code.is_some_and(Value::is_object)
}

/// The values of a trait where each has words of its own: `oneOf` with nothing but constants
/// (<https://json-schema.org/understanding-json-schema/reference/const>).
fn titled(part: &Value) -> Vec<Choice> {
    let branches = part.get("oneOf").or_else(|| part.get("anyOf"));
    let branches = branches.and_then(Value::as_array);
    let choice = |branch: &Value| {
        let title = branch.get("title").and_then(Value::as_str);
        Some(Choice {
            value: scalar(branch.get("const")?.clone())?,
            title: title.map(str::to_owned),
        })
    };
    let choices: Option<Vec<Choice>> = branches.into_iter().flatten().map(choice).collect();
    choices.unwrap_or_default()
}

fn is_free_object(part: &Value) -> bool {
    let shapes = [
        "properties",
        "$ref",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
    ];
    part.get("type").is_some_and(|it| it == "object")
        && shapes.iter().all(|shape| part.get(shape).is_none())
}

/// Whether the schema could say more about a field of the flow than its node does.
pub(super) fn is_worth_asking(flow: &Flow) -> bool {
    flow.inputs().any(|(_, input)| is_trait(input))
}

/// Adds what the schema knows to the traits of a flow.
pub(super) fn explain(flow: &mut Flow, schemas: &[Schema]) {
    let Some(schema) = schema_of(flow, schemas) else {
        return;
    };
    for input in trait_inputs(&mut flow.nodes) {
        if let Some(known) = schema.traits.get(list_of(input)) {
            let told = &mut input.details;
            // Newer versions of Kratos send the options themselves.
            if told.options.is_empty() {
                told.options.clone_from(&known.options);
            }
            told.is_whole = known.is_whole;
            told.is_signed = known.is_signed;
            told.within.clone_from(&known.within);
            told.title.clone_from(&known.title);
        }
        input.details.messaged = Some(schema.messaged.contains(list_of(input)));
    }
    for name in &schema.objects {
        carry(flow, name);
    }
    for input in trait_inputs(&mut flow.nodes) {
        input.details.is_made_up = !whole::has_field(schema, input);
    }
    whole::attach(flow, schema);
}

/// Takes an object along as a whole. Kratos shows all that is in it as fields, and takes none of them back: to save
/// the rest of a profile would empty it.
fn carry(flow: &mut Flow, name: &str) {
    let is_in_it = |node: &Node| {
        let rest = node.input().and_then(|it| it.name.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with('.'))
    };
    let Some(at) = flow.nodes.iter().position(is_in_it) else {
        return;
    };
    let mut node = flow.nodes[at].clone();
    flow.nodes.retain(|node| !is_in_it(node));
    let traits = flow.identity.as_ref().map(|identity| &identity.traits);
    let place = name.trim_start_matches("traits").replace('.', "/");
    let whole = traits.and_then(|traits| traits.pointer(&place));
    if let (Attributes::Input(input), Some(whole)) = (&mut node.attributes, whole) {
        input.name = name.to_owned();
        input.kind = InputKind::Hidden;
        input.value = Some(whole.to_string());
        flow.nodes.insert(at, node);
    }
}

/// What is known of the traits that a form of the flow may hold.
pub(super) fn traits(flow: &Flow, schemas: &[Schema]) -> Traits {
    Traits::of(flow, schema_of(flow, schemas))
}

/// The schema that the flow names, or else the only one that it can be.
fn schema_of<'a>(flow: &Flow, schemas: &'a [Schema]) -> Option<&'a Schema> {
    let of_identity = flow
        .identity
        .as_ref()
        .and_then(|identity| identity.schema_id.as_deref());
    if let Some(id) = flow.identity_schema.as_deref().or(of_identity) {
        return schemas.iter().find(|schema| schema.id == id);
    }
    if let [only] = schemas {
        return Some(only);
    }
    let mut fitting = schemas.iter().filter(|schema| schema.has_all_of(flow));
    fitting.next().filter(|_| fitting.next().is_none())
}

/// Puts the fields of each list together, with the one for another item at their end.
pub(super) fn gather_lists(flow: &mut Flow) {
    let names: HashSet<String> = trait_inputs(&mut flow.nodes)
        .map(|input| input.name.clone())
        .collect();
    let mut lists: Vec<String> = Vec::new();
    for input in trait_inputs(&mut flow.nodes) {
        let Some((list, number)) = input.name.rsplit_once('.') else {
            continue;
        };
        let Ok(number) = number.parse::<usize>() else {
            continue;
        };
        let list = list.to_owned();
        let is_hidden = input.kind == InputKind::Hidden;
        if !is_hidden && !names.contains(&list) {
            continue;
        }
        if !lists.contains(&list) {
            lists.push(list.clone());
        }
        if is_hidden {
            input.name.clone_from(&list);
        }
        let number = number + 1;
        input.details.in_list = Some(InList::Item { list, number });
    }
    for list in lists {
        gather(flow, &list);
    }
}

/// Puts the items that somebody typed back into lists that have lost theirs, as [`Flow::keep`] does for other fields.
pub(super) fn keep_lists(flow: &mut Flow, form: &Submission) -> Vec<(String, String)> {
    let typed = |list: &str| -> Vec<String> {
        let of_list = form.0.iter().filter(|(name, _)| name == list);
        let values = of_list.map(|(_, value)| value.clone());
        values.filter(|value| !value.is_empty()).collect()
    };
    let is_item = |input: &Input| matches!(input.details.in_list, Some(InList::Item { .. }));
    let lists: Vec<Node> = flow
        .inputs()
        .filter(|(_, input)| is_trait(input) && input.kind == InputKind::Text && !is_item(input))
        .filter(|(_, input)| input.details.in_list.is_some() || typed(&input.name).len() > 1)
        .map(|(node, _)| node.clone())
        .collect();
    let mut kept = Vec::new();
    for node in lists {
        let Some(list) = node.input().map(|input| input.name.clone()) else {
            continue;
        };
        let has_items = flow
            .inputs()
            .any(|(_, input)| is_item(input) && list_of(input) == list && input.value.is_some());
        if has_items {
            continue;
        }
        for (number, value) in typed(&list).into_iter().enumerate() {
            let name = format!("{list}.{number}");
            if !flow.has(&name) {
                flow.nodes.push(item(&node, &name));
            }
            for input in trait_inputs(&mut flow.nodes).filter(|input| input.name == name) {
                input.value = Some(value.clone());
            }
            kept.push((list.clone(), value));
        }
    }
    gather_lists(flow);
    kept
}

/// An item of a list, like the field for another.
fn item(more: &Node, name: &str) -> Node {
    let mut node = more.clone();
    node.messages.clear();
    for input in trait_inputs(std::slice::from_mut(&mut node)) {
        input.name = name.to_owned();
    }
    node
}

fn gather(flow: &mut Flow, list: &str) {
    let is_in_it = |node: &Node| {
        let is_part = |input| is_trait(input) && list_of(input) == list;
        node.input().is_some_and(is_part)
    };
    let Some(at) = flow.nodes.iter().position(is_in_it) else {
        return;
    };
    let mut nodes = std::mem::take(&mut flow.nodes);
    let (mut parts, rest): (Vec<_>, Vec<_>) = nodes.drain(..).partition(is_in_it);
    parts.sort_by_key(|node| {
        let place = node.input().and_then(|input| input.details.in_list.clone());
        match place {
            Some(InList::Item { number, .. }) => number,
            Some(InList::More { .. }) | None => usize::MAX,
        }
    });
    let after = parts.len() - 1;
    for input in trait_inputs(&mut parts) {
        if input.name == list && input.kind != InputKind::Hidden {
            input.details.in_list = Some(InList::More { after });
        }
    }
    flow.nodes = rest;
    flow.nodes.splice(at..at, parts);
}

pub(super) fn trait_inputs(nodes: &mut [Node]) -> impl Iterator<Item = &mut Input> {
    nodes
        .iter_mut()
        .filter_map(|node| match &mut node.attributes {
            Attributes::Input(input) => Some(input),
            Attributes::Text(_)
            | Attributes::Image(_)
            | Attributes::Anchor(_)
            | Attributes::Script
            | Attributes::Division
            | Attributes::Unknown => None,
        })
        .filter(|input| is_trait(input))
}

pub(super) fn is_trait(input: &Input) -> bool {
    input.name.starts_with("traits.")
}

/// The name of the trait that a field belongs to: its own, unless it is an item of a list.
pub(super) fn list_of(input: &Input) -> &str {
    match &input.details.in_list {
        Some(InList::Item { list, .. }) => list,
        Some(InList::More { .. }) | None => &input.name,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(traits: Value) -> Schema {
        let list = json!([{"id": "default", "schema": {
            "definitions": {
                "mail": {"ory.sh/kratos": {"verification": {"via": "email"}}},
                "loop": {"$ref": "#/definitions/loop"},
            },
            "properties": {"traits": {"properties": traits}},
        }}]);
        Schema::read_all(&list).remove(0)
    }

    #[test]
    fn a_trait_is_messaged_where_kratos_sends_codes_to_it() {
        let kratos = |extension: Value| json!({"ory.sh/kratos": extension});
        let mail = || json!({"$ref": "#/definitions/mail"});
        let cases = [
            (true, kratos(json!({"verification": {"via": "email"}}))),
            (true, kratos(json!({"verification": {"via": "sms"}}))),
            (
                true,
                kratos(json!({"credentials": {"code": {"identifier": true}}})),
            ),
            (
                true,
                kratos(json!({"credentials": {"code": {"via": "sms"}}})),
            ),
            (true, mail()),
            (true, json!({"items": mail()})),
            (true, json!({"allOf": [{"title": "Address"}, mail()]})),
            (true, json!({"items": {"allOf": [mail()]}})),
            (true, json!({"anyOf": [{"type": "string"}, mail()]})),
            (true, json!({"if": {"minLength": 3}, "then": mail()})),
            (false, json!({"type": "string", "format": "email"})),
            (
                false,
                kratos(json!({"credentials": {"password": {"identifier": true}}})),
            ),
            (false, kratos(json!({"verification": {}}))),
            (false, kratos(json!({"recovery": {"via": "email"}}))),
            (false, json!({"$ref": "#/definitions/loop"})),
            (
                false,
                json!({"$ref": "https://elsewhere.example/mail.json"}),
            ),
            (
                false,
                json!({
                    "$ref": "#/definitions/loop",
                    "ory.sh/kratos": {"verification": {"via": "email"}},
                }),
            ),
        ];
        for (is_messaged, part) in cases {
            let said = part.to_string();
            let schema = schema(json!({"one": part.clone(), "in": {"properties": {"one": part}}}));
            for name in ["traits.one", "traits.in.one"] {
                assert_eq!(schema.messaged.contains(name), is_messaged, "{said}");
            }
        }
    }
}
