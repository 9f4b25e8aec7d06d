"""Whether a clause reports something that does not do what it should.

By its grammar rather than by a list of verbs: a thing, then "doesnt", "isnt", "wont" and the like. Orders ("dont
open it"), purposes ("so that it doesnt crash"), conditions and what people do not do themselves are no reports. A
report is a fault of the work only if it is about the work: "the button does nothing" after a button was asked for is
a correction, and after something else a new task.
"""

import re

from modelmerit.capture.outcomes.phrases import any_of

_NEGATED = re.compile(
    r"\b(?:doesnt|dont|didnt|isnt|arent|wasnt|werent|hasnt|havent|cant|couldnt|wont|im not)\b"
    r"|(?<=\w )not (?=\w+ing\b)"
)
_NEW_THOUGHT = re.compile(r"\b(?:and|so(?! that\b)|then|since|cause|becuase)\b")
_HEDGED = re.compile(
    r"\b(?:if|whether|unless|until|make sure|making sure|ensure|so that|in case|so (?:it|they|we|i|you|the)|anything"
    r"|whatever|maybe|perhaps|something|things?|what|ones|where|why|who|which|even though|without|test that"
    r"|verify that|cases?|to|not sure)\b"
)
"""Before a negation: it is told under a condition, as a purpose, or of things in general."""
_POSSIBLE = re.compile(r"\b(?:can|could|might|may|would)\b")
_NO_FAULT = re.compile(
    r" ?(?:(?:\w+ly|even|just|yet|so|very|that) ){0,2}(?:need|want|matter|cause|care|mind|hurt|have to|require|know"
    r"|think|necess|import|a problem|an issue|a big|bad\b|the point|worth|sure\b|my\b|going to|gonna|get \w+ed\b"
    r"|believe|like\b|understand|mean\b|remember|agree|an? (?:key|use|big|huge|real|valid)|be\b)"
)
"""After a negation: nothing is wrong with that."""
_BETWEEN = re.compile(r"(?:still|also|just|now|really|even|actually|currently|simply|again|all|both|either|\w+ly)")
_ADDRESSED = frozenset(
    {"please", "you", "we", "just", "also", "ok", "okay", "then", "and", "or", "users", "user", "lets"}
)
"""Before a negation these make it an order, a plan, or a rule."""
_RELATIVE = frozenset({"that", "which", "who"})
_PLURAL = frozenset({"they", "these", "those", "both", "all"})
_PERCEIVES = re.compile(r" (?:even |really |actually |ever )?(?:see|get|hear|find|receiv|notic|have access)\w*\b")
_UNABLE = re.compile(r" (?!wait|decide|remember|believe|figure|tell|think|say|afford|be\b)")

_BAD_STATE = (
    r"(?:wrong\w*|broken|incorrect|blank|empty|stuck|frozen|messed up|useless|worthless|stupid|garbage|ridiculous"
    r"|horrible|terrible|awful|worse|ugly|weird|invalid|undefined|duplicated?|overlapping|cut off|gone|lost|outdated"
    r"|unreadable|misaligned|laggy|failing|crash\w*|warped|stretched|squished|cropped|unusable|inconsistent|garbled"
    r"|unresponsive|unchanged|static|out of sync|missing(?! (?:\w+ly )?from\b)|unavailable|inaccessible)"
)
_IS = (
    r"(?:is|are|was|were|its|theyre|looks?|seems?|being|stays?|remains?|gets?|getting|got|shows?|showing|see"
    r"|comes? up)"
)
_SO = r"(?:\w+ly |still |now |just |all |only |a |an |being |completely |way )"
_HAPPENS = (
    r"(?:crash(?:es|ed|ing)?|fails|failed|failing|breaks|broke|disappear(?:s|ed)?|vanish(?:es|ed)|freezes|froze|hangs"
    r"|errors? out|flashes|timed? out|times out|stopped working|exits? immediately|exited|goes away|went missing"
    r"|stays? the same|looks? (?:exactly )?the same|(?:does|do|did|shows?|returns?|prints?|displays?) nothing)"
)
_THING = r"(?:it|this|that|they|which|both|everything|nothing|all|still|now|also|and|but|the \w+|my \w+|\w+s?)"
_OBSERVED = any_of(rf"""
    \b{_IS} {_SO}{{0,2}}{_BAD_STATE}\b
    \b{_THING} (?:\w+ly |still |now |just |all |also |seems? to |even |always |keeps? (?:on )?)?{_HAPPENS}\b(?! down)
    ^(?:\w+ ){{0,10}}nothing (?:\w+ ){{0,2}}(?:happen|chang|show|work|load|appear|open|render|display|mov)\w*
    ^(?:\w+ ){{0,2}}none of \w+
    ^(?:\w+ ){{0,3}}(?:i (?:\w+ly |now |just |only |still )?(?:get|got|see|hear|find|found)) (?:nothing|none|no
        |only)\b
    ^no (?:\w+ )?(?:audio|sound|output|changes?|difference|effect|results?|data|response|images?|text|errors? shown)\b
    \bi never (?:saw|got|see|get)\b
    ^no \w+ (?:is|are|was|were) (?:\w+ly )?(?:shown|displayed|found|there|visible|returned|created|saved)
    ^(?:(?:but|still|and|now) )*there(?:s| is| are) (?:still )?no\b(?! (?:need|reason|rush|hurry|way|point
        |problem))
    \b(?:stopped|no longer) (?:work|show|updat|load|respond|runn)\w*
    \b(?:used to work|worked (?:before|previously|earlier|yesterday)|was working (?:\w+ ){{0,2}}(?:before
        |previously|earlier|ago|\d))
    \bonly (?:shows|returns|displays|prints|gets|updates)\b|\bonly works (?:half|partly|partially|once|sometimes)\b
    \b(?:is|are|its) (?:the old \w+|still the)\b
    \b(?:is|are|seems?|looks?) (?:a bit |slightly |completely |way |all )?off\b(?! (?:by|in|when|for|on|at)\b)
    \b(?:the|my|this|that|our) (?:\S+ ){{1,3}}still \w{{3,}}s\b
    \bthere(?:s| is| are) (?:still |now |also )?(?:a|an|some|many) (?:\w+ )?(?:issue|problem|bug|mistake|typo)s?\b
    \b(?:shows?|showing|is|are|gets?|got|returns?|displays?|says|opens?|goes|uses?|used|put|added|created|made
        |gives?|giving) .{{1,60}}\binstead of\b
    ^(?:no |but |actually )*(?:its|(?:it|this|that|they) (?:is|are)) supposed to\b
    ^(?:no |but |actually |now )*(?:it|this|that|they|these|those|there) should (?:be (?!enough|fine|ok|good
        |it\b|all\b|easy|quick|simple|possible)|show|have|say|only|go|use|return|look|happen)\b
    \bim unable to\b|^(?:\w+ ){{0,2}}unable to\b
    \b(?:on top of each other|out of place|off cent(?:er|re)|off ?screen)\b
""")
"""States and events that nobody asks for."""

_ERROR = re.compile(r"\b(?:errors?|exceptions?|40[0134]|50[0234])\b")
_MET = re.compile(
    r"\b(?:get|got|gets|getting|see|seeing|saw|have|having|throws?|throwing|gives?|giving|shows?|showing|says|returns?"
    r"|returned|received?|hit|there (?:is|are|was)|theres|with|another|same|new|console|(?:its|is|was|were) an?)\b"
)
_TO_MEND = re.compile(
    r"\b(?:fix|resolve|solve|address|investigate|check|find|handle|avoid|catch|ignore|live with|wont show|i think)\b"
)

REFERS_BACK = any_of(r"""
    ^(?:(?:but|and|now|so|ok|okay|hm+|uh+|well|yeah|hey|wait|because|however|it seems|seems|looks like|right) )*
        (?:nothing|none|still)\b
    \b(?:still|(?<!try )(?<!tried )again|anymore|you|your)\b
    \bi never (?:saw|got|see|get)\b
""")
"""How a clause goes on about what was just done, without naming it."""

_WORD = re.compile(r"[^\W\d_]{4,}")
_SHORT_NAME = re.compile(r"\b[A-Z]{2,3}\b")
"""UI, CI, API: too short to count as content in small letters."""
_STEM = 5
"""Letters by which words are compared: enough to tell most, few enough for inflections."""
_COMMON = frozenset(
    {"about", "after", "again", "also", "back", "been", "before", "both", "could", "does", "doesn", "doing", "done"}
    | {"each", "even", "every", "from", "have", "here", "into", "just", "like", "look", "make", "more", "most", "much"}
    | {"need", "never", "only", "other", "over", "please", "should", "show", "some", "still", "sure", "than", "that"}
    | {"their", "them", "then", "there", "these", "they", "this", "those", "thing", "update", "very", "want", "well"}
    | {"were", "what", "when", "where", "which", "will", "with", "work", "working", "would", "your", "change", "code"}
    | {"doesnt", "dont", "didnt", "isnt", "arent", "wasnt", "cant", "wont", "continue", "proceed", "keep", "going"}
    | {"okay", "great", "thanks", "done", "next", "first"}
)


def reports(clause: str, task: str) -> bool:
    """Whether a clause, written as in `clauses`, reports a failure of what the task, as it was written, was about."""
    if not (_meets_an_error(clause) or _denies(clause) or _observes(clause)):
        return False
    return bool(REFERS_BACK.search(clause)) or same_matter(task, clause)


def same_matter(task: str, clause: str) -> bool:
    """Whether a clause has a word of some content in common with the task, or the task has none ("continue")."""
    content = _content(task)
    if not content:
        return bool(task)
    short = {name.casefold() for name in _SHORT_NAME.findall(task)}
    return not (content.isdisjoint(_content(clause)) and short.isdisjoint(clause.split()))


def _meets_an_error(clause: str) -> bool:
    if _TO_MEND.search(clause) or _POSSIBLE.search(clause):
        return False
    return bool(_ERROR.search(clause)) and bool(_MET.search(clause))


def _observes(clause: str) -> bool:
    found = _OBSERVED.search(clause)
    if found is None:
        return False
    before = clause[: found.start()]
    return not (_HEDGED.search(before) or _POSSIBLE.search(before))


def _denies(clause: str) -> bool:
    return any(_is_reported(clause, found) for found in _NEGATED.finditer(clause))


def _is_reported(clause: str, negated: re.Match[str]) -> bool:
    before, after, negation = clause[: negated.start()], clause[negated.end() :], negated[0]
    subject = _NEW_THOUGHT.split(before)[-1]
    if _HEDGED.search(subject[-60:]) or _NO_FAULT.match(after):
        return False
    words = subject.split()
    while words and _BETWEEN.fullmatch(words[-1]):
        words.pop()
    nearest = words[-1] if words else ""
    if nearest == "i" or negation == "im not":
        return bool(_PERCEIVES.match(after)) if negation not in {"cant", "couldnt"} else bool(_UNABLE.match(after))
    if nearest in _ADDRESSED or (nearest in _RELATIVE and len(words) > 1):
        return False
    if negation == "dont":
        return nearest in _PLURAL or (len(nearest) > 3 and nearest.endswith("s"))
    return bool(words) or negation != "cant" or bool(_PERCEIVES.match(after))


def _content(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(text.casefold()) if word not in _COMMON}
