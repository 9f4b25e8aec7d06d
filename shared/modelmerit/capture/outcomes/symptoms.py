"""The phrases by which people report what they observe, which is a fault of the work only if it is about the work.

"The button does nothing" after a button was asked for is a correction; after something else it is a new task. One
phrase a line, looked for in one clause as in `correction_phrases`: small letters, no apostrophes.
"""

import re

from modelmerit.capture.outcomes.phrases import any_of

_DOES = (
    r"(?:show|display|render|appear|update|refresh|open|start|run|respond|connect|save|load|compile|build|exist|work"
    r"|change|match|include|contain|handle|return|print|respect|apply|fit|pass|stop|move|scroll|close)"
)
_OF_THINGS = (
    r"(?<!^)(?<!\bi )(?<!\bwe )(?<!\byou )(?<!please )(?<!also )(?<!\bbut )(?<!\bjust )(?<!\band )(?<!\bso )(?<!\bor )"
)
"""Before "don't": a person who does not do something says no fault, and "don't open it" is an order."""
_NOT = rf"{_OF_THINGS}(?:doesnt|dont|didnt|wont|cant|cannot|does not|do not|did not|will not|can not)"
_IS = r"(?:is|are|its|theyre|was|were|stays?|remains?|seems?|looks?|comes up)"
_SO = r"(?:\w+ly |now |still |just |all )?"
_FILLS = r"(?:but|and|now|so|ok|okay|hm+|uh+|well|yeah|also)"

_DOES_NOT = rf"""
    \b{_NOT} (?:\w+ly |even |seem to )?{_DOES}\b
    \b(?:is|are|was|were|its|theyre) (?:still )?(?:not|never|no longer) (?:\w+ly |even |being )?{_DOES}\w*\b
    \b(?:isnt|arent|wasnt|werent) (?:\w+ly |even |being )?{_DOES}\w*\b
    \b(?:is|are|was|were|its|isnt|arent)(?: not| no longer)? (?:in)?visible\b
    \b(?:does|do|did|shows?|returns?|prints?|displays?|contains?|finds?|got|get) nothing\b
    \b(?:stopped|no longer) (?:work|show|updat|load|respond|runn)\w*
    \b(?:used to work|worked (?:before|previously|earlier|yesterday)|was working (?:before|previously|earlier))\b
    \bonly (?:shows|returns|displays|prints|gets|updates)\b
    \bonly works (?:half|partly|partially|once|sometimes)\b
"""
_IS_NOT_THERE = rf"""
    \b{_IS} {_SO}(?:empty|blank|gone|stuck|cut off|garbled|misaligned|overlapping|unreadable|unchanged)\b
    \b{_IS} {_SO}(?:out of (?:sync|date)|messed up|missing(?! (?:\w+ly )?from\b))\b
    ^(?:\w+ ){{0,2}}nothing (?:\w+ )?(?:happens|shows|appears|changed?|works|loads|displays|renders|opens|is|was)\b
    ^(?:\w+ ){{0,2}}none of (?:it|them|this|that|these|those) (?:\w+ )?(?:work|show|appear|load|match|exist|is|are)
    ^(?:\w+ ){{0,2}}no \w+ (?:is|are|was|were) (?:\w+ly )?(?:shown|displayed|found|there|visible|returned|created|saved)
    ^(?:\w+ ){{0,2}}there(?:s| is| are) (?:still )?(?:no|nothing|not)\b(?! (?:need|reason|rush|hurry|way|point|problem))
    \bdoesnt exist\b|\bdoes not exist\b|\bno such\b
"""
_I_SEE = r"""
    ^(?:\w+ ){0,3}i (?:\w+ly |now |just |only )?(?:get|got|see|am getting) (?:nothing|no |only |[45]\d\d)
    ^(?:\w+ ){0,3}i (?:\w+ly |now |just |only )?(?:get|got|see|am getting) an? (?:blank|empty|white)
    ^(?:\w+ ){0,3}i (?:dont|didnt|do not) (?:even )?see (?!why|how|what|the point|an?y? (?:reason|problem|need))
    ^(?:\w+ ){0,3}i (?:cant|cannot|couldnt|can not) (?:even )?(?:see|find|open|run|click|access|reach|log)\b
    ^(?:\w+ ){0,2}now (?:i|it|we|the \w+|all|everything) (?:get|see|cant|cannot|isnt|arent|doesnt|dont)\b
    ^(?:\w+ ){0,2}now (?:it|the \w+|all|everything) (?:shows?|says?|throws?|fails?)\b
    ^(?:\w+ ){0,2}(?:another|a new|a different|new|different|more|\d+ more) (?:error|failure|exception|warning)s?\b
"""
SYMPTOM = any_of(_DOES_NOT + _IS_NOT_THERE + _I_SEE)
"""What does not do or show what it is there for."""

_THING = r"(?:it|this|that|they|the \w+|my \w+)"
SYMPTOM_ASKED = any_of(rf"""
    ^(?:\w+ ){{0,2}}(?:why|how come) (?:doesnt|isnt|arent|didnt|wont|cant|dont) {_THING}\b
    ^(?:\w+ ){{0,2}}(?:why|how come) (?:does|is|are|do|did) {_THING} (?:still|not|only|always|never|keep)\b
    ^(?:\w+ ){{0,2}}why am i (?:still|not|getting|seeing)\b
""")
"""Questions that report one."""

REFERS_BACK = any_of(rf"""
    ^(?:{_FILLS} )*(?:it|its|that|thats|this|they|theyre|nothing|none|still|i|another)\b
    ^(?:{_FILLS} )*(?:why|how come) \w+ (?:it|this|that|they|i)\b
""")
"""How a clause begins that goes on about what was just done, without naming it."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 5
"""Letters by which words are compared: enough to tell most, few enough for inflections."""
_COMMON = frozenset(
    {"about", "after", "again", "also", "back", "been", "before", "both", "could", "does", "doesn", "doing", "done"}
    | {"each", "even", "every", "from", "have", "here", "into", "just", "like", "look", "make", "more", "most", "much"}
    | {"need", "never", "only", "other", "over", "please", "should", "show", "some", "still", "sure", "than", "that"}
    | {"their", "them", "then", "there", "these", "they", "this", "those", "thing", "update", "very", "want", "well"}
    | {"were", "what", "when", "where", "which", "will", "with", "work", "working", "would", "your", "change", "code"}
)


def same_matter(task: str, clause: str) -> bool:
    """Whether a clause has a word of some content in common with the task."""
    return not _content(task).isdisjoint(_content(clause))


def _content(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold()) if word not in _COMMON}
