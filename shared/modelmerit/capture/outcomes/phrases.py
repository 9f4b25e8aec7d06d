"""The phrases by which people take up what an agent did, one a line, written as in `clauses`.

`TURNS_DOWN`, `ONLY_ANSWERS` and `ELSEWHERE` are looked for in the opening of a text, the others in one clause. Phrases
that name a fault are in `faults`; what a clause reports by its grammar is in `reports`, output of programs in `pasted`.
"""

import re

_GOES_ON = re.compile(r"\n {8,}")


def any_of(phrases: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """One pattern of the phrases, one a line; a line that is indented twice goes on with the phrase before."""
    lines = _GOES_ON.sub("", phrases).splitlines()
    return re.compile("|".join(line.strip() for line in lines if line.strip()), flags)


CONDITION = any_of(r"""
    ^(?:and |but |so |or |also )?(?:if(?! you had\b)|whenever|unless|until|in case|what if|assuming|suppose)\b
    ^(?:and |but |so |or |also )?(?:make sure|ensure)\b
    ^(?:what|how) happens (?:if|when)\b
""")
"""What is told under a condition has not happened."""

PRAISE = any_of(r"""
    \bworks (?:now|great|well|fine|perfectly)\b
    (?<!nt )(?<!not )\bworking now\b
    \b(?:it worked|this worked|perfect|all good|looks (?:good|better)|thats better)\b
    \b(?:you rock|awesome|amazing|love (?:it|this|that|you)|hell yeah|genius)\b
""")
"""A clause that says so is no complaint, whatever else is in it."""

REQUEST = any_of(r"""
    ^(?:(?:ok|okay|yes|yeah|yep|great|nice|cool|good|now|next|also|and|so|then|alright|thanks|well|hey|first
        |finally|lastly)[\s,.!]+)*(?:please|pls|can you|could you|would you|can we|could we|lets|let us|i want
        |i need|id like|i would like|we need|we should|we want|(?:add|create|make|update|change|write|run|commit
        |push|deploy|implement|fix|remove|delete|show|give|use|continue|proceed|start|open|check|look|read
        |explain|tell|put|move|rename|convert|resize|install|set|test|review|find|merge|build|generate|help|keep
        |save|investigate|do|dont|never|verify|go|try|search|replace|refactor|list|compare|extract|analy[sz]e
        |document|take|let|include|consider)\b)
""")
"""How a clause begins that asks for something: what follows describes it."""

ELSEWHERE = any_of(r"""
    ^(?:(?:ok|okay|so|and|now|well)[\s,]+)*(?:(?:lets get |now )?back to\b|in the mean ?time|while (?:that|it
        |you|this)\b|on another note|separately)
    ^(?:(?:ok|okay|so|and|now|well)[\s,]+)*(?:here is|heres) (?:a|an|another|one more) |(?:theres|there is
        |i found|i have|i noticed) (?:also )?(?:another|one more|one other|a new|a different) (?:\w+ )?(?:bug
        |issue|problem|thing)
    ^(?:sorry[\s,]+(?:i|my|for|about|that was|delete|wrong)|my bad|oh wait|never ?mind|nvm|update on)\b
    \b(?:i (?:did|fixed|solved|got|found) it|now (?:it|this|that) no longer|it no longer)\b
""")
"""How a text begins that is about something else, or about the person's own slip."""

QUESTION = any_of(r"""
    ^(?:(?:so|and|ok|okay|but|hey|hm+|or)[\s,]+)*(?:what|which|who|where|how|why|is|are|do|does|did|was|were|has
        |have|should|will|would)\b
""")
"""How a question begins."""

OTHER_WAY = any_of(r"""
    ^(?:(?:can|could|would) you |please |no |but |ok |just |actually |you should )*(?:use
        |using) .{1,60}\binstead\b(?! of)
    \bget rid of .{1,60}\band (?:use|do|replace)\b
    ^(?:can|could) we (?:try|use) .{0,60}\b(?:different|another|other) (?:method|approach|way|library)
""")
"""Another way, in place of the one that was taken."""

YOU_SHOULD = any_of(r"""
    ^(?:but |no |well )*you (?:should|need to|have to|must) (?:also )?(?:be (?!able to (?:see|run|access|open))
        |use\b|look\b|never\b)
""")
"""How a text begins that tells the agent what it has not done."""

STEERS = any_of(r"""
    \b(?:nope|stop|wrong|instead|overkill|no need|shouldnt|should|what are you doing)\b
    (?<!we )\bdont\b
    \bwe dont (?:need|want)\b
    \bjust (?:not|need)\b
    \btoo \w+
    \bfirst[.!]?$
    ^no+[,.!]*$
    \brather than\b
    ^its\b
    \b(?:claude|agents)\.md\b
    \b(?:instructions|directions|guidelines|conventions)\b
""")
"""What points elsewhere, once the human has stopped the agent."""

ADDS = re.compile(r"(?:plus|also|and)\b")
"""How a further wish begins, which steers nothing either."""

ANSWERS = any_of(r"""
    ^\d
    ^[a-e][.)]
    ^(?:y|yes|yeah|yep|yup|sure|proceed|go ahead)\b
""")
"""How an answer to the agent begins, which steers nothing."""

AGAIN = any_of(r"""
    ^(?:\w+ ){0,5}?(?:try|do|run) (?:(?:it|that|this|the process|all|them) )?(?:again|over|once more)
        (?: please| from scratch)?\W*$
    ^(?:please |just |ok |and |now ){0,2}(?:redo|retry|rerun)(?: (?:it|that|this|the)(?: \w+)?)?
        (?: properly| again)?\W*$
    ^(?:\w+ ){0,5}?(?:start over|one more time)(?: please| from scratch)?\W*$
""")
"""Asking for the same without its words."""

TURNS_DOWN = any_of(r"""
    ^(?:h+m+|uh+|um+|ok|well|oh|dude)?[\s,.!]*no+(?:pe)?!
    ^(?:h+m+|uh+|um+|ok|well|oh|dude)?[\s,.!]*no+(?:pe)?[\s,.]+(?:no|wrong|thats?|its?|this|you|use|man|not|dont
        |do it)\b
    ^(?:h+m+|uh+|um+|ok|well|oh|dude)?[\s,.!]*no+(?:pe)?[\s,.]+(?:still|stop|i (?:still|said|meant)|re-?read|look)\b
    ^(?:h+m+|uh+)[\s,.]*no+(?:pe)?\b
    ^(?:ok|okay|yes|yup|yeah|better|close|good|nice)[\s,.]+but (?!first|what|how|dont|can|could|let|rather
        |before|wait|make sure|ensure|add|keep|also|please)
    ^dude\b
    ^(?:no[\s,.]+)?(?:it|that|this|they|these|those) should(?:nt| never| have)\b
    ^(?:no[\s,.]+)?(?:it|that|this|they) (?:\w+ ){1,6}instead of\b
""")
"""How an answer begins that turns the work down."""

ONLY_ANSWERS = any_of(r"""
    ^no+(?:pe)?[\s,.]+(?:thats|its|this is|that is|it is) (?:fine|ok|okay|all|it|good|enough|great|correct|right
        |everything)\b
    ^no[\s,.]+not (?:yet|now|really|needed|necessary|for now|at the moment|right now)\b
    ^no[\s,.]+i still (?:want|need|like|think)\b
    ^no[\s,.]+i just (?:want|need)\b
""")
"""How a "no" begins that only answers a question."""
