//! Identity schemas: what is known of a trait beyond its node, as far as a field depends on it.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::flow::{Flow, FlowKind, Submission};
use super::form::Traits;
use super::node::{Attributes, Input, InputKind, Node, scalar};
use super::whole::{self, Kind};

/// How deep a schema may be nested. Kratos refuses one that has no end.
const MAX_DEPTH: u8 = 16;
/// How many items of lists are put back into a form. No list that people fill in is longer.
const MAX_ITEMS: usize = 64;

/// So many traits are read. No form has as many fields.
const MAX_TRAITS: usize = 4096;

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
    /// The schema's title. Kratos takes that of the last of several branches, and none from a list's items or from beside a
    /// `$ref`.
    pub title: Option<String>,
    /// The schema's words about what to fill in.
    pub description: Option<String>,
    /// Whether the value is for the operator to set.
    pub is_read_only: bool,
    /// Whether people sign in with the value. `None` where the schema is not known.
    pub is_identifier: Option<bool>,
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
    traits: HashMap<String, Known>,
    /// Traits that are objects with anything in them.
    objects: Vec<String>,
    /// The traits that are no text.
    pub(super) kinds: Vec<(String, Kind)>,
    /// The traits that Kratos may send a code to.
    messaged: HashSet<String>,
}

/// What a schema says of a trait.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    details: Details,
    /// The kind of its field, where Kratos makes a plain text of it.
    kind: Option<InputKind>,
    /// Whether there is no identity without it.
    is_needed: bool,
    /// Whether the value is to be set, and never to be shown.
    is_write_only: bool,
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
                schema.walk(root, vec![root], &Place::default(), 0);
                schema.find_messaged(root, root, "", 0);
                Some(schema)
            })
            .collect()
    }

    /// Finds the traits of a part of the schema, under the names that Kratos gives their nodes. Branches that hold
    /// under conditions only (`if`, `oneOf`) are left out.
    fn walk<'a>(&mut self, root: &'a Value, parts: Vec<&'a Value>, place: &Place, depth: u8) {
        if depth == MAX_DEPTH || self.traits.len() > MAX_TRAITS {
            return;
        }
        let parts = branches(root, parts, Reach::Certain);
        let is_trait = place.path.starts_with("traits.");
        if is_trait {
            self.note(root, &parts, place);
        }
        let title = text(&parts, "title").filter(|_| is_trait);
        let is_read_only = place.is_read_only || holds(&parts, "readOnly");
        let mut properties: Vec<(&str, Vec<&Value>)> = Vec::new();
        let all = parts
            .iter()
            .filter_map(|part| part.get("properties")?.as_object());
        for (name, property) in all.flatten() {
            match properties.iter_mut().find(|(known, _)| known == name) {
                Some((_, same)) => same.push(property),
                None => properties.push((name, vec![property])),
            }
        }
        for (name, property) in properties {
            let place = Place {
                path: below(&place.path, name),
                within: title.map(str::to_owned),
                // An identity has traits, whatever its schema says.
                is_needed: depth == 0 || (place.is_needed && requires(&parts, name)),
                is_read_only,
            };
            self.walk(root, property, &place, depth + 1);
        }
    }

    /// Keeps what the parts say of the trait that they describe.
    fn note<'a>(&mut self, root: &'a Value, parts: &[&'a Value], place: &Place) {
        let path = &place.path;
        let items = parts.iter().filter_map(|part| part.get("items")).collect();
        let items = branches(root, items, Reach::Certain);
        let mut kind = Kind::of(parts, &items);
        if is_free_object(parts) {
            self.objects.push(path.clone());
            kind = Some(Kind::Object);
        }
        self.kinds.extend(kind.map(|kind| (path.clone(), kind)));
        let details = details(parts, &items);
        let known = Known {
            details: Details {
                within: place.within.clone(),
                is_read_only: details.is_read_only || place.is_read_only,
                ..details
            },
            kind: input_kind(kind, parts, &items),
            is_needed: place.is_needed,
            is_write_only: holds(parts, "writeOnly"),
        };
        self.traits.insert(path.clone(), known);
    }

    /// Finds the traits that Kratos may send a code to. A branch that holds under a condition counts: which one holds
    /// depends on the value. What stands in a trait without a name of its own counts as the trait.
    fn find_messaged(&mut self, root: &Value, part: &Value, path: &str, depth: u8) {
        if depth == MAX_DEPTH {
            return;
        }
        let parts = branches(root, vec![part], Reach::Possible);
        let is_trait = path.starts_with("traits.");
        let inner = parts.iter().flat_map(|part| nameless(part)).collect();
        let inner = within(root, inner);
        if is_trait && parts.iter().copied().chain(inner).any(is_messaged) {
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

    /// Whether only the operator sets a trait.
    pub(super) fn is_read_only(&self, name: &str) -> bool {
        let known = self.traits.get(name);
        known.is_some_and(|known| known.details.is_read_only)
    }

    /// Whether it has this very trait.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.traits.contains_key(name)
    }

    /// The traits that a field can carry: whether Kratos may send a code to each, and whether only
    /// the operator sets it.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, bool, bool)> {
        let parents: HashSet<&str> = self
            .traits
            .keys()
            .filter_map(|name| Some(name.rsplit_once('.')?.0))
            .collect();
        let fields = self.traits.iter();
        fields
            .map(|(name, known)| (name.as_str(), known))
            .filter(move |(name, _)| !parents.contains(name))
            .map(|(name, known)| {
                let is_messaged = self.messaged.contains(name);
                (name, is_messaged, known.details.is_read_only)
            })
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

/// Where a part of a schema stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Place {
    /// The name that Kratos gives the node.
    path: String,
    /// The title of the object around it.
    within: Option<String>,
    is_needed: bool,
    /// Whether only the operator sets an object around it.
    is_read_only: bool,
}

/// How far [`branches`] goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The branches that hold for every value.
    Certain,
    /// The branches that may hold, depending on the value.
    Possible,
}

/// The parts of a schema that describe the same value: those given, then what they refer to by `$ref` and `allOf`, each
/// once (<https://json-schema.org/understanding-json-schema/structuring>).
fn branches<'a>(root: &'a Value, mut found: Vec<&'a Value>, reach: Reach) -> Vec<&'a Value> {
    let mut next = 0;
    while let Some(part) = found.get(next).copied() {
        next += 1;
        let place = part.get("$ref").and_then(Value::as_str);
        let referred = place.and_then(|place| root.pointer(place.strip_prefix('#')?));
        let lists: &[&str] = match reach {
            Reach::Certain => &["allOf"],
            Reach::Possible => &["allOf", "anyOf", "oneOf"],
        };
        let lists = lists.iter().filter_map(|name| part.get(name)?.as_array());
        let single: &[&str] = match reach {
            Reach::Certain => &[],
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

/// The parts of a schema that describe what is in a value under no name that the schema has: items
/// of a list, and properties of any name
/// (<https://json-schema.org/understanding-json-schema/reference/object>).
fn nameless(part: &Value) -> Vec<&Value> {
    const INNER: [&str; 7] = [
        "additionalItems",
        "additionalProperties",
        "contains",
        "items",
        "prefixItems",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    let inner = INNER.iter().filter_map(|name| part.get(name));
    let inner = inner.flat_map(|inner| match inner {
        Value::Array(each) => each.iter().collect(),
        one => vec![one],
    });
    let patterns = part.get("patternProperties").and_then(Value::as_object);
    inner
        .chain(patterns.into_iter().flat_map(|patterns| patterns.values()))
        .collect()
}

/// These parts, and all that is anywhere in what they describe, each once.
fn within<'a>(root: &'a Value, parts: Vec<&'a Value>) -> Vec<&'a Value> {
    let mut found = branches(root, parts, Reach::Possible);
    let mut next = 0;
    while let Some(part) = found.get(next).copied() {
        next += 1;
        let named = part.get("properties").and_then(Value::as_object);
        let named = named.into_iter().flat_map(|named| named.values());
        let is_new = |part: &&Value| !found.iter().any(|known| std::ptr::eq(*known, *part));
        let inner: Vec<&Value> = nameless(part)
            .into_iter()
            .chain(named)
            .filter(is_new)
            .collect();
        if !inner.is_empty() {
            found.extend(inner);
            found = branches(root, found, Reach::Possible);
        }
    }
    found
}

/// The first text of this name that one of the parts has.
fn text<'a>(parts: &[&'a Value], name: &str) -> Option<&'a str> {
    let mut texts = parts.iter().filter_map(|part| part.get(name)?.as_str());
    texts.find(|text| !text.trim().is_empty())
}

/// Whether one of the parts says so.
fn holds(parts: &[&Value], name: &str) -> bool {
    let said = parts.iter().filter_map(|part| part.get(name)?.as_bool());
    said.into_iter().any(|truth| truth)
}

/// Whether an object of these parts has to have a property of this name.
fn requires(parts: &[&Value], name: &str) -> bool {
    let lists = parts
        .iter()
        .filter_map(|part| part.get("required")?.as_array());
    lists.flatten().any(|required| required == name)
}

/// What the parts of a trait and of its items say of its field.
fn details(parts: &[&Value], items: &[&Value]) -> Details {
    let all: Vec<&Value> = parts.iter().chain(items).copied().collect();
    let of_enum = |part: &&Value| {
        let values = part.get("enum").and_then(Value::as_array);
        let values = values.into_iter().flatten().cloned().filter_map(scalar);
        values.map(Choice::from).collect::<Vec<_>>()
    };
    let titled = parts.iter().map(|part| titled(part));
    let is_integer = |part: &&Value| part.get("type").is_some_and(|it| it == "integer");
    let minima = all.iter().filter_map(|part| part.get("minimum")?.as_f64());
    Details {
        options: all.iter().map(of_enum).chain(titled).flatten().collect(),
        is_whole: all.iter().any(is_integer),
        is_signed: minima.into_iter().any(|minimum| minimum < 0.0),
        title: text(&all, "title").map(str::to_owned),
        description: text(&all, "description").map(str::to_owned),
        is_read_only: holds(&all, "readOnly"),
        is_identifier: Some(all.iter().copied().any(is_identifier)),
        ..Details::default()
    }
}

/// The kind of field for what the parts describe. Kratos makes a text of each list, and forgets the format of the items.
fn input_kind(kind: Option<Kind>, parts: &[&Value], items: &[&Value]) -> Option<InputKind> {
    let all: Vec<&Value> = parts.iter().chain(items).copied().collect();
    match kind {
        Some(Kind::ListOfNumbers | Kind::Number) => Some(InputKind::Number),
        Some(Kind::Truth) => Some(InputKind::Checkbox),
        Some(Kind::Object | Kind::ListOfObjects) => None,
        Some(Kind::List) | None => match text(&all, "format")? {
            "email" => Some(InputKind::Email),
            "tel" => Some(InputKind::Tel),
            "date" => Some(InputKind::Date),
            "date-time" => Some(InputKind::DatetimeLocal),
            "uri" => Some(InputKind::Url),
            _ => None,
        },
    }
}

/// Whether people sign in with what this part describes, in one way or another.
fn is_identifier(part: &Value) -> bool {
    let credentials = part.pointer("/ory.sh~1kratos/credentials");
    let mut all = credentials.and_then(Value::as_object).into_iter().flatten();
    all.any(|(_, credential)| credential.get("identifier") == Some(&Value::Bool(true)))
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

fn is_free_object(parts: &[&Value]) -> bool {
    let shapes = ["properties", "anyOf", "oneOf", "not", "if", "then", "else"];
    let is_shapeless = |part: &&Value| shapes.iter().all(|shape| part.get(shape).is_none());
    let is_object = |part: &&Value| part.get("type").is_some_and(|it| it == "object");
    parts.iter().any(is_object) && parts.iter().all(is_shapeless)
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
    let kind = flow.kind;
    let is_told = flow.completes_what_a_provider_told();
    let identity = flow.identity.as_ref().map(|identity| &identity.traits);
    for input in trait_inputs(&mut flow.nodes) {
        if let Some(known) = schema.traits.get(list_of(input)) {
            let is_set = match identity {
                Some(traits) => stored(traits, list_of(input)).is_some(),
                None => input.value.is_some() && (is_told || kind == FlowKind::Settings),
            };
            known.explain(kind, is_set, input);
            if let Some(traits) = identity.filter(|_| input.details.is_read_only) {
                input.value = shown(traits, input);
            }
        }
        input.details.messaged = Some(schema.messaged.contains(list_of(input)));
    }
    if kind == FlowKind::Registration {
        flow.nodes.retain(|node| !is_for_later(node));
    }
    for name in &schema.objects {
        carry(flow, name);
    }
    for input in trait_inputs(&mut flow.nodes) {
        input.details.is_made_up = !whole::has_field(schema, input);
    }
    whole::attach(flow, schema);
}

impl Known {
    /// Adds what the schema knows to a field. `is_set`: the operator or a provider has set its value.
    fn explain(&self, flow: FlowKind, is_set: bool, input: &mut Input) {
        let known = &self.details;
        let told = std::mem::take(&mut input.details);
        input.details = Details {
            // Newer versions of Kratos send the options themselves.
            options: if told.options.is_empty() {
                known.options.clone()
            } else {
                told.options
            },
            in_list: told.in_list,
            ..known.clone()
        };
        if input.kind == InputKind::Text {
            input.kind = self.kind.unwrap_or(InputKind::Text);
        }
        if input.kind == InputKind::Hidden {
            return;
        }
        input.required |= self.is_needed;
        // What is needed and lacking is asked for: otherwise the form could not be sent.
        input.details.is_read_only &= is_set || !input.required;
        // What is not to be seen goes along unseen, because Kratos takes a profile as a whole.
        if self.is_write_only && is_filled(input) && flow == FlowKind::Settings {
            input.name = list_of(input).to_owned();
            input.kind = InputKind::Hidden;
        }
    }
}

fn is_filled(input: &Input) -> bool {
    match input.kind {
        InputKind::Checkbox => input.value.as_deref() == Some("true"),
        InputKind::Text
        | InputKind::Password
        | InputKind::Number
        | InputKind::Hidden
        | InputKind::Email
        | InputKind::Tel
        | InputKind::Submit
        | InputKind::Button
        | InputKind::DatetimeLocal
        | InputKind::Date
        | InputKind::Url => input.value.is_some(),
    }
}

/// The value that an identity has for a trait.
pub(super) fn stored<'a>(traits: &'a Value, name: &str) -> Option<&'a Value> {
    let mut path = name.strip_prefix("traits.")?.split('.');
    let value = path.try_fold(traits, |place, part| place.get(part))?;
    (!value.is_null()).then_some(value)
}

/// The value that a field shows of an identity. A flow keeps the values of the time when it was made.
fn shown(traits: &Value, input: &Input) -> Option<String> {
    let value = stored(traits, list_of(input))?;
    let value = match item_number(input) {
        Some(number) => value.get(number.checked_sub(1)?)?,
        None => value,
    };
    scalar(value.clone())
}

/// Whether a field asks for what the operator sets later, and nothing is said of it.
fn is_for_later(node: &Node) -> bool {
    let is_empty = |input: &Input| is_trait(input) && input.value.is_none();
    node.messages.is_empty()
        && node
            .input()
            .is_some_and(|input| input.details.is_read_only && is_empty(input))
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

/// Puts the items that a person typed back into lists, as [`Flow::keep`] does for other fields. Kratos says what is wrong with
/// an item by its number, and keeps none, or those of an earlier try.
pub(super) fn keep_lists(flow: &mut Flow, form: &Submission) -> Vec<(String, String)> {
    let mut typed: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, value) in form.0.iter().filter(|(_, value)| !value.is_empty()) {
        typed.entry(name).or_default().push(value);
    }
    let is_item = |input: &Input| matches!(input.details.in_list, Some(InList::Item { .. }));
    let asked: HashSet<&str> = form.0.iter().map(|(name, _)| name.as_str()).collect();
    let has_several = |name: &str| typed.get(name).is_some_and(|it| it.len() > 1);
    let lists: Vec<(Node, String)> = flow
        .inputs()
        .filter(|(_, it)| is_trait(it) && it.kind.is_typed_into() && !is_item(it))
        .filter(|(_, it)| it.kind != InputKind::Checkbox && asked.contains(it.name.as_str()))
        .filter(|(_, it)| it.details.in_list.is_some() || has_several(&it.name))
        .filter(|(_, it)| !it.details.is_read_only)
        .map(|(node, input)| (node.clone(), input.name.clone()))
        .collect();
    let mut kept = Vec::new();
    for (node, list) in lists {
        let room = MAX_ITEMS.saturating_sub(kept.len());
        let mut values = typed.remove(&*list).unwrap_or_default();
        values.truncate(room);
        for (number, value) in values.iter().enumerate() {
            let name = format!("{list}.{number}");
            if !flow.has(&name) {
                flow.nodes.push(item(&node, &name));
            }
            kept.push((list.clone(), (*value).to_owned()));
        }
        if values.is_empty() {
            kept.push((list.clone(), String::new()));
        }
        let mut values = values.into_iter();
        let place = |input: &Input| item_number(input).filter(|_| list_of(input) == list);
        flow.nodes.retain(|node| {
            let number = node.input().and_then(place);
            number.is_none_or(|number| number <= values.len()) || !node.messages.is_empty()
        });
        gather_lists(flow);
        for input in trait_inputs(&mut flow.nodes).filter(|input| place(input).is_some()) {
            input.value = values.next().map(str::to_owned);
        }
    }
    kept
}

/// Where in its list an item stands, counted from one.
fn item_number(input: &Input) -> Option<usize> {
    match &input.details.in_list {
        Some(InList::Item { number, .. }) => Some(*number),
        Some(InList::More { .. }) | None => None,
    }
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
    // Where Kratos makes a node up to say what is wrong with an item, it belongs to no method.
    let own = parts.last().map(|node| node.group.clone());
    for node in &mut parts {
        node.group = own.clone().unwrap_or_default();
    }
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
            (true, json!({"additionalProperties": mail()})),
            (
                true,
                json!({"additionalProperties": {"properties": {"x": mail()}}}),
            ),
            (true, json!({"patternProperties": {"^x": mail()}})),
            (true, json!({"items": [{"type": "string"}, mail()]})),
            (true, json!({"prefixItems": [mail()]})),
            (true, json!({"items": {"items": mail()}})),
            (false, json!({"properties": {"x": mail()}})),
            (false, json!({"additionalProperties": true, "items": []})),
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
