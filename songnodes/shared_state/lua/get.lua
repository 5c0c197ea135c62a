-- Return the time in microseconds, the value of KEYS[1] ('' if there is none), and the id of this run of the server
-- ('' where INFO is not permitted). From Redis 5 on a script's effects are replicated, not the script: reading the
-- time first is allowed.
local time = redis.call('TIME')
local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''
return {time[1] * 1000000 + time[2], redis.call('GET', KEYS[1]) or '', run}
