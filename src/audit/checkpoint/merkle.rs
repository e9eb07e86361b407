//! A Merkle tree over the heads of all wallets, as RFC 6962 builds one: a leaf is hashed behind the byte 0, two nodes
//! behind the byte 1, so no node can pass for a leaf. It is folded as the leaves come, so it needs a hash a level.

use sha2::{Digest, Sha256};

use crate::base::id::Id;

/// Where a wallet's chain stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    pub member_id: Id,
    pub program_id: Id,
    pub seq: i64,
    /// The hash of its last transaction, or of the wallet's beginning.
    pub head_hash: Vec<u8>,
}

pub type Hash = [u8; 32];

/// The tree of the leaves so far: whole subtrees, each larger than the one behind it.
#[derive(Default)]
pub struct Tree {
    whole: Vec<(u64, Hash)>,
}

impl Leaf {
    fn hash(&self) -> Hash {
        let mut hash = Sha256::new();
        hash.update([0]);
        hash.update(self.member_id);
        hash.update(self.program_id);
        hash.update(self.seq.to_be_bytes());
        hash.update(&self.head_hash);
        hash.finalize().into()
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut hash = Sha256::new();
    hash.update([1]);
    hash.update(left);
    hash.update(right);
    hash.finalize().into()
}

impl Tree {
    pub fn push(&mut self, leaf: &Leaf) {
        let mut newest = (1, leaf.hash());
        while let Some((size, left)) = self.whole.pop_if(|(size, _)| *size == newest.0) {
            newest = (size * 2, node(&left, &newest.1));
        }
        self.whole.push(newest);
    }

    pub fn leaves(&self) -> u64 {
        self.whole.iter().map(|(size, _)| size).sum()
    }

    /// The root; of no leaves, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut from_the_right = self.whole.iter().rev().map(|(_, hash)| *hash);
        let last = from_the_right.next().unwrap_or_else(|| Sha256::digest([]).into());
        from_the_right.fold(last, |right, left| node(&left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(n: u128) -> Leaf {
        Leaf { member_id: Id::from_u128(n), program_id: Id::from_u128(1), seq: 3, head_hash: vec![7; 32] }
    }

    /// The definition of RFC 6962, 2.1, word for word.
    fn by_definition(leaves: &[Leaf]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => leaf.hash(),
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_rfc_6962_for_any_number_of_leaves() {
        let leaves: Vec<Leaf> = (0..70).map(leaf).collect();
        for count in 0..leaves.len() {
            let mut tree = Tree::default();
            leaves[..count].iter().for_each(|leaf| tree.push(leaf));
            assert_eq!((tree.leaves(), tree.root()), (count as u64, by_definition(&leaves[..count])), "{count}");
        }
    }

    #[test]
    fn every_field_counts_and_a_node_is_no_leaf() {
        let one = leaf(1);
        let others = [
            leaf(2),
            Leaf { program_id: Id::nil(), ..one.clone() },
            Leaf { seq: 4, ..one.clone() },
            Leaf { head_hash: vec![8; 32], ..one.clone() },
        ];
        assert!(others.iter().all(|other| other.hash() != one.hash()));
        let mut leaf_of_a_node = vec![0];
        leaf_of_a_node.extend([one.hash(), one.hash()].concat());
        assert_ne!(Hash::from(Sha256::digest(leaf_of_a_node)), node(&one.hash(), &one.hash()));
    }
}
