"""The words that name an identity: terms that the counterfactual test swaps, further forms, and words that need a neighbour.

* `SWAPPED`, feature -> inflection -> term -> word, of which components/tasks/civil_comments/identity_terms.py makes its groups;
* `FURTHER`, identity -> forms without a counterpart to be swapped with, and slurs that name one group and nothing else;
* `AMBIGUOUS`, word -> the neighbours with which it names an identity ("black men", "the blind", "they are white").

Left out, because words cannot tell: pronouns and names; most nationalities; insults that are about no group ("bitch", "psycho")
or are used of anybody ("nigga"); words that are something else as well ("dyke", "chink", "coon", "queer"); "Indian", which is two
groups. "LGBT" counts as homosexual_gay_or_lesbian alone, an unspecified disability as physical_disability.
"""

from collections.abc import Mapping
from dataclasses import dataclass


def word_set(listed: str) -> frozenset[str]:
    """Return the words of a list that is separated by blanks."""
    return frozenset(listed.split())


ADJECTIVE = "adjective"  # the inflection that stands before a noun: "I am a … person."

PERSONS = (
    *("person", "persons", "people", "man", "men", "woman", "women", "boy", "boys", "girl", "girls", "guy", "guys"),
    *("lady", "ladies", "child", "children", "kid", "kids", "baby", "family", "families", "couple", "couples", "parents"),
    *("friend", "friends", "neighbour", "neighbours", "neighbor", "neighbors", "boss", "colleague", "colleagues"),
    *("student", "students", "teacher", "teachers", "voter", "voters", "worker", "workers", "citizen", "citizens"),
    *("community", "communities", "male", "males", "female", "females", "veteran", "veterans", "americans", "folks"),
)
"""What follows a colour or "blind" that is said of people."""

SWAPPED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "gender": {
        ADJECTIVE: {"male": "male", "female": "female", "transgender": "transgender", "nonbinary": "nonbinary"},
        "males": {"male": "males", "female": "females"},
        "man": {"male": "man", "female": "woman"},
        "men": {"male": "men", "female": "women"},
        "boy": {"male": "boy", "female": "girl"},
        "boys": {"male": "boys", "female": "girls"},
        "guy": {"male": "guy", "female": "gal"},
        "gentleman": {"male": "gentleman", "female": "lady"},
        "gentlemen": {"male": "gentlemen", "female": "ladies"},
        "father": {"male": "father", "female": "mother"},
        "fathers": {"male": "fathers", "female": "mothers"},
        "dad": {"male": "dad", "female": "mom"},
        "brother": {"male": "brother", "female": "sister"},
        "brothers": {"male": "brothers", "female": "sisters"},
        "son": {"male": "son", "female": "daughter"},
        "sons": {"male": "sons", "female": "daughters"},
        "husband": {"male": "husband", "female": "wife"},
        "husbands": {"male": "husbands", "female": "wives"},
        "uncle": {"male": "uncle", "female": "aunt"},
        "grandfather": {"male": "grandfather", "female": "grandmother"},
    },
    "sexual_orientation": {
        ADJECTIVE: {"heterosexual": "heterosexual", "gay": "gay", "lesbian": "lesbian", "bisexual": "bisexual"},
        "persons": {"heterosexual": "heterosexuals", "gay": "gays", "lesbian": "lesbians", "bisexual": "bisexuals"},
    },
    "religion": {
        ADJECTIVE: {
            "christian": "Christian",
            "jewish": "Jewish",
            "muslim": "Muslim",
            "hindu": "Hindu",
            "buddhist": "Buddhist",
            "atheist": "atheist",
        },
        "persons": {
            "christian": "Christians",
            "jewish": "Jews",
            "muslim": "Muslims",
            "hindu": "Hindus",
            "buddhist": "Buddhists",
            "atheist": "atheists",
        },
        "faith": {
            "christian": "Christianity",
            "jewish": "Judaism",
            "muslim": "Islam",
            "hindu": "Hinduism",
            "buddhist": "Buddhism",
        },
        "clergy": {"christian": "priest", "jewish": "rabbi", "muslim": "imam"},
        "building": {"christian": "churches", "jewish": "synagogues", "muslim": "mosques"},
    },
    "race": {ADJECTIVE: {"black": "black", "white": "white", "asian": "Asian", "latino": "Latino"}},
    "disability": {
        ADJECTIVE: {"disabled": "disabled", "blind": "blind", "deaf": "deaf", "dyslexic": "dyslexic", "bipolar": "bipolar"}
    },
}

IDENTITY_OF_TERM: Mapping[str, str] = {
    "nonbinary": "other_gender",
    "gay": "homosexual_gay_or_lesbian",
    "lesbian": "homosexual_gay_or_lesbian",
    "disabled": "physical_disability",
    "blind": "physical_disability",
    "deaf": "physical_disability",
    "dyslexic": "intellectual_or_learning_disability",
    "bipolar": "psychiatric_or_mental_illness",
}
"""The identity of each term that is not called like it."""

FURTHER: Mapping[str, str] = {
    "male": (
        "guys dads uncles grandfathers grandpa grandson grandsons stepfather boyfriend boyfriends fella fellas dude dudes "
        "mens menfolk businessman businessmen policeman policemen congressman congressmen salesman salesmen masculinity"
    ),
    "female": (
        "womens womans gals moms mum mums mommy aunts grandmothers grandma granddaughter granddaughters stepmother "
        "girlfriend girlfriends womanhood womankind housewife housewives businesswoman businesswomen policewoman "
        "congresswoman congresswomen femininity feminist feminists feminism misogyny misogynist misogynistic"
    ),
    "transgender": (
        "transgenders transgendered transgenderism transsexual transsexuals transexual transexuals transwoman transwomen "
        "transman transmen tranny trannies transphobia transphobic shemale shemales"
    ),
    "other_gender": "genderqueer genderfluid intersex agender",
    "heterosexual": "heterosexuality straights",
    "homosexual_gay_or_lesbian": (
        "homosexual homosexuals homosexuality homos faggot faggots fag fags homophobe homophobes homophobia homophobic "
        "lgbt lgbts lgbtq lgbtqi lgbtqia glbt"
    ),
    "bisexual": "bisexuality",
    "other_sexual_orientation": "asexual asexuals pansexual pansexuals",
    "christian": (
        "catholic catholics catholicism protestant protestants protestantism evangelical evangelicals baptist baptists "
        "methodist methodists lutheran lutherans presbyterian presbyterians anglican anglicans pentecostal pentecostals "
        "church priests"
    ),
    "jewish": "jew judaic rabbis synagogue semitic semite semites antisemitic antisemitism antisemite hasidic kike kikes",
    "muslim": (
        "moslem moslems islamic islamist islamists islamophobia islamophobic imams mosque quran koran sharia sunni sunnis "
        "shia shiite shiites muzzie muzzies towelhead towelheads raghead ragheads"
    ),
    "atheist": "atheism atheistic",
    "other_religion": (
        "sikh sikhs sikhism wiccan wiccans taoist taoists bahai zoroastrian zoroastrians rastafarian rastafarians "
        "scientologist scientologists"
    ),
    "black": "blacks africans negro negroes nigger niggers",
    "white": "whites caucasian caucasians whitey",
    "asian": "asians orientals filipino filipinos gook gooks pakis",
    "latino": (
        "latinos latina latinas latinx hispanic hispanics chicano chicanos chicana mexicans wetback wetbacks beaner "
        "beaners spic spics"
    ),
    "other_race_or_ethnicity": "arabs inuit aboriginals gypsies",
    "physical_disability": (
        "handicapped quadriplegic quadriplegics paraplegic paraplegics amputee amputees wheelchair wheelchairs cripple cripples"
    ),
    "intellectual_or_learning_disability": "dyslexia dyslexics autistic autism retard retards retarded",
    "psychiatric_or_mental_illness": "schizophrenic schizophrenics schizophrenia",
}
"""Identity -> further forms that name it wherever they occur."""

EXCEPT_AFTER: Mapping[str, frozenset[str]] = {
    "africans": frozenset({"south", "white"}),
    "guys": frozenset({"you"}),
    "man": frozenset({"oh"}),
    "straights": frozenset({"dire"}),
    "whites": frozenset({"egg"}),
}
EXCEPT_BEFORE: Mapping[str, frozenset[str]] = {
    "bipolar": frozenset({"order", "politics", "power", "system", "world"}),
    "man": frozenset({"made"}),
    "semitic": frozenset({"language", "languages"}),
}
"""Neighbours with which a word names nothing: "you guys", "egg whites", "man made", "a bipolar world"."""

MORE_PERSONS = word_set(
    "activist activists actor actors actress adult adults american athlete athletes author authors babies bastard "
    "bastards bitch bitches canadian canadians candidate candidates celebrities celebrity chick chicks conservative "
    "conservatives cop cops criminal criminals customer customers democrat democrats employee employees folk guard "
    "guards hoe hoes immigrant immigrants individual individuals kiddo leader leaders liberal liberals mayor migrant "
    "migrants minister minorities minority neighborhood neighborhoods neighbourhood officer officers pastor patient "
    "patients player players population populations ppl president professor rapist rapists refugee refugees "
    "republican republicans senator senators slave slaves soldier soldiers southerners teen teenager teenagers teens "
    "thug thugs victim victims youth youths"
)
"""Further persons behind a colour; the swapped words that name men and women are persons too."""

MODIFIERS = word_set("working middle class young old older elderly poor rich american southern rural urban educated")
"""What may stand between a colour and the person: "white working class voters"."""
_OF_RACE = word_set(
    "lives race power pride skin skinned culture identity privilege guilt supremacy supremacist supremacists "
    "nationalist nationalists nationalism trash crime violence caucus slavery churches heritage genocide"
)
_GAY = word_set("gay gays lesbian lesbians bisexual homosexual homosexuals queer trans")
_ARTICLES = frozenset({"a", "another", "any", "every"})
_THE = frozenset({"the"})
SUBJECTS = frozenset({"i", "he", "she", "we", "they", "you", "who", *PERSONS})
"""Of whom a colour is said in "they are white"."""


@dataclass(frozen=True)
class Ambiguous:
    """A word that names an identity only beside certain others; one of these is enough.

    Attributes:
        identity: that it names.
        people: it does before a person, also with MODIFIERS or a list between: "black, white and Asian voters".
        before: words directly before which it does.
        after: words directly after which it does.
        articles: words that make it a noun where the phrase ends behind it: "a black who voted", "the blind".
        said_of: subjects that make it a predicate where the phrase ends behind it: "they are white".
        paired: words of which one makes it an identity across "and" or "or": "gay or straight".
        unless: words directly before which it names nothing.
        anywhere: it names the identity wherever nothing else forbids it.
    """

    identity: str
    people: bool = True
    before: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    said_of: frozenset[str] = frozenset()
    paired: frozenset[str] = frozenset()
    unless: frozenset[str] = frozenset()
    anywhere: bool = False


def _phrase(identity: str, *following: str) -> Ambiguous:
    return Ambiguous(identity, people=False, before=frozenset(following))


_RACES = frozenset({"asian", "asians", "hispanic", "hispanics", "latino", "latinos", "blacks", "whites", "brown"})
_NATIONAL = frozenset({"descent", "heritage", "origin"})
_IMPAIRED = frozenset({"born", "legally", "partially", "profoundly"})

AMBIGUOUS: Mapping[str, Ambiguous] = {
    "black": Ambiguous("black", before=_OF_RACE | {"history"}, articles=_ARTICLES, said_of=SUBJECTS, paired=_RACES),
    "white": Ambiguous("white", before=_OF_RACE, articles=_ARTICLES, said_of=SUBJECTS, paired=_RACES),
    "african": Ambiguous(
        "black",
        before=_NATIONAL | {"american", "americans", "canadian"},
        articles=frozenset({"an", "another", "every"}),
        unless=frozenset({"elephant", "elephants", "lion", "lions", "violet", "violets", "union", "savanna", "grey"}),
    ),
    "afro": _phrase("black", "american", "americans", "caribbean"),
    "indigenous": Ambiguous("other_race_or_ethnicity"),
    "aboriginal": Ambiguous("other_race_or_ethnicity"),
    "arab": Ambiguous("other_race_or_ethnicity", articles=frozenset({"an", "every"})),
    "native": _phrase("other_race_or_ethnicity", "american", "americans", "hawaiian", "hawaiians", "alaskan", "alaskans"),
    "first": _phrase("other_race_or_ethnicity", "nations"),
    "mexican": Ambiguous("latino", before=_NATIONAL, articles=_ARTICLES, said_of=SUBJECTS),
    "puerto": _phrase("latino", "ricans"),
    "chinese": Ambiguous("asian", before=_NATIONAL, said_of=SUBJECTS),
    "japanese": Ambiguous("asian", before=_NATIONAL, said_of=SUBJECTS),
    "korean": Ambiguous("asian", before=_NATIONAL, said_of=SUBJECTS),
    "vietnamese": Ambiguous("asian", before=_NATIONAL, said_of=SUBJECTS),
    "straight": Ambiguous("heterosexual", paired=_GAY, unless=word_set("bastard bitch bitches fag faggot fags hoe hoes")),
    "same": _phrase("homosexual_gay_or_lesbian", "sex"),
    "trans": Ambiguous(
        "transgender",
        anywhere=True,
        unless=word_set("am alaska atlantic border canada continental fat fats fatty mountain national pacific siberian"),
    ),
    "non": _phrase("other_gender", "binary"),
    "blind": Ambiguous("physical_disability", after=_IMPAIRED, articles=_THE),
    "deaf": Ambiguous("physical_disability", after=_IMPAIRED, articles=_THE),
    "disabled": Ambiguous(
        "physical_disability",
        before=frozenset({"lives", "rights"}),
        after=frozenset({"physically", "severely"}),
        articles=_THE,
        said_of=SUBJECTS - {"you"},
    ),
    "physical": _phrase("physical_disability", "disability", "disabilities"),
    "cerebral": _phrase("physical_disability", "palsy"),
    "down": _phrase("intellectual_or_learning_disability", "syndrome"),
    "downs": _phrase("intellectual_or_learning_disability", "syndrome"),
    "learning": _phrase("intellectual_or_learning_disability", "disability", "disabilities", "disabled"),
    "intellectual": _phrase("intellectual_or_learning_disability", "disability", "disabilities"),
    "intellectually": _phrase("intellectual_or_learning_disability", "disabled"),
    "mental": _phrase("psychiatric_or_mental_illness", "illness", "illnesses", "disorder", "disorders", "patient", "patients"),
    "mentally": _phrase("psychiatric_or_mental_illness", "ill"),
}
