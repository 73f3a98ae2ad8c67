"""The civil-comments task: binary toxicity, reweighted so that mentioning an identity is not mistaken for toxicity."""
