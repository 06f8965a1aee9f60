"""The words by which providers say what they mean, for the table in `rules`.

`…_CODES` are matched against each of a provider's codes and types without case and punctuation, so
that `InvalidApiKey` and `invalid_api_key` are one. `…_PROSE` is matched against its lower-case
prose, only where no code says it.
"""

BAD_KEY_CODES = (
    r"^((invalid|incorrect|wrong)(api)?key|apikeyinvalid|invalidaccesstoken"
    r"|unrecognizedclient(exception)?|authfailure\w*)$"
)
BAD_KEY_PROSE = (
    r"\b(incorrect|invalid|wrong|bad|malformed) ((x-)?api|access|auth(entication|orization)?)"
    r"[ _-]?(key|token)\b"
    r"|\bapi[ _-]?key (you provided )?((is|was|could) )?"
    r"(not valid|invalid|incorrect|not (be )?found)\b"
    r"|\b(access|auth|bearer|jwt|security) token( \w+){0,4} is (invalid|not valid)\b"
    r"|\bsure (that )?your api[ _-]?key is (valid|correct)\b"
    r"|\binvalid format for authorization header\b"
    # A credential of the wrong sort.
    r"|\b(api|access|oauth|session|personal access) (keys?|tokens?|authentication) (is|are)"
    r" (currently |no longer )?not (supported|accepted)\b(?! in)"
    r"|(令牌|密钥|api ?key) ?(无效|错误|不正确)|无效的 ?(令牌|密钥|api ?key)"
)
EXPIRED_CODES = (
    r"^(invalidgrant|((access|authentication)?token|(api)?key)expired|expired(key|token)(exception)?"
    r"|refreshtoken(expired|reused|invalidated)|tokenexpirederror)$"
)
# Much else has a token or key that expires (a form's CSRF token, a prompt cache's key), so it must
# be named as the credential; only under a 401 is it the credential that "the token" means.
EXPIRED_PROSE = (
    r"\b(api|access|auth(entication|orization)?|bearer|oauth2?|refresh|security|setup)[ _-]?"
    r"(token|key)s?\b((?!\b(csrf|xsrf|cache|session|window|prompt)).){0,24}\bexpired\b"
    r"|\bexpired (api|access|auth(entication|orization)?|bearer|oauth2?|refresh|security|setup)"
    r"[ _-]?(token|key)\b|(令牌|密钥|api ?key) ?已?过期"
)
EXPIRED_PROSE_OF_401 = (
    r"(?<!csrf )(?<!xsrf )(?<!cache )(?<!session )(?<!window )(?<!prompt )"
    r"\b(token|jwt|key|credential|signature)s? ((has|have|is|are|was) )?(been )?expired\b"
    r"|\bexpired (token|jwt|key)\b"
)
# Whoever says "invalid or expired" does not say which.
EITHER_PROSE = r"\bor\b[^.]{0,16}\bexpired\b|\bexpired\b[^.]{0,10}\bor\b"
# Who refused was behind the gateway that answered: its key, not ours.
UPSTREAM_CODES = r"^upstream\w*error$"
UPSTREAM_AUTH_PROSE = r"\b401\b|unauthori[sz]ed|\binvalid (token|key)\b"
UPSTREAM_PROSE = r"\bupstream\b|provider returned error|litellm\.\w*error: .{0,60}exception\b"

# 1113 and 1309 are Z.ai's: no balance, and a plan that has ended.
BILLING_CODES = (
    r"^(insufficient(user)?(userquota|credits?|balance|funds)(error)?|notenough(balance|credits?)"
    r"|credit(balanceexhausted|limit(exceeded)?|serror)|exceededcurrentquotaerror|outofcredits?"
    r"|organizationusagelimitexceeded|paymentrequired|budgetexceeded|arrearage|accountoverdue(error)?"
    r"|(api)?keyquotaexhausted|invalidsubscription|1113|1309)$"
    r"|spendlimit|tokenquotafailed$|freetieronly$|^billing(not|hard|soft|disabled)\w*$"
)
# Some say so of a window that comes round.
VAGUE_BILLING_CODES = r"^(insufficient(user)?quota(error)?|billing\w*)$"
_PURSE = r"(balance|credits?|funds|prepayments?|wallet)"
_EMPTY = r"(depleted|exhausted|used up|insufficient|empty|negative|overdrawn|overdue|too low|zero)"
BILLING_PROSE = (
    rf"\b{_PURSE} (has|have|is|are|was|were) (been )?(now |fully |currently )?{_EMPTY}\b"
    rf"|\b(insufficient|not enough|out of|used all available|(have|has|with) no"
    rf"|no (more|remaining|available)|negative|(doesn't|does not|don't|do not) have (any|enough))"
    rf" (\w+ ){{0,3}}{_PURSE}\b"
    r"|\b(requires? more|exceeded your monthly included) credits\b|specified api usage limits"
    r"|\bspend(ing)?[ -](limit|cap|budget)\b|usage limit is set to \$0"
    r"|\b(out of|over) budget\b|\bbudget has been exceeded!|\bcredit limit (exceeded|reached)\b"
    r"|\bunpaid (invoice|balance|bill)|\bplease (top up|recharge)\b|\bfree allocated quota"
    r"|\b(out of|used up( all)?( of)? your|no more|draw from your) extra usage\b"
    r"|\bextra usage is required\b|\b(subscription|trial) (has |is )?(been )?"
    r"(expired|ended|cancell?ed)\b"
    r"|\b(no|not have an?) (active|valid) (\w+ )?subscription\b"
    r"|\binsufficient_quota\b|key limit exceeded|\boverdue (balance|payment|invoice)|\bin arrears\b"
    r"|\bfree (quota|tier|trial|credits?)\b.{0,30}\b(used up|exhausted)"
    r"|\b(is )?not active, please check your billing\b"
    r"|余[额量](不足|不够|已?用[尽完]|为 ?[零0负])|[积点]分?数?不足|欠费|(订阅|套餐)已?过期|续费"
)
# Not under a 400: a model that thinks has a budget as well.
BUDGET_PROSE = (
    r"\bbudget( \w+){0,3} (has been |was |is )?(exceeded|exhausted|reached|used up)\b"
    r"|\b(hit|exceeded|reached|over)( \w+){1,4} budget\b"
)
# What a key of a relay may spend in all; with a period beside it, it is a quota.
KEY_SPENT_PROSE = (
    r"\b(token|key|user)('s)? (total |remain(ing)? )?(quota|allowance|balance|credits?) "
    r"((has|have|is|was) )?(been )?(exhausted|used up|exceeded|depleted|insufficient|not enough)\b"
    r"|额度(已经?)?(用尽|用完|耗尽|不足|不够|失败)|剩余额度: ?-?0\b"
)
# OpenAI's words where a gateway dropped its code; Gemini says them of any limit.
OPENAI_BILLING_PROSE = r"exceeded your current quota, please check your plan"
GEMINI_PROSE = r"gemini|google|vertex"

# Before a verb that shuts, only an id may stand: "the account's streaming is disabled" is less.
_SHUT = (
    r"(disabled|suspended|deactivated|terminated|banned|closed|frozen|locked|deleted|on hold"
    r"|(blocked|restricted)(?! (to|from|for)\b))"
)
_ID_BETWEEN = (
    r"( ['\"`(<\[]*[\w.@:/-]*[\d_@:/-][\w.@:/-]*['\"`)>\]]*| ['\"`][^'\"`]{1,60}['\"`]){0,2}"
)
SHUT_PROSE = (
    rf"\b((account|organi[sz]ation|workspace|project|team|tenant|consumer){_ID_BETWEEN}"
    r"('s access( to the \w+)?)?|your (api )?access( to the \w+)?) (has been|have been|is|was|has) "
    rf"(currently |temporarily |permanently )?{_SHUT}"
    r"|([账帐][号户]|用户|组织)[^。,;!?]{0,6}(被|已)[^。,;!?]{0,4}(封禁|禁用|停用|冻结|注销|锁定)"
)
SHUT_CODES = (
    r"^(account|organization|workspace|project|team|user|consumer)(is|has|been)*"
    r"(disabled|suspended|deactivated|terminated|banned|blocked|closed|onhold)(error|exception)?$"
    r"|^(disabled|suspended|deactivated|banned)(account|organization|workspace|project|user)$"
)

NOT_IN_PLAN_CODES = r"^(usagenotincluded|1311)$|modelaccessdenied$"
NOT_IN_PLAN_PROSE = (
    r"\blimit(:| of)? 0(?!\d|[.,]\d)|\bplan (does )?not support model\b"
    r"|\bmodel requires an? (\w+ )?(subscription|plan)\b"
    r"|\bmodel\b.{0,60}\bnot (available|included|supported) (on|in|by|under|with) (your|the|this)"
    r" (current )?(subscription|plan|tier)\b"
)
# A window that comes round: what a quota is counted over, and a throttle is not.
_PERIOD = (
    r"(daily|hourly|weekly|monthly|rolling|per (day|week|month)|(to)?day's|week's|month's"
    r"|(?<!in )(?<!after )(\d+|five|seven)[ -]?(hours?|h|days?|d))"
)
_LIMIT = r"(limits?|quotas?|allowances?|allocations?|caps?)"
_USED = r"(reached|exceed(ed|s)?|exhausted|hit|used up|depleted|ran out)"
_NOT_OF_RATE = (
    r"(?!([\w/().-]+ ){0,3}(rate|concurren\w+|spend\w*|context|tokens?|requests?|[rtqi]p[ms]"
    r"|per-\w+|burst|parallel|throughput|calls?)\b)"
)
_CHINESE_PERIOD = (
    r"(每[日天周月]|[今当本][日天周月]|\d+ ?(个?小时|天)"
    r"|[日周月天](使用)?(额度|限[额制]|上限|配额))"
)
PERIOD_PROSE = rf"\b{_PERIOD}\b|{_CHINESE_PERIOD}"
# 1304, 1308 and 1310 are Z.ai's: the day's, five hours' and the week's allowance.
WINDOW_CODES = (
    r"perday|byday$|(hour|day|dai|week|month)(ly)?(usage)?(limit|quota)(exceeded|reached)$"
    r"|^(daily|weekly|monthly)requestcount$"
)
QUOTA_CODES = (
    r"^(usagelimit(reached|exceeded)|(service|account|usage)?quotaexceeded(exception)?"
    rf"|1304|1308|1310)$|{WINDOW_CODES}"
)
QUOTA_PROSE = (
    r"free-models-per-day|\busage limit\b.{0,30}\b(exceeded|reached|exhausted)"
    r"|out of call volume quota|limited to \d+ api calls / month"
    rf"|\b{_USED} (your|the|its) ([\w/().-]+ ){{0,3}}usage (limit|quota)\b"
    rf"|\b{_PERIOD}\b[^.]{{0,24}}\b(allocation|allowance)|\bper 86400 ?s\b"
    r"|\b(hour|day|week|month) allocated quota\b"
    r"|使用上限|配额(已经?)?(用尽|用完|耗尽|不足)|[日周月天](使用)?(额度|限[额制]|上限|配额)"
)
# Said of a request that was not malformed.
PERIOD_USED_PROSE = (
    rf"\b{_PERIOD}\b[^.]{{0,40}}\b{_LIMIT}\b[^.]{{0,40}}\b{_USED}\b"
    rf"|\b{_USED}\b[^.]{{0,40}}\b{_PERIOD}\b[^.]{{0,40}}\b{_LIMIT}\b"
    rf"|\b{_LIMIT}\b[^.]{{0,20}}\b{_PERIOD}\b[^.]{{0,20}}\b{_USED}\b"
    r"|\b(tokens?|requests?|messages?|calls?|prompts?)( per | a | ?/ ?)(day|week|month)\b"
    r"|\b(quota|limit|requests) for (to|the |this )(day|week|month)\b"
    r"|\b[tr]pd\b|\bquota (limit|will)\b.{0,40}\b(window|refresh|reset)"
    rf"|\bquota limit (has been |is |was )?{_USED}\b"
    r"|\b(rolling|\d+[ -]?(hour|day)) (time )?window\b"
    rf"|\b(reached|hit|exceeded|used up) your {_NOT_OF_RATE}([\w/().-]+ ){{0,4}}limit\b"
    rf"|{_CHINESE_PERIOD}.{{0,12}}(额度|限额|配额|上限|次数|限制|请求数)"
)
MINUTE_PROSE = (
    r"(?<!day )(?<!hour )(?<!week )(?<!month )(?<!free )\ballocated quota exceeded"
    r"|\b(tokens?|requests?|queries|calls|models)[ -]?(per|a|/)[ -]?(min|sec)\w*\b"
    r"|\b[tr]p[ms]\b|\bq(ps|pm)\b"
)

# 1211 is Z.ai's.
NO_MODEL_CODES = (
    r"^((invalid|unknown|unavailable|unsupported|nosuch)model(error|id|name)?"
    r"|model(is)?(error|doesnotexist|decommissioned|deprecated|deactivated|disabled|retired|removed"
    r"|unavailable|not(?!ready|allowed)\w+)"
    r"|deploymentnotfound|invalidendpointormodel(notfound)?|1211)$"
)
# Said under a 404; NVIDIA's hosted models are functions.
MISSING_PROSE = r"(?<![/\w])models?\b|no endpoints found|\bfunction\b.{0,60}\bnot found for account"
# The name of a model after that word, or nothing.
_ID = r"( name| id| code)?:?( ['\"`]?[\w.:/@-]+['\"`]?)?( version)?"
_GONE = (
    r"(decommissioned|deactivated|retired|discontinued|sunset|removed"
    r"|no longer (available|supported))"
)
NO_MODEL_PROSE = (
    r"\b(invalid|unknown|unavailable|unsupported|unrecognized|no such|not( a)? supported) model\b"
    r"|\bunknown provider for model\b|\bno model named\b|\bnot find the model\b|\bmodel_not_found\b"
    r"|\bmodel unknown\b|\bpassed (in )?model=|not a valid model|\bmodel identifier is invalid\b"
    r"|could not resolve the foundation model"
    r"|no models? loaded"
    rf"|(?<!of this )\bmodel{_ID} (has|have|is|was|are|had)\b[^,;]{{0,60}}\b{_GONE}"
    rf"|(?<!of this )\bmodel{_ID} ((does not|doesn't|not) exist|(was |could )?not (be )?found"
    r"|is not available)\b"
    rf"|(?<!for )(?<!by )(?<!with )(?<!of this )\bmodel{_ID} (is|are) "
    r"(not|un)[ -]?(supported|recogni[sz]ed|known|available)\b"
    r"|\bno (healthy |available )?(deployments?|channels?)\b.{0,40}\bmodel\b"
    r"|模型.{0,40}(不存在|未找到|已下线|已下架|已停用|名称错误)|(不存在|不支持)[的该]?模型"
)
# Of a request the model cannot take, not of the model.
ABILITY_PROSE = (
    r"\bendpoints? (found |available )?that (support|can)\b|\bnot a (vision|multi-?modal) model\b"
    r"|(\b(not|cannot|that|to)|n't) (support|accept|handle|process|allow|take)s?\b.{0,30}"
    r"\b(image|vision|visual|picture|audio|video|pdf|file|multi-?modal|tool|function)"
    r"|\b(images?|vision|pictures?|audio|video|pdfs?|multi-?modal|image_url|tools?|tool use"
    r"|function calling)( \w+){0,2} (is|are) not (supported|available|enabled|allowed)"
)
DATA_POLICY_PROSE = r"\b(data|privacy) (policy|policies|settings?)\b|\bguardrail restrictions\b"
# Of this prompt: another one may be answered.
PROMPT_CODES = (
    r"contextlength|contextwindow|stringabovemax|toolarge|contentfilter|contentpolicy"
    r"|responsibleai|datainspection|riskdetection|sensitivecontent|moderation|safety|invalidprompt"
    r"|^1301$"
)
PROMPT_PROSE = (
    r"\b(flagged|moderation|harmful|unsafe|inappropriate|offensive|sensitive|content exists risk"
    r"|high risk)\b|上下文"
    r"|\bcontent (filter|policy|management)|\bviolat\w+\b.{0,40}\b(polic|guideline|terms|safety)"
    r"|\bsafety (system|check|filter|polic|guideline)|\bcontext (length|window|size)"
    r"|\bmaximum (context|prompt|input)|\b(model|input) token limit"
    r"|\btokens (in request )?(more than|exceed)"
    r"|\b(prompt|input|request|message)s? ((is|are|was) )?too (long|large)"
    r"|\bexceeds? the (context|maximum|model's)|敏感内容|不安全|违规内容|内容安全"
)
_CREDENTIAL = (
    r"(accounts?|organi[sz]ations?|workspaces?|projects?|teams?|tenants?|consumers?|customers?"
    r"|users?|principal|(api[ _-]?)?keys?|credentials?|scopes?|subscription|licen[sc]ed?|ip|network"
    r"|(access|auth|authentication|api|oauth|your|this) tokens?|region|country|territory|cors)"
)
CREDENTIAL_PROSE = rf"\b{_CREDENTIAL}\b|authentication method|credit card|[账帐][号户]|密钥|令牌"
CREDENTIAL_CODES = (
    r"apikey|account|organization|project|consumer|customer|scope|unsupportedcountry|servicedisabled"
    r"|billing|subscription|user|ipnotauthorized"
)
# Names a model, and not only a right (`models` permission, model.request) or what was asked.
MODEL_PROSE = r"(?<![/\w.`-])models?\b(?!\.\w|['\"`]? permission| request)|\bquery endpoint\b|模型"
MODEL_CODES = r"permodel|^usagenotincluded$|^1311$|modelaccessdenied$|^model"
PERMISSION_CODES = (
    r"^(permission(error|denied)(error)?|accessdenied(exception)?)$"
    r"|^unsupportedcountry"
)
PERMISSION_PROSE = r"missing scopes|insufficient permissions|\bpermission is required\b"
NOT_FROM_HERE_PROSE = (
    r"\bcors\b|\bip\b.{0,40}\b(not|allow)|\bnot\b.{0,40}\bip\b"
    r"|member of (an|the|this) organization"
)
# Said by one under 400 as well.
RATE_PROSE = (
    r"\brequest rate increased too quickly\b|\brate limit (exceeded|reached)\b"
    r"|\b(exceeded|hit|reached) (a|your|the) (\w+ )?rate limit\b"
)
RATE_CODES = r"^(inflightbudgetexhausted|slowdown)$"
# A queue that is full calls itself too many requests as well, under a 503.
RATE_CODES_BELOW_500 = (
    r"^(throttling\w*|toomanyrequests\w*|requestlimitexceeded"
    r"|(request)?ratelimit(ed|error|exceeded|reached)\w*)$"
)
# A gateway's own error around the 429 it was given.
WRAPPED_RATE_PROSE = r"litellm\.ratelimiterror|\b(error|status)( code)?:? ?\(?429\b|\b429 too many"
OVERLOADED_CODES = (
    r"^(overloadederror|unavailable|serverisoverloaded|provideroverloaded|engineoverloaded(error)?"
    r"|serveroverloaded|serviceunavailable(error|exception)?)$|capacityexceeded$"
)
# 1305 and 1312 are Z.ai's.
CAPACITY_CODES = r"capacity(exceeded|exhausted)$|overloaded(error)?$|^(1305|1312)$"
CAPACITY_PROSE = (
    r"\b(at|over|no|insufficient|out of|limited|exceed\w*|reached)( \w+)? capacity\b(?! of your)"
    r"|\bcapacity (limits?|constraints?|(temporarily )?(exceeded|exhausted|reached|available))\b"
    r"|\boverloaded\b"
    r"|\b(high|heavy) (demand|load|traffic)\b"
    r"|\b(server|service|system|model)s? ((is|are)( \w+)? )?busy\b"
    r"|访问量过大|负载(已|过|较)?[高饱]|过载|繁忙|流量过大"
)
TIMEOUT_CODES = r"^(timeouterror|deadlineexceeded|modeltimeoutexception)$"
# Trouble of a server that answers as if the request were wrong.
NOT_LOADED_PROSE = (
    r"\b(failed to|could not|couldn't|cannot|can't|unable to) (load|start|allocate|initialize)\b"
    r"|\bmodel (could not|cannot|can't) be loaded"
    r"|^(compute|channel) error\b|\bmodel (is |was )?(re|un)loaded\b"
    r"|\berror loading (the )?model|\bmodel (\S+ )?(failed to load|has crashed|crashed)"
    r"|\b(out of|insufficient|not enough) (system |gpu |video )?(memory|resources)\b"
    r"|\brequires more (system )?memory|\bcuda error"
    r"|\brunner (process )?(has )?(terminated|crashed)"
)
# An edge (Cloudflare and the like) that refused the client before anyone saw the key.
EDGE_PROSE = (
    r"^error code: 1\d{3}\b|\b(cloudflare|akamai|incapsula|imperva|web application firewall)\b"
    r"|\byou (have been|are|were) blocked\b"
)

# Where an error comes under 200 without a number, its prose is all there is.
UNNUMBERED_AUTH = (
    r"unauthori[sz]ed|unauthenticated|not authenticated|authentication (error|fail)|invalid token"
)
UNNUMBERED_RATE = r"\brate.?limit|too many requests"
UNNUMBERED_OVERLOAD = r"\boverloaded\b|at capacity|temporarily unavailable"
