//! Objects against the tables of names that `FromJson` derives: the one interpreter for all types.

use super::Json;

/// The fields that a type expects of its object.
#[derive(Debug)]
pub struct Shape {
    /// The names of its fields, with blanks between.
    pub names: &'static str,
    /// The field that names the variant; empty where there is none.
    pub tag: &'static str,
    /// Whether a field of another name is a mistake.
    pub strict: bool,
}

impl<'t> Json<'t> {
    /// The fields of an object in the order of their names; those that are not there are absent. `None` where this is no
    /// object, has a field twice, or has one that is a mistake.
    pub fn fields<const N: usize>(&self, shape: &Shape) -> Option<[&Json<'t>; N]> {
        let mut found = [const { &Json::Absent }; N];
        self.find(shape, &mut found).then_some(found)
    }

    fn find<'j>(&'j self, shape: &Shape, found: &mut [&'j Json<'t>]) -> bool {
        let Json::Object(entries) = self else { return false };
        entries.iter().all(|(key, value)| match position(key, shape.names).and_then(|place| found.get_mut(place)) {
            Some(place) => std::mem::replace(place, value).is_absent(),
            None => !shape.strict || (key == shape.tag && !key.is_empty()),
        })
    }

    /// The variant that a field inside the object names, by its place among the names.
    pub fn tagged(&self, tag: &'static str, names: &str) -> Option<usize> {
        let [Json::Text(name)] = self.fields(&Shape { names: tag, tag: "", strict: false })? else { return None };
        position(name, names)
    }

    /// The variant that a field beside its content names, and the content.
    pub fn adjacent(&self, both: &'static str, names: &str) -> Option<(usize, &Json<'t>)> {
        let [Json::Text(name), content] = self.fields(&Shape { names: both, tag: "", strict: false })? else {
            return None;
        };
        Some((position(name, names)?, content))
    }

    /// The variant that is named alone, or as the one key of its content.
    pub fn variant(&self, names: &str) -> Option<(usize, &Json<'t>)> {
        let (name, content) = match self {
            Json::Text(name) => (name, &Json::Absent),
            Json::Object(entries) => match entries.as_slice() {
                [(name, content)] => (name, content),
                _ => return None,
            },
            _ => return None,
        };
        Some((position(name, names)?, content))
    }
}

fn position(name: &str, names: &str) -> Option<usize> {
    names.split(' ').position(|known| known == name)
}
