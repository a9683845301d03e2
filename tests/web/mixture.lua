-- What wrk asks while memory is watched: mostly documents, and of each twenty requests one page, one count, one vote and
-- one that is wrong in its own way. Arguments: a seed, and a file with a Cookie header of an account a line.

local cookies = {}
local begun = false

local DOCUMENTS = { "/api/modules-registry", "/api/modules", "/changes.atom", "/openapi.yaml", "/en/docs/operators" }
local CODINGS = { "gzip", "br", "zstd", "identity" }
local PAGES = { "/en/", "/fr/", "/en/graph", "/fr/roadmap", "/en/modules/linkedin", "/fr/modules/scrap" }
local VOTE = "/api/features/linkedin/interest"

local function any(list)
    return list[math.random(#list)]
end

-- Text that was never sent before, up to 2,000 characters long.
local function text()
    local word = string.format("%x%x", math.random(0, 2 ^ 31 - 1), math.random(0, 2 ^ 31 - 1))
    return word .. string.rep(string.char(math.random(97, 122)), math.random(0, 2000))
end

local WRONG = {
    function() return "GET", "/" .. text() end,
    function() return "GET", "/api/modules/" .. text() end,
    function() return "GET", "/en/modules/" .. text() end,
    function() return "GET", "/fr/docs/" .. text() end,
    function() return "GET", "/assets/" .. text() .. "/site.css" end,
    function() return "POST", "/api/features/" .. text() .. "/interest" end,
    function() return "GET", "/api/changes?" .. text() .. "=1" end,
    function() return "GET", "/api/pipelines/plan?modules=" .. text() end,
    function() return "GET", "/api/features", { Cookie = "session=" .. text() } end,
    function() return "GET", "/api/features", { Cookie = text() .. "=1; session=a.b.c" } end,
    function() return "POST", VOTE, { Origin = "https://" .. text():sub(1, 60) .. ".example", Cookie = any(cookies) } end,
    function() return "GET", "/api/modules", { ["If-Modified-Since"] = text(), ["Accept-Encoding"] = text() } end,
    function() return "GET", "/", { ["Accept-Language"] = text() } end,
    function() return "PATCH", "/api/feedback/" .. text(), { ["If-Match"] = text() }, text() end,
    function() return "POST", "/api/feedback", { Cookie = any(cookies), ["Content-Type"] = "application/json" }, text() end,
    function() return "POST", "/sign-in?token=" .. text() end,
    function() return text():sub(1, 20):upper(), "/api/modules" end,
    function() return "DELETE", "/api/modules?" .. text(), { ["X-" .. text():sub(1, 30)] = text() } end,
}

function init(args)
    math.randomseed(tonumber(args[1]))
    for line in io.lines(args[2]) do
        cookies[#cookies + 1] = line
    end
end

function request()
    local kind = begun and math.random(20) or 20
    begun = true -- wrk looks at the first one itself, and knows no methods of ours
    if kind == 1 then
        return wrk.format("GET", any(PAGES))
    elseif kind == 2 then
        return wrk.format("GET", "/api/features", { Cookie = any(cookies) })
    elseif kind == 3 then
        return wrk.format(any({ "POST", "DELETE" }), VOTE, { Cookie = any(cookies) })
    elseif kind == 4 then
        return wrk.format(any(WRONG)())
    elseif kind <= 8 then
        return wrk.format("GET", any(DOCUMENTS), { ["If-None-Match"] = "*" })
    end
    return wrk.format("GET", any(DOCUMENTS), { ["Accept-Encoding"] = any(CODINGS) })
end
