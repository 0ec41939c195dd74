//! Maps, sets and the sort held against those of the library.

use super::{SortedMap, SortedSet, sort, sort_by};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// One call.
#[derive(Debug, Clone)]
enum Call {
    Insert(u16, u32),
    Remove(u16),
    Add(u16),
    PopFirst,
    SplitOff(u16),
    Retain(u16),
    Extract(u16),
    /// Keys that only grow.
    Append(u16),
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let key = || 0..600_u16;
    let call = prop_oneof![
        6 => (key(), any::<u32>()).prop_map(|(key, value)| Call::Insert(key, value)),
        4 => key().prop_map(Call::Remove),
        2 => key().prop_map(Call::Add),
        1 => Just(Call::PopFirst),
        1 => key().prop_map(Call::SplitOff),
        1 => (2..9_u16).prop_map(Call::Retain),
        1 => (2..9_u16).prop_map(Call::Extract),
        1 => (1..200_u16).prop_map(Call::Append),
    ];
    prop::collection::vec(call, 0..120)
}

fn same(map: &SortedMap<u16, u32>, model: &BTreeMap<u16, u32>) {
    assert!(map.iter().eq(model.iter()));
    assert!(map.iter().rev().eq(model.iter().rev()));
    assert_eq!((map.len(), map.is_empty()), (model.len(), model.is_empty()));
    assert_eq!(map.first_key_value(), model.first_key_value());
    assert_eq!(map.last_key_value(), model.last_key_value());
}

proptest! {
    #[test]
    fn a_map_does_what_the_map_of_the_library_does(calls in calls(), probe in 0..700_u16) {
        let (mut map, mut model) = (SortedMap::new(), BTreeMap::new());
        for call in calls {
            match call {
                Call::Insert(key, value) => assert_eq!(map.insert(key, value), model.insert(key, value)),
                Call::Remove(key) => assert_eq!(map.remove(&key), model.remove(&key)),
                Call::Add(key) => {
                    *map.entry(key).or_default() ^= 1;
                    *model.entry(key).or_default() ^= 1;
                }
                Call::PopFirst => assert_eq!(map.pop_first(), model.pop_first()),
                Call::SplitOff(key) => same(&map.split_off(&key), &model.split_off(&key)),
                Call::Extract(of) => {
                    let gone = model.extract_if(.., |_, value| *value % u32::from(of) == 0).collect::<Vec<_>>();
                    assert_eq!(map.extract(|value| value % u32::from(of) == 0), gone);
                }
                Call::Retain(of) => {
                    map.retain(|key, _| key % of != 0);
                    model.retain(|key, _| key % of != 0);
                }
                Call::Append(count) => {
                    let next = model.last_key_value().map_or(0, |(key, _)| key + 1);
                    map.extend((0..count).map(|more| (next + more, 7)));
                    model.extend((0..count).map(|more| (next + more, 7)));
                }
            }
            same(&map, &model);
            assert_eq!(map.get(&probe), model.get(&probe));
            assert!(map.range(probe..).eq(model.range(probe..)));
            assert_eq!(map.last_before(&probe), model.range(..probe).next_back());
        }
        assert!(map.into_iter().eq(model));
    }

    #[test]
    fn a_set_does_what_the_set_of_the_library_does(members in prop::collection::vec((any::<bool>(), 0..300_u16), 0..900)) {
        let (mut set, mut model) = (SortedSet::default(), BTreeSet::new());
        for (adds, member) in members {
            if adds {
                assert_eq!(set.insert(member), model.insert(member));
            } else {
                assert_eq!(set.remove(&member), model.remove(&member));
            }
            assert_eq!((set.first(), set.len()), (model.first(), model.len()));
            assert_eq!(set.contains(&member), adds);
        }
        assert!(set.iter().eq(&model));
        assert!(set.into_iter().eq(model));
    }

    #[test]
    fn a_list_is_sorted_as_the_library_sorts_it(items in prop::collection::vec((0..9_u8, any::<u8>()), 0..60)) {
        let (mut by_first, mut model) = (items.clone(), items.clone());
        sort_by(&mut by_first, |one, other| other.0.cmp(&one.0));
        model.sort_by_key(|item| std::cmp::Reverse(item.0));
        assert_eq!(by_first, model, "equal items keep their order");
        let (mut whole, mut model) = (items.clone(), items);
        sort(&mut whole);
        model.sort_unstable();
        assert_eq!(whole, model);
    }
}
