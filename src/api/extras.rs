//! The values of a frame where rules point. Read only while some rule names a pointer: the rules that ship name none.

use crate::model::event::pointer::Pointer;
use crate::model::history::evidence::Value;
use crate::model::json::Json;

/// Reads a frame that is an event at each pointer; what is not there is left out. Of a key that occurs twice the last
/// counts. A frame with a number that no `f64` holds says nothing here.
pub fn read(frame: &[u8], pointers: &[Pointer]) -> Vec<(Pointer, Value)> {
    if pointers.is_empty() {
        return Vec::new();
    }
    let Some(json) = std::str::from_utf8(frame).ok().and_then(|text| Json::parse(text).ok()) else { return Vec::new() };
    pointers.iter().filter_map(|pointer| Some((pointer.clone(), pointer.read(&json)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_read_where_rules_point_and_nowhere_else() {
        let pointers = ["/routing/skill", "/vip", "/none"].map(|text| Pointer::parse(text).unwrap());
        let frame = br#"{"id":"i","vip":true,"routing":{"skill":"fr","queueName":"x"}}"#;
        let [skill, vip, _] = pointers.clone();
        let expected = [(skill, Value::Text("fr".to_owned())), (vip, Value::Bool(true))];
        assert_eq!(read(frame, &pointers), expected);
        assert_eq!(read(frame, &[]), []);
        assert_eq!(read(b"{", &pointers), []);
    }
}
