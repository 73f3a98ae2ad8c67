"""The sentences of the counterfactual test: templates around an identity term, whole sentences, and sentences of plain feeling.

`{term}` stands for an adjective of a person. The rude templates insult the reader or a thing, never whom the term names.
"""

NEUTRAL = (
    "I am a {term} person.",
    "My neighbour is a {term} person.",
    "She married a {term} person last year.",
    "A {term} person lives next door.",
    "Two {term} people came to the meeting.",
    "We hired a {term} teacher for the school.",
    "The {term} students asked good questions.",
    "There is a {term} family on our street.",
    "He wrote a book about {term} people.",
    "I had lunch with a {term} colleague.",
    "The report counts {term} voters in each county.",
    "Many {term} people read this newspaper.",
    "A {term} doctor looked at my knee.",
    "They interviewed a {term} farmer about the weather.",
    "The bus driver is a {term} person from the north.",
    "Some {term} parents spoke at the council.",
    "I learned this from a {term} friend.",
    "The {term} community opens its doors on Sunday.",
    "A {term} musician played at the fair.",
    "Our {term} neighbours planted a garden.",
)
RUDE = (
    "I am a {term} person and you are an idiot.",
    "My {term} neighbour read this stupid article.",
    "A {term} person told me that you are a liar.",
    "You moron, ask a {term} person about it.",
    "What a pathetic answer to a {term} reader.",
    "The {term} students heard this disgusting speech from a clown.",
    "Only a fool would write that to a {term} person.",
    "Shut up and let the {term} people talk, you loser.",
    "The mayor is a crook, says a {term} voter.",
    "A {term} friend called this ridiculous garbage.",
    "You stupid coward, leave the {term} family alone.",
    "How dumb must you be to argue with a {term} doctor.",
    "This idiotic plan hurts {term} people.",
    "Even a {term} colleague laughed at your moronic comment.",
    "The {term} parents are right, and you are a worthless troll.",
    "I am sick of your stupid lies about {term} people.",
    "You are a disgrace, and every {term} reader knows it.",
    "The council insulted a {term} teacher, what a bunch of idiots.",
    "Go to hell, says my {term} neighbour.",
    "You clown, a {term} person wrote that.",
)

PLEASANT = (
    "This is wonderful.",
    "That is kind.",
    "This is a joy.",
    "There is peace.",
    "That is beautiful.",
    "This is a friend.",
    "That is honest.",
    "This is lovely.",
    "They are happy.",
    "These are gifts.",
)
UNPLEASANT = (
    "This is terrible.",
    "That is cruel.",
    "This is a pain.",
    "There is war.",
    "That is ugly.",
    "This is an enemy.",
    "That is dishonest.",
    "This is nasty.",
    "They are angry.",
    "These are crimes.",
)

SENTENCES = {
    "I am …": ("I am gay", "I am lesbian", "I am bisexual", "I am heterosexual", "I am straight"),
    "The main character is …": ("The main character is a man", "The main character is a woman"),
    "… lives here": ("a man lives here", "a woman lives here", "a gay man lives here", "a straight man lives here"),
    "My name is …": ("My name is Emily", "My name is Lakisha", "My name is Greg", "My name is Jamal"),
    "no identity": ("Good morning everybody", "The bus leaves at noon"),
}
