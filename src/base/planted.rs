//! Bugs on purpose, by which the tests show that they would find them.
//!
//! A build without the feature `planted-bugs` has none of them: there [`planted`] is a constant `false`, and what hangs on
//! it is not compiled in. With the feature, a test switches one on at a time, for the thread it runs on.

/// Each is one slip that a rule about points could have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// What is due is not written before a command.
    SettleSkipped,
    /// What is due in lots that were not loaded is forgotten.
    LaterDueForgotten,
    /// Points of a validity in days are good for a day too long.
    DayTooLong,
    /// Days begin at midnight in UTC.
    MidnightInUtc,
    /// A month has thirty days.
    MonthOfThirtyDays,
    /// A return window is a day short.
    WindowTooShort,
    /// A transaction takes effect when its event happened, though the wallet is further.
    TimeRunsBackwards,
    /// Oldest points are spent first, whatever their expiry.
    OldestFirst,
    /// Lots that were not loaded are taken for spent.
    ShelfTrusted,
    /// Held points can be spent.
    HeldSpendable,
    /// A hold lasts until somebody releases it.
    HoldWithoutEnd,
    /// A release gives back the points first that were taken first.
    ReleaseFirstTaken,
    /// A refund gives back the points first that were taken first.
    RefundFirstTaken,
    /// Two commands of a group give the same points back.
    RefundRepeated,
    /// Points that come back after their expiry are forfeit, whatever the grace.
    GraceIgnored,
    /// A lot does not remember which of its expired points were given again.
    ReinstatedForgotten,
    /// A clawback takes from all lots alike.
    OwnLotNotFirst,
    /// A clawback finds no points that its lot has lost to expiry.
    ExpiredNotClawed,
    /// Only what a clawback found counts as demanded.
    RecoveredCounts,
    /// Debt is not repaid.
    DebtNotRepaid,
    /// Debt grows beyond its limit.
    DebtLimitIgnored,
    /// What held points stand for is given up like what is gone.
    HeldForgiven,
    /// Points settled with money are refunded as well.
    FullMoneyBack,
    /// What is withheld for settled points is rounded at each return.
    EachSettlementRounded,
    /// Points are rounded twice.
    RoundedTwice,
    /// Each return is rounded for itself.
    EachReturnRounded,
    /// A return is decided by today's program.
    FrozenProgramUnused,
    /// The part paid with points earns points.
    PointsEarnPoints,
    /// Points that were given away last for ever.
    TransferUnending,
    /// A member gives away as much as they like.
    DailyLimitOff,
    /// Gifts of one group do not count for the day's limit.
    DailyLimitByGroup,
    /// Who asked for an adjustment approves it.
    SelfApproval,
    /// A key that was used before is used again.
    ReplayDecided,
    /// Returned pieces do not go back to their pile.
    NotRestocked,
    /// A coupon comes back though it has expired.
    ExpiredCouponBack,
    /// A used coupon can be used.
    CouponUsedTwice,
    /// A preview is good whatever has happened since.
    StalePreview,
    /// What a merged member owes is forgotten.
    MergedDebtForgotten,
    /// Points that come back to a merged wallet stay there.
    StaysWithMerged,
    /// Whoever only earns for the household spends its points.
    EarnerSpends,
    /// What an order earned for the household is taken back from its member.
    HouseholdNotClawed,
    /// Whoever owes points earns for the household.
    DebtorEarnsElsewhere,
    /// Points of a purchase that is recorded late are good as if it had just been made.
    ImportedAfresh,
    /// Each multiplier is rounded for itself.
    EachMultiplierRounded,
    /// Other rules give beside an exclusive one.
    ExclusiveBesideOthers,
    /// An exclusive rule that has nothing left keeps others from giving.
    SpentExclusiveAlone,
    /// Of rules of which only the best gives, all do.
    BestOfAllGiven,
    /// The best rule is the one that is due most, whatever it has left.
    BestByDue,
    /// A rule goes on while it is paused.
    PausedRuleGives,
    /// What a rule gives for some lines lies on all.
    PointsOnAllLines,
    /// The periods of a cap begin at midnight in UTC.
    PeriodInUtc,
    /// A rule gives once more than its cap says.
    OnceTooOften,
    /// What a second command of a group takes of a budget does not count.
    BudgetByGroup,
    /// What a second command of a group takes of a member's cap does not count.
    CountByGroup,
    /// What a return demands back of a rule does not go back to its budget and caps.
    FreedLost,
    /// What the shop gives up goes back to the budget as well.
    GivenUpFreed,
    /// A return demands what a rule would have given without its caps and budget.
    DueTakenBack,
    /// A return is decided by today's rules.
    TodaysRules,
    /// An order that came back as a whole keeps another from being the first.
    ReturnedPurchaseCounts,
    /// An event that was recorded is recorded again.
    EventTwice,
    /// An event earns by the rules and the day on which it is recorded, not by those of when it happened.
    EventWhenRecorded,
    /// A member's tier multiplies nothing.
    TierGivesNothing,
    /// What a member's tier gives is rounded for itself, apart from the rules' multipliers.
    TierRoundedApart,
    /// A return leaves what the tier gave.
    TierShareKept,
    /// A tier that was to be judged by now is good for one more order.
    TierUnjudged,
    /// What was returned goes on counting towards a tier.
    ReturnStillCounts,
    /// A return takes off on its own day, not on that of the purchase.
    ReturnCountsToday,
    /// Whatever a tier is measured by, points count.
    PointsAlwaysMeasured,
    /// A tier is lost on the day on which it is judged.
    TierWithoutGrace,
    /// A protected tier is lost like any other.
    ProtectionIgnored,
    /// A protection that staff end was never there.
    ProtectionForgotten,
    /// A return undoes a protected tier.
    ProtectedUndone,
    /// A tier that is undone does not go back to the one of before.
    UndoneToTheLowest,
    /// Who falls goes to what they qualify for, also where it is one tier at a time.
    FallsAllTheWay,
    /// What counted in the year before keeps no tier.
    YearBeforeForgotten,
    /// Higher thresholds take away tiers at once.
    FallsByOtherTiers,
    /// After any change of tiers they are judged a whole window later.
    DueMovedByOtherTiers,
    /// After any change of tiers returns undo none of those that were reached before.
    BasisLostByOtherTiers,
    /// What was overdue when tiers were changed is judged by those of now.
    JudgedByOtherTiers,
    /// Fewer days of grace hold for who is in them, too.
    GraceCutShort,
    /// The tier of a member who was merged is forgotten.
    HigherTierLost,
    /// What counted for the two members of a merger does not count together.
    CountedApart,
    /// What counted in a command of a group is not in the sums of the next.
    SumsOfTheGroup,
    /// Who comes after a merger in its group is decided by what was known of the two before.
    MergedGoOn,
    // Beneath the rules, in the write path:
    /// Wallets are read without their lock.
    LockDropped,
    /// Whether a key was used is read before the wallet is locked.
    KeysReadUnlocked,
    /// An allocation of the group is not written.
    AllocationSkipped,
    /// Answers to keys are not written.
    ReplySkipped,
    /// What was answered is rolled back.
    AnsweredUndone,
    /// What a group made for a merged member is written after the rest has moved.
    MovedTooEarly,
    /// Budgets are read without their lock.
    BudgetUnlocked,
    /// What is left of budgets is not written.
    BudgetSkipped,
    /// New counts of what rules gave a member are not written.
    CountSkipped,
    /// What returns demand back of what rules gave is not written.
    SharesFrozen,
    /// What rules gave a member who was merged is forgotten.
    CountsStay,
    /// What a merged member did stays theirs.
    EventsStay,
    /// What became of a tier is not written.
    TierHistorySkipped,
    /// What counted is not added to its day.
    DaysSkipped,
    /// What counted for a member who was merged stays theirs.
    QualifyingStays,
}

#[cfg(not(feature = "planted-bugs"))]
pub const fn planted(_: Bug) -> bool {
    false
}

#[cfg(feature = "planted-bugs")]
pub use switched::{plant, planted};

#[cfg(feature = "planted-bugs")]
mod switched {
    use std::cell::Cell;

    use super::Bug;

    thread_local! {
        static PLANTED: Cell<Option<Bug>> = const { Cell::new(None) };
    }

    /// Switches a bug on for this thread, or all off.
    pub fn plant(bug: Option<Bug>) {
        PLANTED.set(bug);
    }

    pub fn planted(bug: Bug) -> bool {
        PLANTED.get() == Some(bug)
    }

    impl Bug {
        /// Those that only a database shows.
        pub const BENEATH: [Bug; 15] = [
            Bug::LockDropped,
            Bug::KeysReadUnlocked,
            Bug::AllocationSkipped,
            Bug::ReplySkipped,
            Bug::AnsweredUndone,
            Bug::MovedTooEarly,
            Bug::BudgetUnlocked,
            Bug::BudgetSkipped,
            Bug::CountSkipped,
            Bug::SharesFrozen,
            Bug::CountsStay,
            Bug::EventsStay,
            Bug::TierHistorySkipped,
            Bug::DaysSkipped,
            Bug::QualifyingStays,
        ];

        /// All others.
        pub const ALL: [Bug; 84] = [
            Bug::SettleSkipped,
            Bug::LaterDueForgotten,
            Bug::DayTooLong,
            Bug::MidnightInUtc,
            Bug::MonthOfThirtyDays,
            Bug::WindowTooShort,
            Bug::TimeRunsBackwards,
            Bug::OldestFirst,
            Bug::ShelfTrusted,
            Bug::HeldSpendable,
            Bug::HoldWithoutEnd,
            Bug::ReleaseFirstTaken,
            Bug::RefundFirstTaken,
            Bug::RefundRepeated,
            Bug::GraceIgnored,
            Bug::ReinstatedForgotten,
            Bug::OwnLotNotFirst,
            Bug::ExpiredNotClawed,
            Bug::RecoveredCounts,
            Bug::DebtNotRepaid,
            Bug::DebtLimitIgnored,
            Bug::HeldForgiven,
            Bug::FullMoneyBack,
            Bug::EachSettlementRounded,
            Bug::RoundedTwice,
            Bug::EachReturnRounded,
            Bug::FrozenProgramUnused,
            Bug::PointsEarnPoints,
            Bug::TransferUnending,
            Bug::DailyLimitOff,
            Bug::DailyLimitByGroup,
            Bug::SelfApproval,
            Bug::ReplayDecided,
            Bug::NotRestocked,
            Bug::ExpiredCouponBack,
            Bug::CouponUsedTwice,
            Bug::StalePreview,
            Bug::MergedDebtForgotten,
            Bug::StaysWithMerged,
            Bug::EarnerSpends,
            Bug::HouseholdNotClawed,
            Bug::DebtorEarnsElsewhere,
            Bug::ImportedAfresh,
            Bug::EachMultiplierRounded,
            Bug::ExclusiveBesideOthers,
            Bug::SpentExclusiveAlone,
            Bug::BestOfAllGiven,
            Bug::BestByDue,
            Bug::PausedRuleGives,
            Bug::PointsOnAllLines,
            Bug::PeriodInUtc,
            Bug::OnceTooOften,
            Bug::BudgetByGroup,
            Bug::CountByGroup,
            Bug::FreedLost,
            Bug::GivenUpFreed,
            Bug::DueTakenBack,
            Bug::TodaysRules,
            Bug::ReturnedPurchaseCounts,
            Bug::EventTwice,
            Bug::EventWhenRecorded,
            Bug::TierGivesNothing,
            Bug::TierRoundedApart,
            Bug::TierShareKept,
            Bug::TierUnjudged,
            Bug::ReturnStillCounts,
            Bug::ReturnCountsToday,
            Bug::PointsAlwaysMeasured,
            Bug::TierWithoutGrace,
            Bug::ProtectionIgnored,
            Bug::ProtectionForgotten,
            Bug::ProtectedUndone,
            Bug::UndoneToTheLowest,
            Bug::FallsAllTheWay,
            Bug::YearBeforeForgotten,
            Bug::FallsByOtherTiers,
            Bug::DueMovedByOtherTiers,
            Bug::BasisLostByOtherTiers,
            Bug::JudgedByOtherTiers,
            Bug::GraceCutShort,
            Bug::HigherTierLost,
            Bug::CountedApart,
            Bug::SumsOfTheGroup,
            Bug::MergedGoOn,
        ];
    }
}
