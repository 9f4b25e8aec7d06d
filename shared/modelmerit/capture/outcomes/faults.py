"""The phrases by which people say that work is not as it should be, one a line, written as in `clauses`.

Each is looked for in one clause. A fault that is only described, and named by no phrase, is for `reports`.
"""

from modelmerit.capture.outcomes.phrases import any_of

_AS_BAD_AS_BEFORE = r"""
    \bstill (?:nt|no|nothing|fail\w*|broken|breaks?|wrong|getting|see(?:ing)?|shows?|showing|hang\w*|crash\w*)\b
    \bstill (?:going|happen\w*|(?:the )?(?:same|old)|doesnt|dont|isnt|arent|cant|wont|hasnt|havent|not|looks?)\b
    \bstill (?:\w+ing )?(?:errors?|throw\w*|gives?|giving|missing)\b|\bstill (?:\w+ )?(?:crash\w*|fail\w*|broken)\b
    \b(?:it is|its|thats|theyre|that is|they are) still\b(?! (?:fine|good|ok|okay|true|valid|open|to be|needed
        |a good|worth|unclear))
    ^(?:(?:nope|no|ok|but|and|well|hm+|its|it is|yes|yeah|thats|sorry)[\s,.]+)*still (?!need|want|have to|think
        |like|waiting|wondering|learning|good|fine|ok\b|in progress|not sure|to \w+|a (?:good|valid)|working on
        |using)\w+
    (?<!what )(?<!that )(?<!which )(?<!something )\b(?:is|are) still (?!fine|good|ok\b|okay|true|valid|open|to\b
        |needed|a\b|worth|unclear|in\b|on\b|running|using|pending|left|being|there\b|waiting|missing\?)\w+
    ^(?:\w+ ){0,5}(?:its|it is|looks|exactly|stays) the same\b
    \bi still (?:get|got|see|have|cant|dont|am)\b|\bim still (?:getting|seeing|not|having)\b
    ^(?:\w+ ){0,4}same (?:error|issue|problem|failure|bug|exception|result)s?\b(?! (?:as|in|with|for|applies|exist))
    \bsame thing (?:again|happen\w*)
    \b(?:fail\w*|crash\w*|hang\w*|broken?) again\b
    \b(?:no luck|not promising)\b
    \b(?:error|issue|problem|bug|warning|failure)s? (?:still )?(?:persists?|remains?|reappeared)\b
    \b(?:error|issue|problem|bug|warning|failure)s? (?:came|is|are) back\b
    \b(?:worked|works) (?:only )?(?:partially|partly|half)\b|\b(?:partially|partly|half|almost) (?:works|worked)\b
    ^(?:it |this |that )?still (?:unfixed|unresolved|unsolved|slow|empty|blank|there|red)\b
    ^fail(?:ure|ed|s)?\b
"""
_DOES_NOT_DO_IT = r"""
    ^(?:(?:it|this|that|they|which|seems|but|and|so|no|nope|ok|well|hm+|sorry|still|also|now|just|\w+ly)[\s,.]+)*
        (?:doesnt|didnt) (?:\w+ly |seem to |even )?(?:work|help|fix|compile|load)\b
    ^(?:(?:it|this|that|they|which|seems|but|and|so|no|nope|ok|well|hm+|sorry|still|also|now|just|its|\w+ly)[\s,.]+)*
        (?:isnt|arent|not|never|wont) (?:\w+ly |even )?(?:work|help|compil|load)(?:ing|ed|e)?\b
        (?! (?:on|with|for|in|at|from) )
    ^(?:\w+ ){0,5}(?:isnt|not|never|wasnt) (?:\w+ly |even )?fixed\b
    \b(?:it|that) (?:still |also |just )?didnt (?!matter|need|have|hurt|want|seem)\w+
    \b(?:doesnt|dont) (?:look|seem|sound) (?:right|correct|good)\b
    ^(?:that|it|this|these) (?:doesnt|dont) (?:look|seem|sound|feel) (?:so |very |really )?(?!like|to|as|that|bad)\w
    \b(?:it|tests?|build|this|that) (?:now |just |keeps? )?(?:fails?|failed|crashe[sd]|hangs|freezes|breaks
        |broke)\b(?! down)
    \b(?:its|it is|keeps) (?:now |just )?(?:failing|crashing|hanging|stuck|frozen)\b
    \bbut (?:the|it|its|that|my) (?:\w+ ){0,2}(?:doesnt|dont|didnt|isnt|arent|wont)\b(?! (?:matter|need|want|know))
    \bbut (?:the|it|its|that|my) (?:\w+ ){0,2}(?:does nothing|do nothing|did nothing)\b
    \bfailed to (?:resolve|fix|solve|do|work|load|start|run|compile|build)\b
"""
_IS_WRONG = r"""
    ^(?:\w+ ){0,3}(?<!thing )that isnt (?!(?:really |even )?(?:(?:a|an|the) (?:\w+ )?(?:priority|problem|issue
        |concern)|gonna|going|bad|a problem|an issue|needed|important))
    ^(?:\w+ ){0,2}(?:this isnt|it isnt) (?:exactly |really |quite )?(?:right|correct|true|it|how|what|valid
        |enough|there|showing|done|possible)\b
    ^(?:\w+ ){1,3}(?:is|are|was|looks?|seems?) (?:\w+ly |just |still |all )?(?:wrong|incorrect|broken|no bueno)\b
    ^(?:thats|that is|this is|its|it is) (?:\w+ly |just |still |the |a ){0,3}(?:wrong|incorrect|broken
        |mistake|useless|stupid|ridiculous|crazy)\b
    \b(?:isnt|not|dont think (?:thats|its|that is)) (?:simply |exactly )?(?:true|right|correct|accurate)\b
    ^(?:\w+ ){0,3}(?:is|are|its|thats) (?:way |far |a bit |just ){0,2}too \w+\b
    \btoo \w+ to (?:be )?(?:use|read|follow|helpful)
    ^wrong\b
    \bno bueno\b|\b(?:is|are|its) no good\b
    \bsomething(?:s| is| seems| looks) (?:\w+ )?(?:off|wrong|weird|broken|missing|strange|odd)\b
    \bi dont think (?:\S+ ){1,6}(?:correct|right|correctly|properly|working|true)\b
    \b(?:fix|do|make) (?:it|this|that|the \w+) (?:correctly|properly|right)\b
    ^but (?:there (?:is|are) |theres )?(?:a |an |one |two |some |still |the )*(?:couple|few|issues?|problems?
        |things?|bugs?)\b
    \b(?:thats|is) (?:a )?hallucinat
    \b(?:makes no|doesnt make any|doesnt make) sense\b
    ^not (?:\w+ )?(?:working|fixed|solved|right|correct|enough|what|there yet)\b
    \b(?:is|are|its|has|have|uses?|used|shows?|got|put|with|in|at|on|to) the wrong \w+
    \b(?:thats|its|is|got it|it) (?:backwards?|the opposite|the other way (?:a)?round|upside down|inverted)\b
    \b(?:isnt|arent|not) acceptable\b|\b(?:much|even|got|gotten|getting|its) worse\b|\bworse than (?:before|it was)\b
    ^(?:\w+ ){0,3}(?:isnt|not) (?:\w+ly )?(?:great|ideal|good|the best|helpful|useful)\b
    ^(?:\w+ ){0,2}(?:unnecessary|redundant|overkill)\b
    ^(?:\w+ ){0,4}(?:looks?|seems?|feels?) (?:\w+ly |a bit |a little |so |very )?(?:off|bad|strange|odd|weird
        |awful|terrible)\b
    ^(?:ugh+|argh+|sigh|come on|seriously|jesus|bruh|oh no)\b
"""
_YOU_DID_WRONG = r"""
    \byou (?:\w+ly |just |also |have |had )?(?:forgot|missed|broke|mis-?(?:under|s?under|read|created|took
        |interpret)\w*|ignored|skipped|overlooked|messed)\b
    \byou (?:\w+ly |just |also |have |had )?(?:screwed|fucked|ruined|hallucinated|invented|didnt|havent
        |shouldnt have)\b
    \byou should have (?:\w+ed|been|used|done|kept|known|told|made|put|written)\b
    \byou (?:\w+ly |just |also )?(?:made (?:a|an|the same) (?:mistake|error)|made it worse|tried to \w+ too? much)\b
    \byou were (?:supposed|meant|asked)\b
    \byou(?:re| are) (?:wrong|mistaken|dumb|missing|losing|confus\w+|hallucinating|miss?-?underst\w+)\b
    \byou arent (?:listening|reading|using|doing|following|understanding|adding|testing)\b
        |\byou are not (?:listening|adding)\b
    \byou(?:re| are) over(?:complicat|think)ing\b
    \byou (?:\w+ ){1,2}the wrong\b
    \b(?:was|were) supposed to\b
    \bi (?:already |just )?(?:asked|told) you (?:to|not|for|do)\b
    \bi (?:clearly |already |just )?said\b
    \bi (?:suggested|requested|specified)\b
    \bi already (?:defined|did|told|said|gave|have|set|added|installed|explained|mentioned)\b
    \bi gave you\b
    ^(?:\w+ ){0,4}i meant\b|^no[\s,]+(?:i mean|what i mean)\b
    ^(?:no |but |well )*i wanted\b
    ^(?:please |no )*(?:dont|never) (?:ever )?do (?:that|this|it)\b
    ^(?:(?:no|now|but|hey|wait) )?youre (?:still |now )?(?!(?:go|ask|look|say|talk|think|do|gett|mak|wait)ing)\w+ing\b
    \byou (?:\w+ly |just |also |even )?(?:deleted|removed|duplicated|overwrote|replaced|dropped|lost|undid|reverted)\b
    \byou (?:\w+ly |just |also |even )?(?:hardcoded|made up|renamed|repeated|disabled|commented out|rewrote)\b
    \byou (?:keep|kept) \w+ing\b|\byou tend to\b
    \byou cant just\b|\byou never \w+
    \b(?:like|as) i (?:already |just )?(?:said|told|mentioned|asked|explained|wrote)\b
    \bi (?:didnt|never) (?:ask|want|tell you|say)\b
    ^(?:\w+ ){0,2}i dont (?:want|like|need) (?:you|any|an?|this|that|it|these|those|your|how|the way)\b
    \bhow many times\b
    \b(?:for the (?:second|third|last|\w+th) time)\b
    ^(?:please )?stop (?!the\b|here\b|after\b)\w+ing\b
    ^(?:no )?(?:please )?(?:look|read|think) (?:it |that |this )?(?:again|closer|harder|more carefully)\b
    \b(?:pay attention|be more careful)\b
    \b(?:not|isnt|wasnt) (?:\w+ly )?what i (?:asked|wanted|want|meant|said|had in mind)\b
    \bquestion still stands\b
    \bwe (?:just |already )?(?:decided|agreed)\b
    \bwe have this (?:logic )?(?:already|somewhere)\b
    ^try .{1,60} instead of\b
    \byour (?:\w+ ){0,2}(?:changes|edits|fix|code|suggestions?|solution|version|commands?) (?:\w+ ){0,2}
        (?:werent|didnt|dont|doesnt|isnt|arent|wasnt|broke|failed)\b
"""
SWEARS = any_of(r"""
    \b(?:fuck\w*|wtf|wth|damn|dammit|shit\w*|bullshit|pissed|ffs|omfg)\b
    \bfor (?:petes|gods|christs|fucks) sake\b
""")
"""Said of the work if it comes first."""
_TAKE_IT_AWAY = r"""
    ^(?:please |ok |just |now ){0,2}(?:revert|undo|roll ?back)[.!]*$
    ^(?:please |ok |just |now ){0,2}(?:revert|undo|roll ?back) (?:it|that|this|those|these|your|all|everything)\b
    ^(?:please |ok |just |now |oof |no ){0,2}(?:revert|undo|roll ?back) the (?:last|changes?|edits?
        |\w+ (?:\w+ )?(?:back )?to)\b
    ^(?:please )?(?:put|change|set|move) (?:it|that|this|them|those) back\b
    ^(?:please |ok |just |now |honestly ){0,2}(?:delete|discard|remove|reset|undo|revert) (?:all|everything)
        (?: (?:of )?(?:the|your|those|these))?(?: (?:changes|edits|progress|of it|you \w+))
    ^(?:please |ok |okay |just |now |honestly |no |lets ){0,4}go back to (?:the |how |what |your )
"""
_ASKED = r"""
    \bwhy(?:d| did| didnt| do| dont| are| arent| would| wouldnt| have| havent)(?: \w+){0,3} you\b
    \bwhere (?:did )?you (?:get|got) the idea\b
    \bwhy (?:is|are) there (?:a|an|two|so many|no|still|multiple)\b
    \bwhat happened to (?:the|my|our)\b|\bwhere did (?:the|my|all) .{1,40} go\b
    ^(?:\w+ ){0,2}shouldnt (?:it|this|that|there|they|you|the \w+)\b|\b(?:isnt|arent|wasnt) (?:it|this|that|they
        |the \w+) supposed\b
    \bwhy (?:is|are|does|do) (?:it|that|this|the \w+|my \w+) (?:\w+ ){0,2}(?:still|only|always|never|just as
        |isnt|arent|doesnt|dont|cant)\b
    ^(?:\w+ ){0,2}(?:why|how come) (?:doesnt|isnt|arent|didnt|wont|cant|dont) (?:it|this|that|they|the \w+|my \w+|i)\b
    ^(?:\w+ ){0,2}why (?:am|can) i (?:still|not|getting|seeing)\b
    \bdid you (?:not|even|follow|actually|forget|miss|ignore|skip)\b|\bdidnt you\b
    \bdidnt (?:i|we) (?:already |just )?(?:say|tell|ask|agree|decide)\b
    \bwhat are you (?:talking|doing|smoking|thinking)\b
    \b(?:thats|that is) (?:the )?wrong\b
    \byou(?:re| are) (?:losing|missing)\b
    \b(?:wth|wtf)\b
    \bwhat the (?:hell|heck|fuck)\b
    \bare you (?:kidding|serious|joking|blind|dumb|stupid)\b
    \b(?:did|have) you (?:just|really|already) (?:remove|delete|break|change|ignore)\w*
    \byou (?:just )?(?:deleted|removed|duplicated|overwrote|replaced|ignored|broke)\b
    \bhow is (?:it|that|this) possible\b
    \bseem to be missing\b
"""
FAULT_ASKED = any_of(_ASKED)
"""Questions that point out a fault; other questions say nothing."""

FAULT = any_of(_AS_BAD_AS_BEFORE + _DOES_NOT_DO_IT + _IS_WRONG + _YOU_DID_WRONG + _TAKE_IT_AWAY + _ASKED)
"""What says that something is not as it should be."""
