use proptest::prelude::*;

use super::*;

fn party(number: u8) -> Party {
    Party::Address(IpAddr::from([198, 51, 100, number]))
}

/// An entry says whose it is, and its number among those of its party.
type Entry = (u8, usize);

fn served(line: &mut Line<Entry>) -> Vec<Entry> {
    std::iter::from_fn(|| line.next()).collect()
}

#[test]
fn parties_are_served_in_turn_and_each_in_its_own_order() {
    let mut line = Line::new();
    for (who, number) in [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0), (2, 1)] {
        line.join(&party(who), 10, (who, number)).expect("a place");
    }
    assert_eq!(line.len(), 6);
    let order = [(1, 0), (2, 0), (3, 0), (1, 1), (2, 1), (1, 2)];
    assert_eq!(served(&mut line), order);
    assert_eq!(line.len(), 0);
}

#[test]
fn five_hundred_of_one_party_do_not_push_out_one_of_another() {
    let mut line = Line::new();
    let joined = (0..500).filter(|number| line.join(&party(1), 200, (1, *number)).is_some());
    assert_eq!(joined.count(), 200);
    let single = line.join(&party(2), 200, (2, 0)).expect("a place");
    // The last of those who have most makes room.
    assert_eq!(single.pushed_out, Some((1, 199)));
    assert_eq!(line.len(), 200);
    for number in 200..700 {
        assert!(line.join(&party(1), 200, (1, number)).is_none());
    }
    assert_eq!(line.next(), Some((1, 0)));
    assert_eq!(line.next(), Some((2, 0)));
}

#[test]
fn a_line_that_is_full_of_single_ones_refuses_the_next() {
    let mut line = Line::new();
    for who in 0..5 {
        line.join(&party(who), 5, (who, 0)).expect("a place");
    }
    assert!(line.join(&party(5), 5, (5, 0)).is_none());
    assert_eq!(served(&mut line).len(), 5);
}

#[test]
fn who_leaves_gives_up_the_place() {
    let mut line = Line::new();
    let first = line.join(&party(1), 2, (1, 0)).expect("a place");
    line.join(&party(1), 2, (1, 1)).expect("a place");
    assert!(line.join(&party(1), 2, (1, 2)).is_none());
    line.leave(&party(1), first.ticket);
    line.leave(&party(1), first.ticket);
    line.leave(&party(2), first.ticket);
    line.join(&party(1), 2, (1, 3))
        .expect("the place of the first");
    assert_eq!(served(&mut line), [(1, 1), (1, 3)]);
}

#[derive(Clone, Debug)]
enum Step {
    Join(u8),
    Leave(prop::sample::Index),
    Next,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u8..6).prop_map(Step::Join),
        1 => any::<prop::sample::Index>().prop_map(Step::Leave),
        2 => Just(Step::Next),
    ]
}

proptest! {
    #[test]
    fn nobody_is_lost_and_only_who_has_most_is_pushed_out(
        steps in prop::collection::vec(step(), 1..300),
        places in 1_usize..30,
    ) {
        let mut line = Line::new();
        // The model: those who wait, in the order in which they came.
        let mut waiting: Vec<(Entry, Ticket)> = Vec::new();
        let of = |waiting: &[(Entry, Ticket)], who: u8| {
            waiting.iter().filter(|((whose, _), _)| *whose == who).count()
        };
        for (number, step) in steps.into_iter().enumerate() {
            match step {
                Step::Join(who) => {
                    let own = of(&waiting, who);
                    let ahead = own + (0..6)
                        .filter(|other| *other != who)
                        .map(|other| of(&waiting, other).min(own + 1))
                        .sum::<usize>();
                    let entry = (who, number);
                    let joined = line.join(&party(who), places, entry);
                    prop_assert_eq!(joined.is_some(), ahead < places);
                    let Some(joined) = joined else { continue };
                    if let Some((loser, last)) = joined.pushed_out {
                        let most = (0..6).map(|who| of(&waiting, who)).max();
                        prop_assert_eq!(Some(of(&waiting, loser)), most);
                        // Somebody who has more than the one who comes, who is not the last of them then.
                        prop_assert!(of(&waiting, loser) > own + 1);
                        prop_assert!(waiting.iter().all(|((who, number), _)| *who != loser || *number <= last));
                        waiting.retain(|(entry, _)| *entry != (loser, last));
                    }
                    waiting.push((entry, joined.ticket));
                }
                Step::Leave(index) => {
                    if !waiting.is_empty() {
                        let (entry, ticket) = waiting.remove(index.index(waiting.len()));
                        line.leave(&party(entry.0), ticket);
                    }
                }
                Step::Next => {
                    let next = line.next();
                    let first_of_party = next.and_then(|(who, _)| {
                        waiting.iter().position(|((whose, _), _)| *whose == who)
                    });
                    prop_assert_eq!(next, first_of_party.map(|at| waiting.remove(at).0));
                    prop_assert_eq!(next.is_none(), first_of_party.is_none() && waiting.is_empty());
                }
            }
            prop_assert_eq!(line.len(), waiting.len());
            prop_assert!(line.len() <= places);
        }
        let mut left = served(&mut line);
        left.sort_unstable();
        let mut expected: Vec<Entry> = waiting.into_iter().map(|(entry, _)| entry).collect();
        expected.sort_unstable();
        prop_assert_eq!(left, expected);
    }

    #[test]
    fn who_joins_is_served_before_as_many_others_as_there_are_places(
        before in prop::collection::vec(0_u8..6, 0..100),
        who in 0_u8..6,
        places in 1_usize..30,
    ) {
        let mut line = Line::new();
        for (number, other) in before.into_iter().enumerate() {
            line.join(&party(other), places, (other, number));
        }
        if line.join(&party(who), places, (who, usize::MAX)).is_some() {
            let at = served(&mut line).iter().position(|entry| *entry == (who, usize::MAX));
            prop_assert!(at.is_some_and(|at| at < places), "{:?}", at);
        }
    }
}
