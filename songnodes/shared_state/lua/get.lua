-- Return the time in microseconds and the value of KEYS[1], false if there is none.
-- From Redis 5 on a script's effects are replicated, not the script: reading the time first is allowed.
local time = redis.call('TIME')
return {time[1] * 1000000 + time[2], redis.call('GET', KEYS[1])}
