"""The words by which providers say what they mean, for the table in `classification`.

`…_CODES` are matched against each of a provider's codes and types without case and punctuation, so
that `InvalidApiKey` and `invalid_api_key` are one. `…_PROSE` is matched against its lower-case
prose, only where no code says it.
"""

BAD_KEY_CODES = (
    r"^((invalid|incorrect|wrong)(api)?key|apikeyinvalid|invalidaccesstoken"
    r"|unrecognizedclient(exception)?|authfailure\w*)$"
)
BAD_KEY_PROSE = (
    r"\b(incorrect|invalid|wrong|bad|malformed) (api|access|auth(entication|orization)?)"
    r"[ _-]?(key|token)\b"
    r"|\bapi[ _-]?key (you provided )?((is|was|could) )?"
    r"(not valid|invalid|incorrect|not (be )?found)\b"
    r"|\b(access|auth|bearer|jwt|security) token( \w+){0,4} is (invalid|not valid)\b"
    r"|\bsure (that )?your api[ _-]?key is (valid|correct)\b"
    r"|\binvalid format for authorization header\b"
)
EXPIRED_CODES = (
    r"^(invalidgrant|((access|authentication)?token|key)expired|expired(key|token)(exception)?"
    r"|refreshtoken(expired|reused|invalidated)|tokenexpirederror)$"
)
# Much else has a token or key that expires (a form's CSRF token, a prompt cache's key), so it must
# be named as the credential; only under a 401 is it the credential that "the token" means.
EXPIRED_PROSE = (
    r"\b(api|access|auth(entication|orization)?|bearer|oauth2?|refresh|security|setup)[ _-]?"
    r"(token|key)s?\b((?!\b(csrf|xsrf|cache|session|window|prompt)).){0,24}\bexpired\b"
    r"|\bexpired (api|access|auth(entication|orization)?|bearer|oauth2?|refresh|security|setup)"
    r"[ _-]?(token|key)\b"
)
EXPIRED_PROSE_OF_401 = (
    r"(?<!csrf )(?<!xsrf )(?<!cache )(?<!session )(?<!window )(?<!prompt )"
    r"\b(token|jwt|key|credential|signature)s? ((has|have|is|are|was) )?(been )?expired\b"
    r"|\bexpired (token|jwt|key)\b"
)
# Whoever says "invalid or expired" does not say which.
EITHER_PROSE = r"\bor\b[^.]{0,16}\bexpired\b|\bexpired\b[^.]{0,10}\bor\b"

# 1113 and 1309 are Z.ai's: no balance, and a plan that has ended.
BILLING_CODES = (
    r"^(insufficient(user)?(quota|credits?|balance|funds)(error)?|notenough(balance|credits?)"
    r"|credit(balanceexhausted|limit(exceeded)?|serror)|exceededcurrentquotaerror|outofcredits?"
    r"|organizationusagelimitexceeded|paymentrequired|budgetexceeded|arrearage|accountoverdue(error)?"
    r"|1113|1309)$|^billing|spendlimit|tokenquotafailed$|freetieronly$"
)
BILLING_PROSE = (
    r"credit balance is too low|\b(insufficient|not enough) (\w+ ){0,3}(balance|credits?|funds)\b"
    r"|balance is insufficient|specified api usage limits|monthly spending limit"
    r"|(used all available|exceeded your monthly included|(run|ran|are) out of"
    r"|(doesn't|does not|don't|do not) have any) credits?"
    r"|\binsufficient_quota\b|budget has been exceeded|key limit exceeded|overdue balance"
    r"|free (quota|tier|trial|credits?)\b.{0,30}\b(used up|exhausted)|余额不足"
)
# OpenAI's words where a gateway dropped its code; Gemini says them of any limit.
OPENAI_BILLING_PROSE = r"exceeded your current quota, please check your plan"
GEMINI_PROSE = r"gemini|google|vertex"

NOT_IN_PLAN_CODES = r"^(usagenotincluded|1311)$"
NOT_IN_PLAN_PROSE = r"\blimit(:| of)? 0(?!\d|[.,]\d)|\bplan (does )?not support model\b"
# 1304, 1308 and 1310 are Z.ai's: the day's, five hours' and the week's allowance.
QUOTA_CODES = (
    r"^(usagelimit(reached|exceeded)|((daily|weekly|monthly)(limit|quota)|(service)?quota)"
    r"exceeded(exception)?"
    r"|1304|1308|1310)$|perday"
)
QUOTA_PROSE = (
    r"free-models-per-day|\busage limit (exceeded|reached)|daily free allocation"
    r"|\b(reached|exceeded|hit) (your|the) (\w+ ){0,2}usage limit\b|out of call volume quota"
    r"|limited to \d+ api calls / month"
)
# 1211 is Z.ai's.
NO_MODEL_CODES = (
    r"^((invalid|unknown|unavailable|nosuch)model(error|id|name)?"
    r"|model(error|doesnotexist|decommissioned|deprecated|not(?!ready)\w+)"
    r"|deploymentnotfound|invalidendpointormodel(notfound)?|1211)$"
)
# Said under a 404; NVIDIA's hosted models are functions.
MISSING_PROSE = r"(?<![/\w])models?\b|no endpoints found|\bfunction\b.{0,60}\bnot found for account"
NO_MODEL_PROSE = (
    r"\b(invalid|unknown|unavailable|no such) model\b|not a valid model"
    r"|\bmodel identifier is invalid\b|could not resolve the foundation model|no models? loaded"
    r"|\bmodel\b.{0,80}\b(decommissioned|no longer (available|supported))\b"
    r"|\bmodel\b.{0,100}\b(does not exist|not exist|not found|is not available)\b"
)
PERMISSION_CODES = (
    r"^(permission(error|denied)(error)?|accessdenied(exception)?)$"
    r"|^unsupportedcountry|modelaccessdenied$"
)
PERMISSION_PROSE = r"missing scopes|insufficient permissions|\bpermission is required\b"
NOT_FROM_HERE_PROSE = (
    r"\bcors\b|\bip\b.{0,40}\b(not|allow)|\bnot\b.{0,40}\bip\b"
    r"|member of (an|the|this) organization"
)
RATE_CODES = r"^(inflightbudgetexhausted|slowdown)$"
# A queue that is full calls itself too many requests as well, under a 503.
RATE_CODES_BELOW_500 = (
    r"^(throttling\w*|toomanyrequests\w*|requestlimitexceeded"
    r"|(request)?ratelimit(ed|error|exceeded|reached)\w*)$"
)
OVERLOADED_CODES = (
    r"^(overloadederror|unavailable|serverisoverloaded|provideroverloaded|engineoverloaded(error)?"
    r"|serveroverloaded|serviceunavailable(error|exception)?)$|capacityexceeded$"
)
TIMEOUT_CODES = r"^(timeouterror|deadlineexceeded|modeltimeoutexception)$"

# Where an error comes under 200 without a number, its prose is all there is.
UNNUMBERED_AUTH = (
    r"unauthori[sz]ed|unauthenticated|not authenticated|authentication (error|fail)|invalid token"
)
UNNUMBERED_RATE = r"\brate.?limit|too many requests"
UNNUMBERED_OVERLOAD = r"\boverloaded\b|at capacity|temporarily unavailable"
