"""The phrases by which people say that something failed, one a line: small letters, no apostrophes.

All but `TURNS_DOWN`, `ONLY_ANSWERS` and `PASTED` are looked for in one clause: the words up to the next comma or stop.
"""

import re


def any_of(phrases: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """One pattern of the phrases, one a line."""
    return re.compile("|".join(line.strip() for line in phrases.splitlines() if line.strip()), flags)


CONDITION = any_of(r"""
    ^(?:and |but |so |or |also )?(?:if|when|whenever|unless|until|once|in case|what if|assuming|suppose)\b
    ^(?:and |but |so |or |also )?(?:make sure|ensure)\b
""")
"""What is told under a condition has not happened."""

PRAISE = any_of(r"""
    \bworks (?:now|great|well|fine|perfectly)\b
    \b(?:working now|it worked|perfect|all good|looks good)\b
""")
"""A clause that says so is no complaint, whatever else is in it."""

_AS_BAD_AS_BEFORE = r"""
    \bstill (?:not|no|nothing|fail\w*|broken|breaks?|wrong|getting|see(?:ing)?|shows?|showing|hang\w*|crash\w*)\b
    \bstill (?:going|happen\w*|(?:the )?same|doesnt|dont|isnt|arent|cant|wont|hasnt|havent)\b
    \bstill (?:errors?|throw\w*|gives?|giving|missing)\b
    \b(?:is|its|thats|are|theyre) still\b(?! (?:fine|good|ok|okay|true|valid|open|to be|needed|a good|worth))
    \bi still (?:get|got|see|have|cant|dont|am)\b
    ^(?:\w+ ){0,4}same (?:error|issue|problem|failure|bug|exception|result)s?\b(?! (?:as|in|with|for|applies|exist))
    \bsame thing (?:again|happen\w*)
    \b(?:fail\w*|crash\w*|hang\w*|broken?) again\b
    \b(?:no luck|not promising|nothing (?:happens|happened|changed|works))\b
    \bno (?:change|difference|effect) at all\b
    \b(?:error|issue|problem|bug|warning|failure)s? (?:still )?(?:persists?|remains?|reappeared)\b
    \b(?:error|issue|problem|bug|warning|failure)s? (?:came|is|are) back\b
    \b(?:worked|works) (?:only )?(?:partially|partly|half)\b|\b(?:partially|partly|half|almost) (?:works|worked)\b
    ^(?:it |this |that )?still (?:unfixed|unresolved|unsolved|slow|empty|blank|there|not|red)\b
"""
_DOES_NOT_DO_IT = r"""
    ^(?:\w+ ){0,5}(?:doesnt|does not|didnt|did not|dont) (?:\w+ly |seem to |even )?(?:work|help|fix|compile|load)\b
    ^(?:\w+ ){0,5}(?:isnt|arent|not|never|wont) (?:\w+ly |even )?(?:work|help|compil|load)(?:ing|ed|e)?\b
    ^(?:\w+ ){0,5}(?:isnt|not|never) (?:\w+ly |even )?fixed\b
    \b(?:it|that) (?:still |also |just )?didnt (?!matter|need|have|hurt|want|seem)\w+
    \b(?:doesnt|does not|dont) (?:look|seem|sound) (?:right|correct|good)\b
    ^(?:that|it|this|these) (?:doesnt|dont) (?:look|seem|sound|feel) (?:so |very |really )?(?!like|to|as|that|bad)\w
    \b(?:it|tests?|build|this|that) (?:now |just |keeps? )?(?:fails?|failed|crashe[sd]|hangs|freezes|breaks|broke)\b
    \b(?:its|it is|keeps?) (?:now |just )?(?:failing|crashing|hanging|stuck|frozen)\b
    \b(?:i|we|im|were) (?:now |just |also )?(?:get|got|getting|see|seeing) (?:a|an|the|this|that) (?:\w+ )?error
    \bbut (?:the|it|its|that|my) (?:\w+ ){0,2}(?:doesnt|dont|didnt|isnt|arent|wont)\b(?! (?:matter|need|want|know))
    \bbut (?:the|it|its|that|my) (?:\w+ ){0,2}(?:does nothing|do nothing|did nothing)\b
"""
_IS_WRONG = r"""
    ^(?:\w+ ){0,3}(?:thats|that is) not (?!(?:really )?(?:gonna|going|bad|a problem|an issue|needed|important))
    ^(?:\w+ ){0,2}(?:this is|its|it is) not (?:right|correct|true|it|how|what|valid|enough|there|showing|done)\b
    ^(?:\w+ ){1,3}(?:is|are|was|looks?|seems?) (?:\w+ly |just |still |all )?(?:wrong|incorrect|broken|no bueno)\b
    ^(?:thats|that is|this is|its) (?:\w+ly |just |still |the |a ){0,3}(?:wrong|incorrect|broken|mistake|useless)\b
    \b(?:isnt|is not|not|dont think (?:thats|its|that is)) (?:simply )?(?:true|right|correct|accurate)\b
    \b(?:is|are|its|thats|was) (?:way |far |a bit |just ){0,2}too \w+\b
    \btoo \w+ to (?:be )?(?:use|read|follow|helpful)
    ^wrong\b
    \bno bueno\b
    \b(?:thats|is) (?:a )?hallucinat
    \bmakes no sense\b
    ^not (?:\w+ )?(?:working|fixed|solved|right|correct|enough|what|there yet)\b
    \b(?:is|are|its|has|have|uses?|used|shows?|got|put|with|in|at|on|to) the wrong \w+
    \b(?:thats|its|is|got it|it) (?:backwards?|the opposite|the other way (?:a)?round|upside down|inverted)\b
"""
_YOU_DID_WRONG = r"""
    \byou (?:\w+ly |just |also )?(?:forgot|missed|broke|misunderstood|misread|ignored|skipped|overlooked|messed)\b
    \byou (?:\w+ly |just |also )?(?:screwed|hallucinated|invented|didnt|did not|havent|shouldnt have|should have)\b
    \byou were (?:supposed|meant|asked)\b
    \byou(?:re| are) (?:wrong|mistaken|dumb|missing|losing|confus\w+|hallucinating|misunderst\w+)\b
    \byou(?:re| are) over(?:complicat|think)ing\b
    \byou (?:\w+ ){1,2}the wrong\b
    \b(?:was|were) supposed to\b
    \bi (?:already |just )?(?:asked|told) you (?:to|not|for)\b
    \bi (?:clearly |already |just )?said\b
    \bi (?:suggested|requested|specified)\b
    ^(?:no )?i meant\b
    ^(?:(?:no|now|but|hey|wait) )?youre (?:still |now )?(?!(?:go|ask|look|say|talk|think|do|gett|mak|wait)ing)\w+ing\b
    \byou (?:\w+ly |just |also |even )?(?:deleted|removed|duplicated|overwrote|replaced|dropped|lost|undid|reverted)\b
    \byou (?:\w+ly |just |also |even )?(?:hardcoded|invented|made up|renamed|repeated|disabled|commented out|rewrote)\b
    \byou (?:keep|kept) \w+ing\b
    \byou (?:cant|cannot) just\b|\byou never \w+
    \b(?:like|as) i (?:already |just )?(?:said|told|mentioned|asked|explained|wrote)\b
    \bi (?:didnt|did not|never) (?:ask|want|tell you|say)\b
    ^(?:\w+ ){0,2}i dont (?:want|like|need) (?:this|that|it|these|those|your|how|the way)\b
    \bhow many times\b
    \b(?:for the (?:second|third|last|\w+th) time)\b
    ^(?:please )?stop (?!the\b|here\b|after\b)\w+ing\b
    ^(?:no )?(?:please )?(?:look|read|think) (?:it |that |this )?(?:again|closer|harder|more carefully)\b
    \b(?:pay attention|be more careful)\b
    \bnot what i (?:asked|wanted|want|meant|said|had in mind)\b
    \bquestion still stands\b
    \bwe (?:just |already )?(?:decided|agreed)\b
    \bwe have this (?:logic )?(?:already|somewhere)\b
    ^try .{1,60} instead of\b
"""
_TAKE_IT_AWAY = r"""
    ^(?:please |ok |just |now ){0,2}(?:revert|undo|roll ?back)[.!]*$
    ^(?:please |ok |just |now ){0,2}(?:revert|undo|roll ?back) (?:it|that|this|those|these|your|all|everything)\b
    ^(?:please |ok |just |now ){0,2}(?:revert|undo|roll ?back) the (?:last|changes?|edits?)\b
    ^(?:please )?(?:put|change|set|move) (?:it|that|this|them|those) back\b
"""
_ASKED = r"""
    \bwhy(?:d| did| didnt| do| dont| are| arent| would| wouldnt| have| havent) you\b
    \bwhy is (?:it|that|this) (?:still|so|just as)\b
    \bdid you (?:even|follow|actually|forget|miss|ignore|skip)\b
    \bdidnt (?:i|we) (?:already |just )?(?:say|tell|ask|agree|decide)\b
    \bwhat are you (?:talking|doing|smoking|thinking)\b
    \b(?:thats|that is) (?:the )?wrong\b
    \byou(?:re| are) (?:losing|missing)\b
    \b(?:wth|wtf)\b
    \bwhat the (?:hell|heck|fuck)\b
    \bare you (?:kidding|serious|joking|blind|dumb|stupid)\b
    \b(?:did|have) you (?:just|really|already) (?:remove|delete|break|change|ignore)\w*
    \byou (?:just )?(?:deleted|removed|duplicated|overwrote|replaced|ignored|broke)\b
"""
FAULT_ASKED = any_of(_ASKED)
"""Questions that point out a fault; other questions say nothing."""

FAULT = any_of(_AS_BAD_AS_BEFORE + _DOES_NOT_DO_IT + _IS_WRONG + _YOU_DID_WRONG + _TAKE_IT_AWAY + _ASKED)
"""What says that something is not as it should be."""

STEERS = any_of(r"""
    \b(?:nope|stop|wrong|instead|overkill|no need|shouldnt|should|what are you doing)\b
    (?<!we )\b(?:dont|do not)\b
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
    ^(?:\w+ ){0,5}?(?:try|do) (?:(?:it|that|this) )?(?:again|over|once more)(?: please| from scratch)?\W*$
    ^(?:please |just |ok |and |now ){0,2}(?:redo|retry)(?: (?:it|that|this|the)(?: \w+)?)?(?: properly| again)?\W*$
    ^(?:\w+ ){0,5}?(?:start over|one more time)(?: please| from scratch)?\W*$
""")
"""Asking for the same without its words."""

TURNS_DOWN = any_of(r"""
    ^(?:h+m+|uh+|um+|ok|well|oh|dude)?[\s,.!]*no+(?:pe)?!
    ^(?:h+m+|uh+|um+|ok|well|oh|dude)?[\s,.!]*no+(?:pe)?[\s,.]+(?:no|wrong|thats?|its?|this|you|use|man|not|dont)\b
    ^(?:h+m+|uh+|um+|ok|well|oh|dude)?[\s,.!]*no+(?:pe)?[\s,.]+(?:still|stop|i (?:still|said|meant)|re-?read|look)\b
    ^(?:h+m+|uh+)[\s,.]*no+(?:pe)?\b
    ^(?:ok|okay|yes|yup|yeah|better|close|good|nice)[\s,.]+but (?!first|what|how|can|could|let|rather|before|wait)
    ^dude\b
    ^(?:no[\s,.]+)?(?:it|that|this|they|these|those) should(?:nt| not| never| have)\b
    ^(?:no[\s,.]+)?(?:it|that|this|they) (?:\w+ ){1,6}instead of\b
""")
"""How an answer begins that turns the work down."""

ONLY_ANSWERS = any_of(r"""
    ^no+(?:pe)?[\s,.]+(?:thats|its|this is|that is) (?:fine|ok|okay|all|it|good|enough|great|correct|right|everything)\b
    ^no[\s,.]+not (?:yet|now|really|needed|necessary)\b
    ^no[\s,.]+i still (?:want|need|like|think)\b
""")
"""How a "no" begins that only answers a question."""

PASTED = any_of(
    r"""
    ^Traceback \(most recent call last\)
    ^[ \t]*(?:\w{1,60}\.){0,9}\w{0,60}(?:Error|Exception):[ ]
    ^error(?:\[E\d+\])?:[ ]
    ^npm (?:ERR!|error)[ ]
    ^panic:[ ]
    \berror TS\d+:[ ]
    ^(?:FAILED|--- FAIL:?)[ ]
    ^\S+:\d+:\d+:[ ]
    \bexit code [1-9]
    ^fatal:[ ]
    : (?:command not found|permission denied|no such file or directory)\b
    ^\s{0,20}at \S{1,200} \(\S{1,200}:\d+:\d+\)
    ^(?:Uncaught|Unhandled|Caused by:|Segmentation fault|BUILD FAILED|Failed to compile|Module not found)\b
    ^\[?(?:ERROR|FATAL|CRITICAL)\]?:?[ ]
    ^FAIL[ ]+\S
    \b(?:404 Not Found|50\d (?:Internal Server Error|Bad Gateway|Service Unavailable))\b
    ^E   \w
    ^thread '[^'\n]{1,80}' panicked
    """,
    re.MULTILINE,
)
"""Lines of the output of something that failed, as it was written."""
