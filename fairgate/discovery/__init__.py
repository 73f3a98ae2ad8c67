"""Find the slices on which a model is worst, among all conjunctions of groups: discovered on one half, confirmed on the other."""
