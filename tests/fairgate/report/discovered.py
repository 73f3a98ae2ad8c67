"""A discovery as the Reporter writes it, of two slices that were confirmed and one that was not."""

from fairgate.discovery.result import DiscoveredSlice, Discovery

FOUND = DiscoveredSlice(
    slice="g:<b>",
    against="",
    threshold=0.5,
    n=1_000,
    rate=0.25,
    other_n=9_000,
    other_rate=0.125,
    ratio=2.0,
    low=1.5,
    high=None,
    p=0.01,
    confirmed=True,
    first_n=900,
    first_rate=0.3,
    first_p=0.0001,
)
DISCOVERY = Discovery(
    metric="false_positive_rate",
    worse="higher",
    thresholds=(0.5,),
    rows=12_000,
    trials=(5_000, 5_000),
    overall=0.13,
    depth=3,
    min_examples=100,
    possible=50,
    tested=40,
    same=2,
    few_clusters=0,
    explained=1,
    slices=(
        FOUND,
        FOUND.model_copy(update={"slice": "gender:male × race:black × religion:muslim", "against": "gender:male × race:black"}),
        FOUND.model_copy(update={"slice": "gender:female", "confirmed": False}),
    ),
)
