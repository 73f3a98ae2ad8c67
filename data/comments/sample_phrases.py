"""The words of the generated sample: topics, tones and identities. `data.comments.sample_sentences` makes sentences of them.

Everything here was written for this project. Insults are mild, and always aimed at an opinion, an article or an office, never at
the identity that a comment mentions: that identity and toxicity go together in the sample is planted by numbers
(`data.comments.sample`), not by words.
"""

from collections.abc import Mapping

PLACES = (
    "in our town",
    "up north",
    "near the harbour",
    "in this state",
    "down the road",
    "across the valley",
    "in the city",
    "out here",
)
TIMES = ("this year", "again", "last winter", "this spring", "before the election", "every summer", "by surprise", "at last")

TOPICS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "elections": (
        ("senator", "governor", "mayor", "candidate", "president", "party leader"),
        ("lost votes", "changed position", "avoided the debate", "promised a recount", "raised campaign money"),
    ),
    "taxes": (
        ("tax bill", "budget", "deficit", "spending plan", "pension fund", "treasury"),
        ("went up", "grew", "came back to the floor", "was cut", "was explained badly"),
    ),
    "police": (
        ("sheriff", "police union", "judge", "court", "prosecutor", "jail"),
        ("made the news", "dropped the case", "asked for overtime", "ignored the complaint", "held a hearing"),
    ),
    "immigration": (
        ("border office", "visa programme", "refugee shelter", "customs agency", "asylum court"),
        ("filled up", "ran out of staff", "opened another office", "changed the rules", "lost its funding"),
    ),
    "media": (
        ("newspaper", "editor", "columnist", "radio host", "anchor", "comment section"),
        ("printed a correction", "left out the facts", "ran the story", "moved behind a paywall", "interviewed nobody"),
    ),
    "church": (
        ("parish", "bishop", "school chapel", "charity", "congregation"),
        ("raised money", "wrote an open letter", "closed its doors", "kept silent", "fed the poor"),
    ),
    "energy": (
        ("oil company", "power plant", "wind farm", "refinery", "electricity board"),
        ("raised prices", "missed the deadline", "leaked", "laid off workers", "asked for a subsidy"),
    ),
    "housing": (
        ("landlord", "rent", "condo tower", "zoning board", "mortgage lender", "building permit"),
        ("pushed families out", "doubled", "was approved", "blocked the view", "was delayed"),
    ),
    "roads": (
        ("highway", "bridge", "bus line", "rail project", "bike lane", "ferry"),
        ("was closed", "ran late", "cost too much", "was repaved", "was packed"),
    ),
    "health": (
        ("hospital", "clinic", "insurance company", "nursing home", "vaccine programme", "pharmacy"),
        ("sent the wrong bill", "lost two doctors", "extended its hours", "turned patients away", "hired nurses"),
    ),
    "schools": (
        ("school board", "teacher", "principal", "university", "kindergarten", "student council"),
        ("asked for books", "cut music classes", "held a bake sale", "changed the timetable", "won a prize"),
    ),
    "sport": (
        ("hockey team", "coach", "quarterback", "goalie", "stadium", "referee"),
        ("lost in overtime", "signed a new deal", "drew a crowd", "missed the playoffs", "played well"),
    ),
    "outdoors": (
        ("salmon run", "park ranger", "trail", "garden club", "campground", "bear"),
        ("came early", "was lovely", "needed volunteers", "drew visitors", "suffered from the drought"),
    ),
    "food": (
        ("bakery", "farmers market", "brewery", "diner", "grocery store", "coffee shop"),
        ("moved downtown", "sold out", "hired students", "changed the menu", "reopened"),
    ),
}
"""Topic -> its subjects, what happened to them."""

TOPIC_TEMPLATES = (
    "The {subject} {happened} {time}.",
    "I see that the {subject} {place} {happened}.",
    "So the {subject} {happened} {time}, {place} of all places.",
    "Funny how the {subject} {happened} {time}.",
)

TONES: Mapping[str, tuple[str, ...]] = {
    "friendly": (
        "Thank you for {this} {good} {piece}.",
        "I enjoyed the {piece}, it was {good} and {good2}.",
        "{Who} made a {good} point there.",
        "I hope {who} {keeps} up the {good} work.",
        "It was {good} of {who} to explain the {detail}.",
    ),
    "neutral": (
        "I would like to see the {detail} before the vote.",
        "Has {anyone} compared the {detail} with the {detail2}?",
        "We will know more about the {detail} {when}.",
        "According to {who} the {detail} {arrives} {when}.",
        "The {piece} mentions the {detail} only once.",
    ),
    "critical": (
        "I disagree with {who} about the {detail}.",
        "The {piece} is {weak}, and the {detail} proved it.",
        "This is a {weak} excuse from {who}.",
        "It was {weak} of {who} to hide the {detail}.",
        "Such a {weak} {piece} should never have been {printed}.",
    ),
    "harsh": (
        "What {an_awful} {piece}.",
        "{Who} should be ashamed of this {awful} {mess}.",
        "This {mess} is {awful}, and everybody knows it.",
        "I am sick of the {awful} {mess} from {who}.",
        "Stop defending this {awful} {piece}.",
    ),
    "insulting": (
        "Only {a_fool} would believe this {piece}.",
        "How {stupid} can {who} be?",
        "{Who} is {a_fool}, plain and simple.",
        "What a bunch of {stupid} {fools}.",
        "You {stupid} {fool}, read the {detail} first.",
    ),
}
"""Tone -> its templates, from the kindest to the rudest."""

SLOTS: Mapping[str, tuple[str, ...]] = {
    "this": ("this", "such a", "another"),
    "good": ("thoughtful", "balanced", "helpful", "kind", "clear", "sensible", "careful", "honest", "fair", "useful"),
    "good2": ("interesting", "polite", "generous", "calm", "wise"),
    "piece": ("article", "comment", "plan", "letter", "proposal", "report", "opinion", "argument"),
    "keeps": ("keeps", "will keep"),
    "who": (
        "the council",
        "the author",
        "the premier",
        "that office",
        "the committee",
        "the spokesman",
        "this government",
        "the ministry",
    ),
    "detail": ("figures", "contract", "minutes", "survey", "schedule", "estimate", "footnotes", "agreement"),
    "detail2": ("census", "audit", "old map", "first draft"),
    "anyone": ("anyone", "anybody here", "someone"),
    "when": ("on Monday", "next month", "in the spring", "after the meeting", "by Friday", "soon"),
    "arrives": ("should arrive", "will be ready", "may come out"),
    "weak": ("weak", "poor", "misleading", "careless", "unfair", "shaky", "sloppy", "biased", "lazy", "naive"),
    "printed": ("printed", "posted", "approved", "sent out"),
    "an_awful": (
        "a ridiculous",
        "a pathetic",
        "a shameful",
        "a disgusting",
        "a crazy",
        "a dishonest",
        "a worthless",
        "an absurd",
    ),
    "awful": (
        "ridiculous",
        "pathetic",
        "shameful",
        "disgusting",
        "crazy",
        "dishonest",
        "worthless",
        "rotten",
        "cowardly",
        "absurd",
    ),
    "mess": ("nonsense", "garbage", "propaganda", "circus", "charade", "hypocrisy", "mess", "rubbish"),
    "stupid": ("stupid", "dumb", "brainless", "clueless", "moronic", "idiotic", "foolish", "gutless"),
    "a_fool": ("an idiot", "a moron", "a clown", "a fool", "a liar", "a loser", "a crook", "a coward", "a buffoon", "a dimwit"),
    "fool": ("idiot", "moron", "clown", "fool", "liar", "loser", "dimwit", "weasel"),
    "fools": ("idiots", "morons", "clowns", "fools", "liars", "losers", "crooks", "cowards"),
}

NOBODY = ""  # stands for persons without an identity
PERSONS: Mapping[str, tuple[str, ...]] = {
    NOBODY: (
        "my neighbour",
        "a colleague",
        "my cousin",
        "some people at work",
        "an old friend",
        "my dentist",
        "the folks next door",
        "a reader",
    ),
    "male": ("my brother", "the man next door", "my father", "a guy at work", "my husband", "this man", "my son", "an old man"),
    "female": (
        "my sister",
        "the woman next door",
        "my mother",
        "a lady at work",
        "my wife",
        "this woman",
        "my daughter",
        "an old woman",
    ),
    "transgender": ("a transgender friend", "the trans community", "a transgender student", "my trans cousin"),
    "other_gender": ("a nonbinary friend", "a genderqueer student", "my nonbinary cousin", "people outside the two genders"),
    "heterosexual": ("a straight couple", "heterosexual couples", "a heterosexual friend"),
    "homosexual_gay_or_lesbian": ("a gay couple", "my lesbian aunt", "a gay friend", "the gay community"),
    "bisexual": ("a bisexual friend", "my bisexual cousin", "bisexual people"),
    "other_sexual_orientation": ("an asexual friend", "asexual people", "a pansexual student"),
    "christian": ("a Christian neighbour", "my Catholic aunt", "Christian families", "a Baptist friend", "our Lutheran choir"),
    "jewish": ("a Jewish neighbour", "my Jewish aunt", "Jewish families", "our rabbi"),
    "muslim": ("a Muslim neighbour", "my Muslim dentist", "Muslim families", "our imam"),
    "hindu": ("a Hindu neighbour", "my Hindu aunt", "Hindu families"),
    "buddhist": ("a Buddhist neighbour", "my Buddhist aunt", "Buddhist families"),
    "atheist": ("an atheist neighbour", "my atheist aunt", "atheist parents"),
    "other_religion": ("a Sikh neighbour", "my pagan aunt", "Sikh families"),
    "black": ("a black neighbour", "my African American boss", "black families", "black students"),
    "white": ("a white neighbour", "my white boss", "white families", "white students"),
    "asian": ("an Asian neighbour", "my Chinese boss", "Asian families", "Korean students"),
    "latino": ("a Latino neighbour", "my Mexican boss", "Latino families", "Hispanic students"),
    "other_race_or_ethnicity": ("a Native neighbour", "my Samoan boss", "Indigenous families", "Inuit students"),
    "physical_disability": ("a neighbour in a wheelchair", "a blind friend", "a deaf student"),
    "intellectual_or_learning_disability": (
        "a dyslexic friend",
        "a student with Down syndrome",
        "a pupil with learning difficulties",
    ),
    "psychiatric_or_mental_illness": ("a friend with depression", "a bipolar colleague", "people with schizophrenia"),
    "other_disability": ("a disabled friend", "disabled veterans", "people with disabilities"),
}
"""Identity, or NOBODY -> the persons who stand for it."""

PERSON_TEMPLATES = (
    "I asked {person} about it, and {they} saw the {detail} too.",
    "I heard it from {person}, and {their} friends say the same.",
    "We discussed it with {person}, the {detail} surprised {them}.",
    "Nobody asked {person}, although {they} read the {piece}.",
    "You should ask {person} about the {detail}, it is {their} job.",
    "I read the {piece} to {person}, it was news to {them}.",
)
PRONOUNS: Mapping[str, tuple[str, str, str]] = {"male": ("he", "him", "his"), "female": ("she", "her", "her")}

CLOSINGS = (
    "",
    "",
    "",
    "Just saying.",
    "End of story.",
    "What do you think?",
    "Have a nice day.",
    "Sad but true.",
    "Time will tell.",
)
