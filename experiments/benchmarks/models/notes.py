"""What each figure of the comparison says."""

from typing import Final

NOTES: Final = {
    "quick": "1: a subset for those who work on the learner, not the bar",
    "auc": "mean over the outer folds",
    "logloss": "mean over the outer folds",
    "best_peer": "the peer with the highest AUC on this file",
    "best_peer_auc": "its AUC",
    "best_peer_logloss": "the lowest log-loss of any peer on this file",
    "best_peer_by_logloss": "whose that is",
    "auc_difference": "ours less the best peer's, paired by fold (bar: not below minus one standard error)",
    "paired_se_auc": "standard error of that difference",
    "logloss_difference": "ours less the lowest of any peer, paired by fold; below zero is better",
    "paired_se_logloss": "standard error of that difference",
    "below_bar": "1: below the best peer by more than one paired standard error, by AUC or by log-loss",
    "files_below_bar": "files on which that is so (bar: 0)",
    "average_auc_lead": "our mean AUC over the files less that of the peer with the best mean (bar: above 0)",
    "average_logloss_lead": "the lowest mean log-loss of any peer less ours (bar: above 0)",
    "ece_over_floor": "calibration error over what perfectly calibrated probabilities would show (gate 1.3)",
    "predict_ratio_300": "single member: Booster.predict per 300 trees over ours, binning timed, worst file (30)",
    "predict_ratio_bag": "shipped bag: Booster.predict over ours, worst file (target 100)",
    "reasons_ratio": "pred_contrib of the bag, a sample scaled up, over our exact reasons, worst file (target 1,000)",
    "row_us": "one varied row with its reasons, microseconds, worst file (target 50)",
    "fit_ratio_ebm": "EBM's seconds over our whole bag's, fixed settings, no search, one thread (target 5)",
    "fit_ratio_ebm_quick_recipe": "the same at twice our learning rate with half the members",
    "max_compile_error": "largest distance of the tables' log-odds from the forest's, all rows of all files (1e-9)",
    "trees_single": "trees of the early-stopped single member",
    "trees_bag": "trees of the whole bag",
    "deciles_outside": "of 50 deciles, those whose true mean is outside the 95 % interval (target at most 5)",
    "decile_median_relative_error": "median over deciles of |mean predicted / mean true - 1| (target 0.1)",
    "simulator_auc_of_truth": "what the true probabilities themselves reach",
}
